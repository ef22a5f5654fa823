//! `ReduceLROnPlateau`: reduces the learning rate when a metric has not improved for some epochs. Source:
//! `keras/src/callbacks/reduce_lr_on_plateau.py`.

use super::monitor::{MODE, MONITOR, Monitor, VERBOSE};
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use serde::Serialize;

/// Multiplies the learning rate by `factor` once the metric has not improved for `patience` epochs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReduceLROnPlateau {
    /// The metric that is watched, and what counts as an improvement of it.
    pub monitor: Monitor,
    /// The factor of the learning rate, below 1; 0.1 by default.
    pub factor: f64,
    /// The number of epochs without an improvement that reduces the rate; 10 by default.
    pub patience: usize,
    /// The number of epochs after a reduction in which nothing is counted; 0 by default.
    pub cooldown: usize,
    /// The smallest learning rate, below which it is not reduced; 0 by default.
    pub min_lr: f64,
}

impl Reaction for ReduceLROnPlateau {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ReduceLROnPlateau",
        aliases: &[],
        doc: "A smaller learning rate when a metric has not improved for some epochs",
        parameters: &[
            MONITOR,
            Argument::optional(
                "factor",
                ArgumentKind::Number,
                Literal::Float(0.1),
                "what the learning rate is multiplied by, below 1",
            ),
            Argument::optional(
                "patience",
                ArgumentKind::Natural,
                Literal::Int(10),
                "epochs without improvement that reduce it",
            ),
            VERBOSE,
            MODE,
            Argument::optional(
                "min_delta",
                ArgumentKind::Number,
                Literal::Float(0.0001),
                "by how much at least",
            ),
            Argument::optional(
                "cooldown",
                ArgumentKind::Natural,
                Literal::Int(0),
                "epochs after a reduction in which nothing is counted",
            ),
            Argument::optional(
                "min_lr",
                ArgumentKind::Number,
                Literal::Float(0.0),
                "the smallest learning rate",
            ),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let factor = given.read("factor", |argument, value, diagnostics| {
            values::ranged(argument, value, diagnostics, "from 0 to below 1", |factor| {
                (0.0..1.0).contains(&factor)
            })
        });
        Some(Self {
            monitor: Monitor::read(given, true)?,
            factor: factor?,
            patience: given.read("patience", values::natural)?,
            cooldown: given.read("cooldown", values::natural)?,
            min_lr: given.read("min_lr", values::non_negative)?,
        })
    }

    fn monitor(&self) -> Option<&Monitor> {
        Some(&self.monitor)
    }

    fn sets_learning_rate(&self) -> bool {
        true
    }
}
