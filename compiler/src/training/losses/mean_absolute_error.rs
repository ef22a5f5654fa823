//! `MeanAbsoluteError`: how far numbers are off. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `|x - y|` for outputs x and targets y, the mean over outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MeanAbsoluteError {}

impl Objective for MeanAbsoluteError {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MeanAbsoluteError",
        aliases: &[],
        doc: "The difference between output and target without its sign, the mean over outputs",
        parameters: &[common::REDUCTION, common::name("mean_absolute_error"), common::DTYPE],
        keywords: &[],
    };

    const NAME: &'static str = "mean_absolute_error";

    const ALIASES: &'static [&'static str] = &["mae", "MAE"];

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
        Some(Criterion::AbsoluteError)
    }

    fn printed(&self) -> String {
        "MeanAbsoluteError()".to_owned()
    }

    fn words(&self, _: usize) -> Vec<String> {
        vec!["The loss is the mean, over all outputs, of how far each is from its target, whichever side.".to_owned()]
    }
}
