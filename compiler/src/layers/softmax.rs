//! `Softmax`: `keras/src/layers/activations/softmax.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Literal, Signature};
use crate::layers::activations;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Softmax()`: `exp(x_i) / sum_j exp(x_j)` over the last axis.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Softmax {}

impl Class for Softmax {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Softmax",
        aliases: &[],
        doc: "exp(x) over its sum along the last axis",
        parameters: &[Argument::unsupported("axis", Literal::Int(-1))],
        keywords: &KEYWORDS,
    };

    fn build(_: &mut Arguments) -> Option<Self> {
        Some(Self {})
    }
}

impl Definition for Softmax {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(ActivationFunction::Softmax)
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        activations::words(ActivationFunction::Softmax)
    }

    fn form(&self) -> Form {
        Form::Chip("softmax")
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.activated(ActivationFunction::Softmax, input))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        activations::forward(ActivationFunction::Softmax, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        activations::backward(ActivationFunction::Softmax, at);
    }
}
