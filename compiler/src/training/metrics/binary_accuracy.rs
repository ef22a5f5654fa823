//! `BinaryAccuracy`: how often an output is on the right side of a half. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::Measure;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Hit;
use serde::Serialize;

/// Keeps one sum: the outputs that are on the right side of a half.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BinaryAccuracy {}

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
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
                ..Argument::unsupported("dtype", Literal::None)
            },
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["binary_accuracy"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, _: usize) -> String {
        "the share of answers of yes or no that are right, where above a half is a yes. Training does not look at it."
            .to_owned()
    }

    fn hit(&self, _: usize) -> Option<Hit> {
        Some(Hit::Above(0.5))
    }

    fn value(&self, sums: &[f64], samples: usize) -> f64 {
        sums.first().map_or(0.0, |right| right / samples as f64)
    }
}
