//! The metric that a callback watches, and the direction in which it improves. Source:
//! `keras/src/callbacks/monitor_callback.py`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use crate::training::compile::{Compile, Reported};
use serde::Serialize;

/// The direction in which a metric improves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The metric's own direction: down for a loss, up for an accuracy.
    Auto,
    /// Smaller values are better.
    Min,
    /// Larger values are better.
    Max,
}

/// A metric of the history that a callback watches.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Monitor {
    /// The metric's name in the history: `val_loss`, `accuracy`.
    pub metric: String,
    /// The direction in which it improves.
    pub mode: Mode,
    /// The smallest change that counts as an improvement; its sign does not matter.
    pub min_delta: f64,
}

/// The argument `monitor`: the name of the metric.
pub(super) const MONITOR: Argument = Argument::optional(
    "monitor",
    ArgumentKind::Name,
    Literal::Str("val_loss"),
    "the metric of an epoch that is watched",
);

/// The argument `mode`: the direction in which the metric improves.
pub(super) const MODE: Argument = Argument::optional(
    "mode",
    ArgumentKind::Word(&["auto", "min", "max"]),
    Literal::Str("auto"),
    "which way is better: auto is down for losses and errors, and up for the rest",
);

/// The argument `verbose`, which has no effect: the command line decides how much is printed.
pub(super) const VERBOSE: Argument = Argument::optional(
    "verbose",
    ArgumentKind::Natural,
    Literal::Int(0),
    "what is printed is set on the command line: cnnc run --quiet",
);

impl Monitor {
    /// Reads the arguments of a monitor, and `min_delta` of callbacks that have it.
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

    /// The key of the history that it watches: the metric's name, or the newer or older name of the same accuracy.
    /// None where a compiled network reports neither.
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

    /// Whether the metric improves as it gets smaller.
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

    /// Whether a value is better than the best so far by more than `min_delta`; a first value always is. `falls` says
    /// that smaller values are better.
    pub fn improves(&self, value: f64, best: Option<f64>, falls: bool) -> bool {
        let Some(best) = best else { return true };
        if falls {
            value + self.min_delta.abs() < best
        } else {
            value - self.min_delta.abs() > best
        }
    }
}
