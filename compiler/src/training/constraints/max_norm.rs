//! `MaxNorm`: keras/src/constraints/constraints.py.

use super::limit::{AXIS, Constraining, Limit, axes_text};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::sizes;
use crate::call::values;
use serde::Serialize;

/// `MaxNorm`: norms above a limit become that limit.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MaxNorm {
    /// The largest norm; 2 by default.
    pub max_value: f64,
    /// The axes that a norm is taken over, in Keras's order.
    pub axis: Vec<i64>,
}

impl Constraining for MaxNorm {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MaxNorm",
        aliases: &["max_norm"],
        doc: "Norms above a limit become that limit",
        parameters: &[
            Argument::optional("max_value", ArgumentKind::Number, Literal::Int(2), "the largest norm"),
            AXIS,
        ],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        let most = arguments.read("max_value", values::non_negative);
        let axis = arguments.read("axis", sizes::integers);
        Some(Self {
            max_value: most?,
            axis: axis?,
        })
    }

    fn limit(&self) -> Limit {
        Limit::Norm {
            least: 0.0,
            most: self.max_value,
            rate: 1.0,
        }
    }

    fn axes(&self) -> &[i64] {
        &self.axis
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("max_value", format!("{:?}", self.max_value)),
            ("axis", axes_text(&self.axis)),
        ]
    }
}
