//! What `Precision` and `Recall` share: outputs that are positive or not. Source: `keras/src/metrics/confusion_metrics.py`.

use super::measure::{DTYPE, class, threshold};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::ops::Counting;
use serde::Serialize;

/// Three sums: true positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decisions {
    /// An output above it is positive.
    pub threshold: f32,
    /// The one class that counts; none means all.
    pub class: Option<usize>,
}

impl Default for Decisions {
    fn default() -> Self {
        Self {
            threshold: 0.5,
            class: None,
        }
    }
}

/// The arguments of a metric that is called `name` where nothing else is said.
pub(super) const fn parameters(name: &'static str) -> [Argument; 5] {
    [
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
        Argument::optional("name", ArgumentKind::Name, Literal::Str(name), "its key in the log"),
        DTYPE,
    ]
}

impl Decisions {
    pub(super) fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            threshold: given.read("thresholds", threshold)?,
            class: given.read("class_id", class)?,
        })
    }

    pub(super) fn arguments(self) -> Vec<(&'static str, String)> {
        let class = self.class.map_or_else(|| "None".to_owned(), |class| class.to_string());
        vec![("thresholds", self.threshold.to_string()), ("class_id", class)]
    }

    pub(super) fn counting(self) -> Counting {
        Counting::Decisions {
            threshold: self.threshold,
            class: self.class,
        }
    }

    /// The share of the first sum in it and another one.
    pub(super) fn share(right: f64, other: f64) -> f64 {
        if right + other > 0.0 {
            right / (right + other)
        } else {
            0.0
        }
    }
}
