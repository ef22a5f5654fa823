//! `LearningRateScheduler`: a learning rate for each epoch. Source: `keras/src/callbacks/learning_rate_scheduler.py`.

use super::monitor::VERBOSE;
use super::reaction::Reaction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Signature};
use crate::call::values;
use crate::training::schedules::{self, LearningRate, Schedule};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Sets the learning rate at the beginning of each epoch to the value of a schedule at the epoch's number, counted from 0.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LearningRateScheduler {
    /// The learning rate as a function of the epoch.
    pub schedule: Schedule,
}

impl Reaction for LearningRateScheduler {
    const SIGNATURE: &'static Signature = &Signature {
        name: "LearningRateScheduler",
        aliases: &[],
        doc: "Sets the learning rate at the beginning of each epoch",
        parameters: &[
            Argument::required(
                "schedule",
                ArgumentKind::Schedule,
                "a learning rate schedule, asked for the epoch, counted from 0, in place of the step",
            ),
            VERBOSE,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        given.read("verbose", values::natural)?;
        let schedule = given.read("schedule", |argument, value, diagnostics| {
            match schedules::read(argument, value, diagnostics)? {
                LearningRate::Schedule(schedule) => Some(schedule),
                LearningRate::Constant(_) => {
                    diagnostics.push(
                        Diagnostic::error("E0107", "`schedule` is a learning rate schedule")
                            .at(value.span, "this is a number")
                            .help("such as LearningRateScheduler(ExponentialDecay(1e-3, 1, 0.9))"),
                    );
                    None
                }
            }
        });
        Some(Self { schedule: schedule? })
    }

    fn sets_learning_rate(&self) -> bool {
        true
    }
}
