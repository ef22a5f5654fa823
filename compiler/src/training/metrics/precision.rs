//! `Precision`. Source: `keras/src/metrics/confusion_metrics.py`.

use super::decisions::{self, Decisions};
use super::measure::Measure;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Signature};
use crate::ops::Counting;
use serde::Serialize;

const PARAMETERS: [Argument; 5] = decisions::parameters("precision");

/// Share of the positive outputs whose target is positive.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Precision(pub Decisions);

impl Measure for Precision {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Precision",
        aliases: &[],
        doc: "Share of the positive outputs whose target is positive",
        parameters: &PARAMETERS,
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["precision", "Precision"];

    const NUMBERED: bool = true;

    fn by_name() -> Self {
        Self::default()
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Decisions::read(given).map(Self)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        self.0.arguments()
    }

    fn words(&self, _: usize) -> String {
        "the share of the positive outputs, those above the threshold, whose target is 1. Training does not look at it."
            .to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(self.0.counting())
    }

    fn value(&self, sums: &[f64], _: f64) -> f64 {
        match *sums {
            [right, wrong, _] => Decisions::share(right, wrong),
            _ => 0.0,
        }
    }

    fn class(&self) -> Option<usize> {
        self.0.class
    }

    fn of_probabilities(&self) -> bool {
        true
    }
}
