//! `Subtract`: `keras/src/layers/merging/subtract.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::merging;
use crate::layers::place::Place;
use crate::ops::{Merging, Rescale};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Merge, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Subtract()`: the first of two tensors minus the second, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Subtract {}

impl Class for Subtract {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Subtract",
        aliases: &[],
        doc: "First of two outputs less the second, number by number: Subtract()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Subtract {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        if inputs.len() != 2 {
            return Err(Refusal::NotTwo { given: inputs.len() });
        }
        merging::output(inputs)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        at.merged(Merge::Subtract)
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        merging::chain(Merging::Subtract, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let (doutput, shape) = (at.doutput(), at.shape());
        merging::give(0, doutput, at);
        if at.needs(1) {
            let negative = at.tensor("negative", shape);
            at.push(Rescale::by(-1.0, doutput, negative));
            merging::give(1, negative, at);
        }
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!(
            "Of {} the first less the second, number by number.",
            place.input_names()
        )]
    }

    fn form(&self) -> Form {
        Form::Chip("−")
    }
}
