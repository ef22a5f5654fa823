//! What a callback watches, and which way is better. Source: `keras/src/callbacks/monitor_callback.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Kind, Literal};
use crate::call::values;
use crate::training::compile::Compile;
use serde::Serialize;

/// Which way a metric gets better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// As the metric's own: a loss down, an accuracy up.
    Auto,
    /// Down.
    Min,
    /// Up.
    Max,
}

/// A metric of the history that a callback watches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Monitor {
    /// Its name: `val_loss`, `accuracy`.
    pub metric: String,
    /// Which way it gets better.
    pub mode: Mode,
    /// By how much at least, of either sign.
    pub min_delta: f64,
}

/// The metric's name.
pub(super) const MONITOR: Argument = Argument::optional(
    "monitor",
    Kind::Name,
    Literal::Str("val_loss"),
    "the metric of an epoch that is watched",
);

/// Which way it gets better.
pub(super) const MODE: Argument = Argument::optional(
    "mode",
    Kind::Word(&["auto", "min", "max"]),
    Literal::Str("auto"),
    "which way is better: auto is down for a loss and up for an accuracy",
);

/// What the command line says.
pub(super) const VERBOSE: Argument = Argument::optional(
    "verbose",
    Kind::Natural,
    Literal::Int(0),
    "how much is printed is the command line's: cnnc run --quiet",
);

impl Monitor {
    /// The monitor that arguments ask for. `min_delta`: of a callback that has it.
    pub(super) fn read(given: &mut Arguments<'_>, min_delta: bool) -> Option<Self> {
        let metric = given.read("monitor", values::string)?;
        let mode = match given.read("mode", values::word)? {
            "min" => Mode::Min,
            "max" => Mode::Max,
            _ => Mode::Auto,
        };
        let min_delta = if min_delta {
            given.read("min_delta", values::number)?
        } else {
            0.0
        };
        given.read("verbose", values::natural)?;
        Some(Self {
            metric,
            mode,
            min_delta,
        })
    }

    /// The key of the history that it watches: its name, or the newer or older name of the same accuracy. Nothing where a
    /// compiled network reports none of these.
    pub fn key(&self, compile: &Compile) -> Option<String> {
        let (prefix, name) = match self.metric.strip_prefix("val_") {
            Some(name) => ("val_", name),
            None => ("", self.metric.as_str()),
        };
        let other = match name {
            "acc" => "accuracy",
            "accuracy" => "acc",
            name => name,
        };
        let reported = |name: &str| name == "loss" || compile.metrics.iter().any(|metric| metric.name == name);
        [name, other]
            .into_iter()
            .find(|name| reported(name))
            .map(|name| format!("{prefix}{name}"))
    }

    /// Whether a value is better than another by enough. The first value is.
    pub fn improves(&self, value: f64, best: Option<f64>) -> bool {
        let Some(best) = best else { return true };
        let down = match self.mode {
            Mode::Min => true,
            Mode::Max => false,
            Mode::Auto => self.metric.ends_with("loss"),
        };
        if down {
            value + self.min_delta.abs() < best
        } else {
            value - self.min_delta.abs() > best
        }
    }
}
