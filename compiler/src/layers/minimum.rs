//! `Minimum`: `keras/src/layers/merging/minimum.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::merging;
use crate::layers::place::Place;
use crate::ops::Merging;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Merge, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Minimum()`: the smallest of two or more tensors, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Minimum {}

impl Class for Minimum {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Minimum",
        aliases: &[],
        doc: "Smallest of two or more outputs, number by number: Minimum()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Minimum {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        merging::output(inputs)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        at.merged(Merge::Minimum)
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        merging::chain(Merging::Minimum, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        merging::extreme_backward(Merging::Minimum, at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Of {} the smallest is kept, number by number.",
            place.input_names()
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("min")
    }
}
