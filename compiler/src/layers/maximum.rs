//! `Maximum`: `keras/src/layers/merging/maximum.py`.

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

/// `Maximum()`: the largest of two or more tensors, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Maximum {}

impl Class for Maximum {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Maximum",
        aliases: &[],
        doc: "Largest of two or more outputs, number by number: Maximum()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Maximum {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        merging::output(inputs)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        at.merged(Merge::Maximum)
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        merging::chain(Merging::Maximum, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        merging::extreme_backward(Merging::Maximum, at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Of {} the largest is kept, number by number.",
            place.input_names()
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("max")
    }
}
