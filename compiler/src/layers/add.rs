//! `Add`: `keras/src/layers/merging/add.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::merging;
use crate::layers::place::Place;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Merge, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Add()`: the sum of two or more tensors, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Add {}

impl Class for Add {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Add",
        aliases: &[],
        doc: "Sum of two or more outputs of one shape: Add()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Add {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        merging::output(inputs)
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Adds up {}, number by number. What was there before the layers between them takes a short way past them, and so \
             does the gradient on its way back.",
            place.input_names()
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("+")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        at.merged(Merge::Add)
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        merging::sum(at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        merging::give_all(at.doutput(), at);
    }
}
