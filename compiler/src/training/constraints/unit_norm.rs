//! `UnitNorm`: keras/src/constraints/constraints.py.

use super::limit::{AXIS, Constraining, Limit, axes_text};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::call::sizes;
use serde::Serialize;

/// `UnitNorm`: each norm becomes 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitNorm {
    /// The axes that a norm is taken over, in Keras's order.
    pub axis: Vec<i64>,
}

impl Constraining for UnitNorm {
    const SIGNATURE: &'static Signature = &Signature {
        name: "UnitNorm",
        aliases: &["unit_norm"],
        doc: "Each norm becomes 1",
        parameters: &[AXIS],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            axis: arguments.read("axis", sizes::integers)?,
        })
    }

    fn limit(&self) -> Limit {
        Limit::Norm {
            least: 1.0,
            most: 1.0,
            rate: 1.0,
        }
    }

    fn axes(&self) -> &[i64] {
        &self.axis
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![("axis", axes_text(&self.axis))]
    }
}
