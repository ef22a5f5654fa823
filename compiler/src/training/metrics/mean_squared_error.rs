//! `MeanSquaredError`. Source: `keras/src/metrics/regression_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps one sum: the squared errors of the samples, each the mean over its values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanSquaredError {}

impl Measure for MeanSquaredError {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MeanSquaredError",
        aliases: &[],
        doc: "Mean of the squares of the differences between outputs and targets",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("mean_squared_error"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["mean_squared_error", "MeanSquaredError", "mse", "MSE"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, _: usize) -> String {
        "the mean of the squares of the differences between outputs and targets. Training does not look at it."
            .to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::SquaredError)
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |sum| sum / samples)
    }

    fn falls(&self) -> bool {
        true
    }
}
