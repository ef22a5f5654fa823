//! `Multiply`: `keras/src/layers/merging/multiply.py`.

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

/// `Multiply()`: the product of two or more tensors, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Multiply {}

impl Class for Multiply {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Multiply",
        aliases: &[],
        doc: "Product of two or more outputs, number by number: Multiply()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Multiply {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        merging::output(inputs)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        at.merged(Merge::Multiply)
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        merging::chain(Merging::Multiply, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        merging::product_backward(at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Multiplies {}, number by number: one of them can open and close the way of another.",
            place.input_names()
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("×")
    }
}
