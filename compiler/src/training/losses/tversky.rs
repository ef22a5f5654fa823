//! `Tversky`: how little outputs and targets overlap, with a weight for either kind of error. Source:
//! `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use super::overlapping::{AXIS, Axes};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::{Criterion, Overlap, Overlapping};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `1 - B / (B + alpha (X - B) + beta (T - B))`, where B is the sum of the products of outputs and targets, X that of
/// the outputs and T that of the targets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tversky {
    /// The weight of targets that outputs miss.
    pub alpha: f32,
    /// The weight of outputs that targets do not have.
    pub beta: f32,
    /// The axes that are summed over.
    pub axes: Axes,
}

impl Objective for Tversky {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Tversky",
        aliases: &[],
        doc: "One less the overlap of outputs and targets, where what is missed and what is too much weigh differently",
        parameters: &[
            Argument::optional(
                "alpha",
                ArgumentKind::Number,
                Literal::Float(0.5),
                "the weight of targets that outputs miss",
            ),
            Argument::optional(
                "beta",
                ArgumentKind::Number,
                Literal::Float(0.5),
                "the weight of outputs that targets do not have",
            ),
            common::REDUCTION,
            common::name("tversky"),
            AXIS,
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "tversky";

    fn by_name() -> Self {
        Self {
            alpha: 0.5,
            beta: 0.5,
            axes: Axes::ALL,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let alpha = common::non_negative(given, "alpha");
        let beta = common::non_negative(given, "beta");
        Some(Self {
            axes: Axes::read(given)?,
            alpha: alpha?,
            beta: beta?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Binary
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        self.axes.check("Tversky", ending, place, diagnostics);
    }

    fn criterion(&self, _: bool, _: bool) -> Option<Criterion> {
        None
    }

    fn overlap(&self, rank: usize) -> Option<Overlapping> {
        let overlap = Overlap {
            factor: 1.0,
            both: 1.0 - self.alpha - self.beta,
            targets: self.alpha,
            outputs: self.beta,
        };
        Some(self.axes.overlapping(overlap, rank))
    }

    fn printed(&self) -> String {
        format!(
            "Tversky(alpha={}, beta={}, axis={})",
            self.alpha,
            self.beta,
            self.axes.printed()
        )
    }

    fn words(&self, _: usize) -> Vec<String> {
        vec![format!(
            "The loss says how little outputs and targets overlap: it is 1 less the sum of their products, divided by the same sum \
             and {} times what outputs miss of the targets and {} times what they have and targets have not. It is 0 where both are \
             the same, and 1 where they have nothing in common.",
            self.alpha, self.beta
        )]
    }
}
