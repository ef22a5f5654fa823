//! `Average`: `keras/src/layers/merging/average.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::layers::definition::{Arity, Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::merging;
use crate::layers::place::Place;
use crate::ops::Rescale;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, Merge, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Average()`: the mean of two or more tensors, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Average {}

impl Class for Average {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Average",
        aliases: &[],
        doc: "Mean of two or more outputs, number by number: Average()([a, b])",
        parameters: &[],
        keywords: &KEYWORDS,
    };
    const ARITY: Arity = Arity::Many;

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Average {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        merging::output(inputs)
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let share = 1.0 / at.inputs().len().max(1) as f32;
        let sum = at.merged(Merge::Add)?;
        Some(at.affine(sum, vec![share], vec![0.0]))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        let share = 1.0 / at.inputs().len().max(1) as f32;
        let (sum, output) = (merging::sum(at), at.output());
        at.push(Rescale::by(share, sum, output));
        output
    }

    fn backward(&self, at: &mut Backward<'_>) {
        let share = 1.0 / at.input_shapes().count().max(1) as f32;
        let (doutput, shape) = (at.doutput(), at.shape());
        let gradient = at.tensor("share", shape);
        at.push(Rescale::by(share, doutput, gradient));
        merging::give_all(gradient, at);
    }

    fn words(&self, place: &Place<'_>) -> Vec<String> {
        vec![format!("The mean of {}, number by number.", place.input_names())]
    }

    fn form(&self) -> Form {
        Form::Chip("mean")
    }
}
