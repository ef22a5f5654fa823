//! `Dice`: how little outputs and targets overlap. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use super::overlapping::{AXIS, Axes};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::{Criterion, Overlap, Overlapping};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `1 - 2 sum(y x) / (sum(y) + sum(x))` for targets y and outputs x.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Dice {
    /// The axes that are summed over; all by default.
    pub axes: Axes,
}

impl Objective for Dice {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Dice",
        aliases: &[],
        doc: "One less twice the overlap of outputs and targets, as a share of the sum of both",
        parameters: &[common::REDUCTION, common::name("dice"), AXIS, common::DTYPE],
        keywords: &[],
    };

    const NAME: &'static str = "dice";

    fn by_name() -> Self {
        Self { axes: Axes::ALL }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            axes: Axes::read(given)?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Binary
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        self.axes.check("Dice", ending, place, diagnostics);
    }

    fn criterion(&self, _: bool, _: bool) -> Option<Criterion> {
        None
    }

    fn overlap(&self, rank: usize) -> Option<Overlapping> {
        let overlap = Overlap {
            factor: 2.0,
            both: 0.0,
            targets: 1.0,
            outputs: 1.0,
        };
        Some(self.axes.overlapping(overlap, rank))
    }

    fn printed(&self) -> String {
        format!("Dice(axis={})", self.axes.printed())
    }

    fn words(&self, _: usize) -> Vec<String> {
        vec![
            "The loss says how little outputs and targets overlap: it is 1 less twice the sum of their products, divided by the \
             sum of all outputs and all targets. It is 0 where they are the same, and 1 where they have nothing in common, however \
             few of the targets are 1."
                .to_owned(),
        ]
    }
}
