//! `Activation`, `ReLU` and `Softmax`: `keras/src/layers/activations`.

use super::NAME;
use crate::activation::Activation as Function;
use crate::call::arguments::Arguments;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `Activation(activation)`, `ReLU(...)`, `Softmax()`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activation {
    /// The function.
    pub function: Function,
}

/// The call `Activation`.
pub static ACTIVATION: Signature = Signature {
    name: "Activation",
    aliases: &[],
    doc: "A function of each value",
    parameters: &[Parameter::required("activation", Kind::Activation, "the function")],
    keywords: &NAME,
};

/// The call `ReLU`.
pub static RELU: Signature = Signature {
    name: "ReLU",
    aliases: &[],
    doc: "max(x, 0), with a ceiling, a slope below and a threshold if given",
    parameters: &[
        Parameter::optional(
            "max_value",
            Kind::Number,
            Literal::None,
            "ceiling; None means there is none",
        ),
        Parameter::optional(
            "negative_slope",
            Kind::Number,
            Literal::Float(0.0),
            "slope below the threshold",
        ),
        Parameter::optional("threshold", Kind::Number, Literal::Float(0.0), "where x begins to pass"),
    ],
    keywords: &NAME,
};

/// The call `Softmax`.
pub static SOFTMAX: Signature = Signature {
    name: "Softmax",
    aliases: &[],
    doc: "exp(x) over its sum along the last axis",
    parameters: &[Parameter::unsupported("axis", Literal::Int(-1))],
    keywords: &NAME,
};

impl Activation {
    pub(crate) fn named(arguments: &mut Arguments) -> Option<Self> {
        Some(Self {
            function: arguments.read("activation", values::activation)?,
        })
    }

    pub(crate) fn relu(arguments: &mut Arguments) -> Option<Self> {
        let ceiling = arguments.read("max_value", ceiling);
        let negative_slope = arguments.read("negative_slope", values::non_negative);
        let threshold = arguments.read("threshold", values::non_negative);
        Some(Self {
            function: Function::Relu {
                negative_slope: negative_slope? as f32,
                ceiling: ceiling?.map(|value| value as f32),
                threshold: threshold? as f32,
            },
        })
    }

    pub(super) fn named_arguments(&self) -> Vec<(&'static str, String)> {
        vec![("activation", self.function.to_string())]
    }

    pub(super) fn relu_arguments(&self) -> Vec<(&'static str, String)> {
        let Function::Relu {
            negative_slope,
            ceiling,
            threshold,
        } = self.function
        else {
            return Vec::new();
        };
        vec![
            (
                "max_value",
                ceiling.map_or("None".to_owned(), |value| format!("{value:?}")),
            ),
            ("negative_slope", format!("{negative_slope:?}")),
            ("threshold", format!("{threshold:?}")),
        ]
    }
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn ceiling(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<f64>> {
    if value.kind == ValueKind::None {
        Some(None)
    } else {
        values::non_negative(parameter, value, diagnostics).map(Some)
    }
}
