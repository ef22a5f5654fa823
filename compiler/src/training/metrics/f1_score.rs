//! `F1Score`: the harmonic mean of precision and recall, class by class. Source: `keras/src/metrics/f_score_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::Counting;
use grammar::ast::ValueKind;
use serde::Serialize;

/// Keeps three sums for each class: true positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct F1Score {
    /// How the scores of classes become one number.
    pub average: Average,
    /// The output above which an answer is positive; None where the largest output of a sample is.
    pub threshold: Option<f32>,
}

impl Measure for F1Score {
    const SIGNATURE: &'static Signature = &Signature {
        name: "F1Score",
        aliases: &[],
        doc: "Harmonic mean of precision and recall",
        parameters: &[
            Argument::required(
                "average",
                ArgumentKind::Word(&["micro", "macro", "weighted"]),
                "how the classes come to one number: counted together, or their mean, or their mean by their targets",
            ),
            Argument::optional(
                "threshold",
                ArgumentKind::Number,
                Literal::None,
                "an output above it is positive; None means that the largest one is",
            ),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("f1_score"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &[];

    fn by_name() -> Self {
        Self {
            average: Average::Macro,
            threshold: None,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let average = match given.read("average", values::word)? {
            "micro" => Average::Micro,
            "weighted" => Average::Weighted,
            _ => Average::Macro,
        };
        let threshold = given.read("threshold", |argument, value, diagnostics| {
            if value.kind == ValueKind::None {
                return Some(None);
            }
            let inside = |edge: f64| edge > 0.0 && edge <= 1.0;
            values::ranged(argument, value, diagnostics, "above 0 and at most 1", inside).map(Some)
        });
        Some(Self {
            average,
            threshold: threshold?.map(|edge| edge as f32),
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let average = match self.average {
            Average::Micro => "micro",
            Average::Macro => "macro",
            Average::Weighted => "weighted",
        };
        let threshold = self
            .threshold
            .map_or_else(|| "None".to_owned(), |edge| edge.to_string());
        vec![("average", format!("\"{average}\"")), ("threshold", threshold)]
    }

    fn words(&self, _: usize) -> String {
        "the harmonic mean of precision (how many positive outputs are right) and recall (how many targets of 1 are found). Training does not look at it.".to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Classes {
            threshold: self.threshold,
        })
    }

    fn value(&self, sums: &[f64], _: f64) -> f64 {
        let classes = sums.len() / 3;
        let (right, rest) = sums.split_at(classes);
        let (wrong, missed) = rest.split_at(classes.min(rest.len()));
        let score = |right: f64, wrong: f64, missed: f64| {
            let precision = right / (right + wrong + EPSILON);
            let recall = right / (right + missed + EPSILON);
            2.0 * (precision * recall / (precision + recall + EPSILON))
        };
        let each = right.iter().zip(wrong).zip(missed);
        match self.average {
            Average::Micro => {
                let sum = |counts: &[f64]| counts.iter().sum::<f64>();
                score(sum(right), sum(wrong), sum(missed))
            }
            Average::Macro => {
                let scores = each.map(|((right, wrong), missed)| score(*right, *wrong, *missed));
                scores.sum::<f64>() / classes.max(1) as f64
            }
            Average::Weighted => {
                let all: f64 = right.iter().chain(missed).sum();
                let scores = each.map(|((right, wrong), missed)| {
                    score(*right, *wrong, *missed) * (right + missed) / (all + EPSILON)
                });
                scores.sum()
            }
        }
    }

    fn only_of_rows(&self) -> bool {
        true
    }
}

/// What is added to divisors (`epsilon` in `keras/src/backend/config.py`).
const EPSILON: f64 = 1e-7;

/// How the scores of classes become one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Average {
    /// The score of the sums over all classes.
    Micro,
    /// The mean of the classes' scores.
    Macro,
    /// The mean of the classes' scores, weighted by the number of their targets.
    Weighted,
}
