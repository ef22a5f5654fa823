//! `L1`: keras/src/regularizers/regularizers.py.

use super::penalty::{Penalty, Strengths, factor};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use serde::Serialize;

/// `L1(l1)`: the sum of the absolute values, times a factor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct L1 {
    /// The factor of the sum; 0.01 by default.
    pub l1: f64,
}

impl Penalty for L1 {
    const SIGNATURE: &'static Signature = &Signature {
        name: "L1",
        aliases: &["l1"],
        doc: "Adds the sum of the absolute values, times a factor, to the loss",
        parameters: &[Argument::optional(
            "l1",
            ArgumentKind::Number,
            Literal::Float(0.01),
            "the factor",
        )],
        keywords: &[],
    };

    fn read(arguments: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            l1: factor(arguments, "l1", 0.01)?,
        })
    }

    fn strengths(&self) -> Strengths {
        Strengths { l1: self.l1, l2: 0.0 }
    }

    fn printed(&self) -> Vec<(&'static str, f64)> {
        vec![("l1", self.l1)]
    }
}
