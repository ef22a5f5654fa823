//! `SparseTopKCategoricalAccuracy`. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::{DTYPE, Measure};
use super::top_k::{self, TopK};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Share of the samples whose right class is among the k largest outputs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct SparseTopKCategoricalAccuracy(pub TopK);

impl Measure for SparseTopKCategoricalAccuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SparseTopKCategoricalAccuracy",
        aliases: &[],
        doc: "Share of the samples whose right class is among the k largest outputs",
        parameters: &[
            top_k::K,
            top_k::name("sparse_top_k_categorical_accuracy"),
            DTYPE,
            Argument::unsupported("from_sorted_ids", Literal::Bool(false)),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["sparse_top_k_categorical_accuracy", "SparseTopKCategoricalAccuracy"];

    fn by_name() -> Self {
        Self::default()
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        TopK::read(given).map(Self)
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        self.0.arguments()
    }

    fn words(&self, _: usize) -> String {
        self.0.words()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(self.0.counting())
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        TopK::value(sums, samples)
    }

    fn takes_class_numbers(&self) -> bool {
        true
    }

    fn takes_targets(&self) -> bool {
        false
    }
}
