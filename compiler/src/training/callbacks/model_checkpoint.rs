//! `ModelCheckpoint`: writes the weights after each epoch, or those of the best. Source:
//! `keras/src/callbacks/model_checkpoint.py`.

use super::monitor::{MODE, MONITOR, Monitor, VERBOSE};
use super::path::{Path, in_run_directory};
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::ValueKind;
use serde::Serialize;

/// Writes the weights at the end of an epoch as a safetensors file into the run directory.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelCheckpoint {
    /// The name of the file within the run directory.
    pub filepath: Path,
    /// The metric that decides which epoch is the best, with `save_best_only`.
    pub monitor: Monitor,
    /// Whether only the best epoch's weights are kept.
    pub save_best_only: bool,
    /// A value that the metric must be better than before any weights are written; None without one.
    pub initial_value_threshold: Option<f64>,
}

impl Reaction for ModelCheckpoint {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ModelCheckpoint",
        aliases: &[],
        doc: "Writes the weights of an epoch, each or the best, as safetensors into the run directory",
        parameters: &[
            Argument::required(
                "filepath",
                ArgumentKind::Name,
                "the file; {epoch:02d}, {val_loss:.2f} and the like are filled in",
            ),
            MONITOR,
            VERBOSE,
            Argument::optional(
                "save_best_only",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether the best alone is kept",
            ),
            Argument::optional(
                "save_weights_only",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "of no effect: weights are what is written; cnnc export makes other files of them",
            ),
            MODE,
            Argument::unsupported("save_freq", Literal::Str("epoch")),
            Argument::optional(
                "initial_value_threshold",
                ArgumentKind::Number,
                Literal::None,
                "a value that the first best one must be better than",
            ),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let threshold = given.read("initial_value_threshold", |argument, value, diagnostics| {
            if value.kind == ValueKind::None {
                return Some(None);
            }
            values::number(argument, value, diagnostics).map(Some)
        });
        given.bool("save_weights_only")?;
        let filepath = given.read("filepath", |argument, value, diagnostics| {
            in_run_directory(argument, value, Some("safetensors"), diagnostics)
        });
        Some(Self {
            filepath: filepath?,
            monitor: Monitor::read(given, false)?,
            save_best_only: given.bool("save_best_only")?,
            initial_value_threshold: threshold?,
        })
    }

    fn monitor(&self) -> Option<&Monitor> {
        self.save_best_only.then_some(&self.monitor)
    }
}
