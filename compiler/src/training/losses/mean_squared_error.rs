//! `MeanSquaredError`: how far numbers are off, squared. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `(x - y)^2` for outputs x and targets y, the mean over outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MeanSquaredError {}

impl Objective for MeanSquaredError {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MeanSquaredError",
        aliases: &[],
        doc: "The square of the difference between output and target, the mean over outputs",
        parameters: &[common::REDUCTION, common::name("mean_squared_error"), common::DTYPE],
        keywords: &[],
    };

    const NAME: &'static str = "mean_squared_error";

    const ALIASES: &'static [&'static str] = &["mse", "MSE"];

    fn by_name() -> Self {
        Self {}
    }

    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {})
    }

    fn targets(&self) -> Targets {
        Targets::Values
    }

    fn check(&self, _: &Ending<'_>, _: &Place, _: &mut Vec<Diagnostic>) {}

    fn criterion(&self, _: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::SquaredError)
    }

    fn printed(&self) -> String {
        "MeanSquaredError()".to_owned()
    }

    fn words(&self, _: usize) -> Vec<String> {
        vec![
            "The loss is the mean, over all outputs, of the square of how far each is from its target: being off by twice as much costs four times as much."
                .to_owned(),
        ]
    }
}
