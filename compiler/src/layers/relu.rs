//! `ReLU`: `keras/src/layers/activations/relu.py`.

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
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `ReLU(max_value, negative_slope, threshold)`: `max(x, 0)` by default, as [`ActivationFunction::Relu`] says in full.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReLU {
    /// The factor of `x - threshold` below the threshold, at least 0; 0 by default.
    pub negative_slope: f32,
    /// The largest output, `max_value`; None where outputs have no limit.
    pub ceiling: Option<f32>,
    /// The number above which x passes, at least 0; 0 by default.
    pub threshold: f32,
}

impl Class for ReLU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ReLU",
        aliases: &[],
        doc: "max(x, 0), with a ceiling, a slope below and a threshold if given",
        parameters: &[
            Argument::optional(
                "max_value",
                ArgumentKind::Number,
                Literal::None,
                "ceiling; None means there is none",
            ),
            Argument::optional(
                "negative_slope",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "slope below the threshold",
            ),
            Argument::optional(
                "threshold",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "where x begins to pass",
            ),
        ],
        keywords: &KEYWORDS,
    };

    fn build(arguments: &mut Arguments) -> Option<Self> {
        let ceiling = arguments.read("max_value", ceiling);
        let negative_slope = arguments.read("negative_slope", values::non_negative);
        let threshold = arguments.read("threshold", values::non_negative);
        Some(Self {
            negative_slope: negative_slope? as f32,
            ceiling: ceiling?.map(|value| value as f32),
            threshold: threshold? as f32,
        })
    }
}

impl ReLU {
    const fn function(&self) -> ActivationFunction {
        ActivationFunction::Relu {
            negative_slope: self.negative_slope,
            ceiling: self.ceiling,
            threshold: self.threshold,
        }
    }
}

impl Definition for ReLU {
    fn output(&self, inputs: &[&Shape]) -> Result<Shape, Refusal> {
        activations::output(inputs)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let ceiling = self.ceiling.map_or("None".to_owned(), |value| format!("{value:?}"));
        vec![
            ("max_value", ceiling),
            ("negative_slope", format!("{:?}", self.negative_slope)),
            ("threshold", format!("{:?}", self.threshold)),
        ]
    }

    fn activation(&self) -> Option<ActivationFunction> {
        Some(self.function())
    }

    fn words(&self, _: &Place<'_>) -> Vec<String> {
        activations::words(self.function())
    }

    fn form(&self) -> Form {
        Form::Chip("relu")
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
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn ceiling(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<f64>> {
    if value.kind == ValueKind::None {
        Some(None)
    } else {
        values::non_negative(parameter, value, diagnostics).map(Some)
    }
}
