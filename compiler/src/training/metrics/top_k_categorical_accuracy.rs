//! `TopKCategoricalAccuracy`. Source: `keras/src/metrics/accuracy_metrics.py`.

use super::measure::{DTYPE, Measure};
use super::top_k::{self, TopK};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::Counting;
use serde::Serialize;

/// Share of the samples whose right class is among the k largest outputs.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct TopKCategoricalAccuracy(pub TopK);

impl Measure for TopKCategoricalAccuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "TopKCategoricalAccuracy",
        aliases: &[],
        doc: "Share of the samples whose right class is among the k largest outputs",
        parameters: &[top_k::K, top_k::name("top_k_categorical_accuracy"), DTYPE],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["top_k_categorical_accuracy", "TopKCategoricalAccuracy"];

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
}
