//! `ELU`: `keras/src/layers/activations/elu.py`.

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

/// `ELU(alpha)`: `x` where positive, else `alpha (exp(x) - 1)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ELU {
    /// Outputs far below zero approach `-alpha`; 1 by default.
    pub alpha: f32,
}

impl Class for ELU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ELU",
        aliases: &[],
        doc: "x where positive, else alpha (exp(x) - 1)",
        parameters: &[Argument::optional(
            "alpha",
            ArgumentKind::Number,
            Literal::Float(1.0),
            "how far down it bends",
        )],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        // The derivative is computed from the output, whose sign would be lost with a negative alpha.
        let alpha = arguments.read("alpha", values::non_negative)? as f32;
        Some(Self { alpha })
    }
}

impl Definition for ELU {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("alpha", format!("{:?}", self.alpha))]
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
        Form::Chip("elu")
    }
}

impl ELU {
    const fn function(&self) -> ActivationFunction {
        ActivationFunction::Elu { alpha: self.alpha }
    }
}
