//! `LeakyReLU`: `keras/src/layers/activations/leaky_relu.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
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

/// `LeakyReLU(negative_slope)`: x where positive, else x times a small slope.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LeakyReLU {
    /// The factor of numbers below zero, 0.3 by default.
    pub negative_slope: f32,
}

/// Keras still takes the argument under its older name.
#[allow(clippy::indexing_slicing, reason = "a constant, whose indices the compiler checks")]
const KEYWORDS_AND_ALPHA: [Argument; KEYWORDS.len() + 1] = {
    let mut all = [Argument::optional(
        "alpha",
        ArgumentKind::Number,
        Literal::None,
        "older name of negative_slope",
    ); KEYWORDS.len() + 1];
    let mut index = 0;
    while index < KEYWORDS.len() {
        all[index] = KEYWORDS[index];
        index += 1;
    }
    all
};

impl Class for LeakyReLU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "LeakyReLU",
        aliases: &[],
        doc: "x where positive, else x times a small slope",
        parameters: &[Argument::optional(
            "negative_slope",
            ArgumentKind::Number,
            Literal::Float(0.3),
            "slope below zero",
        )],
        keywords: &KEYWORDS_AND_ALPHA,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let name = if arguments.written("alpha").is_some() {
            "alpha"
        } else {
            "negative_slope"
        };
        let negative_slope = arguments.read(name, values::non_negative)? as f32;
        Some(Self { negative_slope })
    }
}

impl Definition for LeakyReLU {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("negative_slope", format!("{:?}", self.negative_slope))]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.function())
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.activated(self.function(), input))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        activations::forward(self.function(), at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        activations::backward(self.function(), at);
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        activations::words(self.function())
    }

    fn form(&self) -> Form {
        Form::Chip("relu")
    }
}

impl LeakyReLU {
    const fn function(&self) -> ActivationFunction {
        ActivationFunction::Relu {
            negative_slope: self.negative_slope,
            ceiling: None,
            threshold: 0.0,
        }
    }
}
