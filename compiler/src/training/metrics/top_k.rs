//! What the two metrics of the largest outputs share. Source: `keras/src/metrics/accuracy_metrics.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::ops::Counting;
use serde::Serialize;

/// One sum: the samples of which fewer than `k` outputs are above that of the right class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TopK {
    /// How many of the largest outputs count.
    pub k: usize,
}

impl Default for TopK {
    fn default() -> Self {
        Self { k: 5 }
    }
}

/// `k`, among how many of the most probable classes the right one must be.
pub(super) const K: Argument = Argument::optional(
    "k",
    ArgumentKind::Count,
    Literal::Int(5),
    "how many of the largest outputs count",
);

/// `name`, which is `name` where nothing else is said.
pub(super) const fn name(name: &'static str) -> Argument {
    Argument::optional("name", ArgumentKind::Name, Literal::Str(name), "its key in the log")
}

impl TopK {
    pub(super) fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self { k: given.count("k")? })
    }

    pub(super) fn arguments(self) -> Vec<(&'static str, String)> {
        vec![("k", self.k.to_string())]
    }

    pub(super) fn words(self) -> String {
        format!(
            "the share of pictures whose right class is among the {} largest numbers. Training does not look at it.",
            self.k
        )
    }

    pub(super) fn counting(self) -> Counting {
        Counting::TopK { k: self.k }
    }

    pub(super) fn value(sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |sum| sum / samples)
    }
}
