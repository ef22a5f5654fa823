//! `TopKCategoricalAccuracy`. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps one sum: the samples in which fewer than `k` outputs are above that of the right class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TopKCategoricalAccuracy {
    /// How many of the largest outputs may contain the right class; 5 by default.
    pub k: usize,
}

impl Measure for TopKCategoricalAccuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "TopKCategoricalAccuracy",
        aliases: &[],
        doc: "Share of the samples whose right class is among the k largest outputs",
        parameters: &[
            Argument::optional(
                "k",
                ArgumentKind::Count,
                Literal::Int(5),
                "how many of the largest outputs count",
            ),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("top_k_categorical_accuracy"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["top_k_categorical_accuracy", "TopKCategoricalAccuracy"];

    fn by_name() -> Self {
        Self { k: 5 }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self { k: given.count("k")? })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("k", self.k.to_string())]
    }

    fn words(&self, _: usize) -> String {
        format!(
            "the share of pictures whose right class is among the {} largest numbers. Training does not look at it.",
            self.k
        )
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::TopK { k: self.k })
    }

    fn value(&self, sums: &[f64], samples: usize) -> f64 {
        sums.first().map_or(0.0, |sum| sum / samples as f64)
    }
}
