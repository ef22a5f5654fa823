//! `L2`: keras/src/regularizers/regularizers.py.

use super::penalty::{Penalty, Strengths, factor};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use serde::Serialize;

/// `L2(l2)`: the sum of the squares, times a factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct L2 {
    /// The factor of the sum; 0.01 by default.
    pub l2: f64,
}

impl Penalty for L2 {
    const SIGNATURE: &'static Signature = &Signature {
        name: "L2",
        aliases: &["l2"],
        doc: "Adds the sum of the squares, times a factor, to the loss",
        parameters: &[Argument::optional(
            "l2",
            ArgumentKind::Number,
            Literal::Float(0.01),
            "the factor",
        )],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            l2: factor(arguments, "l2", 0.01)?,
        })
    }

    fn strengths(&self) -> Strengths {
        Strengths { l1: 0.0, l2: self.l2 }
    }

    fn printed(&self) -> Vec<(&'static str, f64)> {
        vec![("l2", self.l2)]
    }
}
