//! `SparseCategoricalAccuracy`: how often the largest output is that of the right class. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::Measure;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Hit;
use serde::Serialize;

/// Keeps one sum: the samples whose largest output (the first of equals) is that of the right class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SparseCategoricalAccuracy {}

impl Measure for SparseCategoricalAccuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SparseCategoricalAccuracy",
        aliases: &[],
        doc: "Share of the samples whose largest output is the right class",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("sparse_categorical_accuracy"),
                "its key in the log",
            ),
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
                ..Argument::unsupported("dtype", Literal::None)
            },
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["sparse_categorical_accuracy"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, _: usize) -> String {
        "the share of pictures whose largest number is that of the right class. Training does not look at it."
            .to_owned()
    }

    fn hit(&self, _: usize) -> Option<Hit> {
        Some(Hit::Largest)
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |right| right / samples)
    }
}
