//! `MeanAbsoluteError`. Source: `keras/src/metrics/regression_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps one sum: the absolute errors of the samples, each the mean over its values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanAbsoluteError {}

impl Measure for MeanAbsoluteError {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MeanAbsoluteError",
        aliases: &[],
        doc: "Mean of the absolute differences between outputs and targets",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("mean_absolute_error"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["mean_absolute_error", "MeanAbsoluteError", "mae", "MAE"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, _: usize) -> String {
        "the mean of the differences between outputs and targets, without their signs. Training does not look at it."
            .to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::AbsoluteError)
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |sum| sum / samples)
    }

    fn falls(&self) -> bool {
        true
    }
}
