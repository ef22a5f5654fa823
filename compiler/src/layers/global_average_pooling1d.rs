//! `GlobalAveragePooling1D`: `keras/src/layers/pooling/global_average_pooling1d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::layers::signals;
use crate::ops::PoolKind;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `GlobalAveragePooling1D(keepdims)`: the mean of each channel of a signal.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalAveragePooling1D {
    /// Whether the axis of the length stays, with size 1.
    pub keepdims: bool,
}

impl Class for GlobalAveragePooling1D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "GlobalAveragePooling1D",
        aliases: &["GlobalAvgPool1D"],
        doc: "Mean of each channel of a signal",
        parameters: &signals::GLOBAL_PARAMETERS,
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments.bool("keepdims").map(|keepdims| Self { keepdims })
    }
}

impl Definition for GlobalAveragePooling1D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        signals::global_output(self.keepdims, inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("keepdims", self.keepdims.to_string())]
    }

    fn keeps_image_with(&self) -> Option<&'static str> {
        Some("keepdims=True")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.push(Op::GlobalPool(PoolKind::Average), vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        signals::global_forward(PoolKind::Average, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        signals::global_backward(PoolKind::Average, at);
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec!["Each channel becomes one number, the mean of the whole signal.".to_owned()]
    }

    fn does(&self) -> Vec<String> {
        vec!["mean of each channel".to_owned()]
    }
}
