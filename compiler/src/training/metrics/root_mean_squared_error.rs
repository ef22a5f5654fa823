//! `RootMeanSquaredError`. Source: `keras/src/metrics/regression_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps one sum: the squared errors of the samples, each the mean over its values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RootMeanSquaredError {}

impl Measure for RootMeanSquaredError {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RootMeanSquaredError",
        aliases: &[],
        doc: "Square root of the mean squared error",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("root_mean_squared_error"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["root_mean_squared_error", "RootMeanSquaredError"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, _: usize) -> String {
        "the square root of the mean of the squared differences between outputs and targets. Training does not look at it.".to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::SquaredError)
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |sum| libm::sqrt(sum / samples))
    }

    fn falls(&self) -> bool {
        true
    }
}
