//! `L1L2`: keras/src/regularizers/regularizers.py.

use super::penalty::{Penalty, Strengths, factor};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use serde::Serialize;

/// `L1L2(l1, l2)`: the sums of absolute values and of squares, each times a factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct L1L2 {
    /// The factor of the sum of absolute values; 0 by default.
    pub l1: f64,
    /// The factor of the sum of squares; 0 by default.
    pub l2: f64,
}

impl Penalty for L1L2 {
    const SIGNATURE: &'static Signature = &Signature {
        name: "L1L2",
        aliases: &["l1_l2"],
        doc: "Adds the sum of the absolute values and the sum of the squares, each times a factor, to the loss",
        parameters: &[
            Argument::optional(
                "l1",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "the factor of the absolute values",
            ),
            Argument::optional(
                "l2",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "the factor of the squares",
            ),
        ],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        let (l1, l2) = (factor(arguments, "l1", 0.0), factor(arguments, "l2", 0.0));
        Some(Self { l1: l1?, l2: l2? })
    }

    fn strengths(&self) -> Strengths {
        Strengths {
            l1: self.l1,
            l2: self.l2,
        }
    }

    fn printed(&self) -> Vec<(&'static str, f64)> {
        vec![("l1", self.l1), ("l2", self.l2)]
    }
}
