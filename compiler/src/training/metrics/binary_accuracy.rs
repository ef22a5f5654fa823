//! `BinaryAccuracy`: how often an output is on the right side of a threshold. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::Hit;
use serde::Serialize;

/// Keeps one sum: the outputs that are on the right side of the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinaryAccuracy {
    /// The value that outputs of class 1 are above; 0.5 by default.
    #[serde(skip_serializing_if = "is_half")]
    pub threshold: f32,
}

/// The threshold by default.
const HALF: f32 = 0.5;

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_half(threshold: &f32) -> bool {
    threshold.to_bits() == HALF.to_bits()
}

impl Measure for BinaryAccuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "BinaryAccuracy",
        aliases: &[],
        doc: "Share of the outputs that are above the threshold where the target is 1, and not where it is 0",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("binary_accuracy"),
                "its key in the log",
            ),
            DTYPE,
            Argument::optional(
                "threshold",
                ArgumentKind::Number,
                Literal::Float(0.5),
                "above it an output counts as 1; of logits 0.0 is the even chance",
            ),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["binary_accuracy"];

    fn by_name() -> Self {
        Self { threshold: HALF }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let threshold = given.read("threshold", values::number)? as f32;
        Some(Self { threshold })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        if is_half(&self.threshold) {
            return Vec::new();
        }
        vec![("threshold", self.threshold.to_string())]
    }

    fn words(&self, _: usize) -> String {
        let above = if is_half(&self.threshold) {
            "a half".to_owned()
        } else {
            self.threshold.to_string()
        };
        format!(
            "the share of answers of yes or no that are right, where above {above} is a yes. Training does not look at it."
        )
    }

    fn hit(&self, _: usize) -> Option<Hit> {
        Some(Hit::Above(self.threshold))
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |right| right / samples)
    }
}
