//! `EarlyStopping`: ends training when a metric has not improved for some epochs. Source:
//! `keras/src/callbacks/early_stopping.py`.

use super::monitor::{MODE, MONITOR, Monitor, VERBOSE};
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::ValueKind;
use serde::Serialize;

/// Ends training once the metric has not improved for `patience` epochs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EarlyStopping {
    /// The metric that is watched, and what counts as an improvement of it.
    pub monitor: Monitor,
    /// The number of epochs without an improvement that ends training.
    pub patience: usize,
    /// A value that the metric must be better than to count as improved; None without one.
    pub baseline: Option<f64>,
    /// Whether training ends with the weights of the best epoch rather than of the last.
    pub restore_best_weights: bool,
    /// The first epoch that is watched, counted from 0.
    pub start_from_epoch: usize,
}

impl Reaction for EarlyStopping {
    const SIGNATURE: &'static Signature = &Signature {
        name: "EarlyStopping",
        aliases: &[],
        doc: "Ends training when a metric has not improved for some epochs",
        parameters: &[
            MONITOR,
            Argument::optional(
                "min_delta",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "by how much at least",
            ),
            Argument::optional(
                "patience",
                ArgumentKind::Natural,
                Literal::Int(0),
                "epochs without improvement that end training",
            ),
            VERBOSE,
            MODE,
            Argument::optional(
                "baseline",
                ArgumentKind::Number,
                Literal::None,
                "a value that the metric must be better than",
            ),
            Argument::optional(
                "restore_best_weights",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether the weights at the end are those of the best epoch",
            ),
            Argument::optional(
                "start_from_epoch",
                ArgumentKind::Natural,
                Literal::Int(0),
                "the first epoch that is looked at, counted from 0",
            ),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let baseline = given.read("baseline", |argument, value, diagnostics| {
            if value.kind == ValueKind::None {
                return Some(None);
            }
            values::number(argument, value, diagnostics).map(Some)
        });
        Some(Self {
            monitor: Monitor::read(given, true)?,
            patience: given.read("patience", values::natural)?,
            baseline: baseline?,
            restore_best_weights: given.bool("restore_best_weights")?,
            start_from_epoch: given.read("start_from_epoch", values::natural)?,
        })
    }

    fn monitor(&self) -> Option<&Monitor> {
        Some(&self.monitor)
    }
}
