//! What a callback watches, and which way is better. Source: `keras/src/callbacks/monitor_callback.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::training::compile::{Compile, Reported};
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
    ArgumentKind::Name,
    Literal::Str("val_loss"),
    "the metric of an epoch that is watched",
);

/// Which way it gets better.
pub(super) const MODE: Argument = Argument::optional(
    "mode",
    ArgumentKind::Word(&["auto", "min", "max"]),
    Literal::Str("auto"),
    "which way is better: auto is down for losses and errors, and up for the rest",
);

/// What the command line says.
pub(super) const VERBOSE: Argument = Argument::optional(
    "verbose",
    ArgumentKind::Natural,
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
        let other = match name.rsplit_once('_') {
            _ if name == "acc" => "accuracy".to_owned(),
            _ if name == "accuracy" => "acc".to_owned(),
            Some((output, "acc")) => format!("{output}_accuracy"),
            Some((output, "accuracy")) => format!("{output}_acc"),
            Some(_) | None => name.to_owned(),
        };
        let reported = compile.reported();
        [name, other.as_str()]
            .into_iter()
            .find(|name| reported.iter().any(|(known, _)| known == name))
            .map(|name| format!("{prefix}{name}"))
    }

    /// Whether what it watches gets better as it gets smaller.
    pub fn falls(&self, compile: &Compile) -> bool {
        let name = self.metric.strip_prefix("val_").unwrap_or(&self.metric);
        match self.mode {
            Mode::Min => true,
            Mode::Max => false,
            Mode::Auto => {
                let reported = compile.reported();
                match reported.iter().find(|(known, _)| known == name) {
                    Some((_, Reported::Whole | Reported::Loss(_))) => true,
                    Some(&(_, Reported::Metric { output, metric })) => {
                        let judgement = compile.judgements().nth(output);
                        let metric = judgement.and_then(|judgement| judgement.metrics.get(metric).cloned());
                        metric.is_some_and(|metric| metric.kind.falls())
                    }
                    None => false,
                }
            }
        }
    }

    /// Whether a value is better than another by enough, where it `falls` or not. The first value is.
    pub fn improves(&self, value: f64, best: Option<f64>, falls: bool) -> bool {
        let Some(best) = best else { return true };
        if falls {
            value + self.min_delta.abs() < best
        } else {
            value - self.min_delta.abs() > best
        }
    }
}
