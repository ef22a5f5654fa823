//! `MinMaxNorm`: keras/src/constraints/constraints.py.

use super::limit::{AXIS, Constraining, Limit, axes_text};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::call::values;
use crate::training::numbers;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `MinMaxNorm`: norms outside of a range move towards its nearer end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MinMaxNorm {
    /// The smallest norm of the range; 0 by default.
    pub min_value: f64,
    /// The largest norm of the range; 1 by default.
    pub max_value: f64,
    /// The share of the way to the range that a norm moves in each update; 1 by default.
    pub rate: f64,
    /// The axes that a norm is taken over, in Keras's order.
    pub axis: Vec<i64>,
}

impl Constraining for MinMaxNorm {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MinMaxNorm",
        aliases: &["min_max_norm"],
        doc: "Norms outside of a range move to its nearest end",
        parameters: &[
            Argument::optional("min_value", ArgumentKind::Number, Literal::Float(0.0), "the least norm"),
            Argument::optional(
                "max_value",
                ArgumentKind::Number,
                Literal::Float(1.0),
                "the largest norm",
            ),
            Argument::optional(
                "rate",
                ArgumentKind::Number,
                Literal::Float(1.0),
                "the share of the way that a norm goes with each update",
            ),
            AXIS,
        ],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        let (least, most) = (
            arguments.read("min_value", values::non_negative),
            arguments.read("max_value", values::non_negative),
        );
        let rate = arguments.read("rate", numbers::share);
        let axis = arguments.read("axis", sizes::integers);
        let (least, most) = (least?, most?);
        if least > most {
            let span = arguments.span_of("min_value");
            arguments.diagnostics().push(
                Diagnostic::error("E0109", "`min_value` is above `max_value`")
                    .at(span, format!("from {least} to {most}"))
                    .help("swap them"),
            );
            return None;
        }
        Some(Self {
            min_value: least,
            max_value: most,
            rate: rate?,
            axis: axis?,
        })
    }

    fn limit(&self) -> Limit {
        Limit::Norm {
            least: self.min_value,
            most: self.max_value,
            rate: self.rate,
        }
    }

    fn axes(&self) -> &[i64] {
        &self.axis
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("min_value", format!("{:?}", self.min_value)),
            ("max_value", format!("{:?}", self.max_value)),
            ("rate", format!("{:?}", self.rate)),
            ("axis", axes_text(&self.axis)),
        ]
    }
}
