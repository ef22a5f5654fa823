//! `Precision`. Source: `keras/src/metrics/confusion_metrics.py`.

use super::measure::{DTYPE, Measure, class, threshold};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps three sums: true positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Precision {
    /// The output above which an answer is positive; 0.5 by default.
    pub threshold: f32,
    /// The only class that counts; None for all.
    pub class: Option<usize>,
}

impl Measure for Precision {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Precision",
        aliases: &[],
        doc: "Share of the positive outputs whose target is positive",
        parameters: &[
            Argument::optional(
                "thresholds",
                ArgumentKind::Number,
                Literal::Float(0.5),
                "an output above it is positive; None means 0.5",
            ),
            Argument::unsupported("top_k", Literal::None),
            Argument::optional(
                "class_id",
                ArgumentKind::Natural,
                Literal::None,
                "the one class that counts; None means all",
            ),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("precision"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["precision", "Precision"];

    fn by_name() -> Self {
        Self {
            threshold: 0.5,
            class: None,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            threshold: given.read("thresholds", threshold)?,
            class: given.read("class_id", class)?,
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let class = self.class.map_or_else(|| "None".to_owned(), |class| class.to_string());
        vec![("thresholds", self.threshold.to_string()), ("class_id", class)]
    }

    fn words(&self, _: usize) -> String {
        "the share of the positive outputs, those above the threshold, whose target is 1. Training does not look at it."
            .to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Decisions {
            threshold: self.threshold,
            class: self.class,
        })
    }

    fn value(&self, sums: &[f64], _: usize) -> f64 {
        match *sums {
            [right, wrong, _] if right + wrong > 0.0 => right / (right + wrong),
            _ => 0.0,
        }
    }

    fn class(&self) -> Option<usize> {
        self.class
    }

    fn of_probabilities(&self) -> bool {
        true
    }
}
