//! `Activation`: `keras/src/layers/activations/activation.py`.

use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::values;
use crate::layers::activations;
use crate::layers::definition::{Class, Definition, Refusal};
use crate::layers::glyph::Form;
use crate::layers::keywords::KEYWORDS;
use crate::layers::place::Place;
use crate::layers::weighted;
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::portable::{At, ValueId};
use crate::shape::Shape;
use serde::Serialize;

/// `Activation(activation)`: a function of each value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activation {
    /// The function; `Softmax` runs over the last axis.
    pub function: ActivationFunction,
}

impl Class for Activation {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Activation",
        aliases: &[],
        doc: "A function of each value",
        parameters: &[Argument::required(
            "activation",
            ArgumentKind::Activation,
            "the function",
        )],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let function = arguments.read("activation", values::activation)?;
        Some(Self { function })
    }
}

impl Definition for Activation {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("activation", self.function.to_string())]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.function)
    }

    fn passes_values(&self) -> bool {
        self.function == ActivationFunction::Linear
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        activations::words(self.function)
    }

    fn form(&self) -> Form {
        Form::Chip("f(x)")
    }

    fn does(&self) -> Vec<String> {
        weighted::does(self.function).into_iter().collect()
    }

    fn portable(&self, at: &mut At<'_>) -> Option<ValueId> {
        let input = at.input();
        Some(at.activated(self.function, input))
    }

    fn forward(&self, at: &mut Forward<'_>) -> TensorId {
        activations::forward(self.function, at)
    }

    fn backward(&self, at: &mut Backward<'_>) {
        activations::backward(self.function, at);
    }
}
