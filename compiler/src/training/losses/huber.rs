//! `Huber`: how far numbers are off, where a few may be far off. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `d^2 / 2` for differences d up to delta, `delta (d - delta / 2)` beyond; the mean over outputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Huber {
    /// The difference at which the parabola turns into a straight line; 1 by default.
    pub delta: f32,
}

impl Objective for Huber {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Huber",
        aliases: &[],
        doc: "Half the square of the difference up to delta, a straight line beyond; the mean over outputs",
        parameters: &[
            Argument::optional(
                "delta",
                ArgumentKind::Number,
                Literal::Float(1.0),
                "difference beyond which the loss is a straight line",
            ),
            common::REDUCTION,
            common::name("huber_loss"),
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "huber";

    const ALIASES: &'static [&'static str] = &["huber_loss"];

    fn by_name() -> Self {
        Self { delta: 1.0 }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            delta: common::positive(given, "delta")?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Values
    }

    fn check(&self, _: &Ending<'_>, _: &Place, _: &mut Vec<Diagnostic>) {}

    fn criterion(&self, _: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::Huber { delta: self.delta })
    }

    fn printed(&self) -> String {
        common::printed("Huber", None, &[("delta", self.delta, 1.0)])
    }

    fn words(&self, _: usize) -> Vec<String> {
        vec![format!(
            "The loss is half the square of how far an output is from its target, up to {}; beyond that it grows in a straight \
             line, so that single targets that are far off do not rule. Of several outputs it is the mean.",
            self.delta
        )]
    }
}
