//! `GlobalMaxPooling2D`: `keras/src/layers/pooling/global_max_pooling2d.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::fact::Fact;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::global_pooling;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::ops::PoolKind;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Op, ValueId};
use crate::shape::Shape;
use crate::window::Reach;
use serde::Serialize;

/// `GlobalMaxPooling2D(keepdims)`: the largest value of each channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalMaxPooling2D {
    /// Whether the axes of height and width stay, with size 1.
    pub keepdims: bool,
}

impl Class for GlobalMaxPooling2D {
    const SIGNATURE: &'static Signature = &Signature {
        name: "GlobalMaxPooling2D",
        aliases: &["GlobalMaxPool2D"],
        doc: "Largest value of each channel",
        parameters: &global_pooling::PARAMETERS,
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        arguments.bool("keepdims").map(|keepdims| Self { keepdims })
    }
}

impl Definition for GlobalMaxPooling2D {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        global_pooling::output(self.keepdims, inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("keepdims", self.keepdims.to_string())]
    }

    fn keeps_image_with(&self) -> Option<&'static str> {
        Some("keepdims=True")
    }

    fn reach(&self, input: &Shape) -> Reach {
        global_pooling::reach(input)
    }

    fn passes_values(&self) -> bool {
        true
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        vec![
            "Each channel becomes one number, the largest of all its places: whether a pattern is anywhere in the picture."
                .to_owned(),
        ]
    }

    fn sizes(&self, place: &Place<'_>) -> Vec<Fact> {
        global_pooling::sizes(place)
    }

    fn does(&self) -> Vec<String> {
        vec!["maximum of each map".to_owned()]
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        Some(at.push(Op::GlobalPool(PoolKind::Max), vec![at.input()], at.shape()))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        global_pooling::forward(PoolKind::Max, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        global_pooling::backward(PoolKind::Max, at);
    }
}
