//! The options that go with every update rule: weight decay, clipping of gradients, running means of the parameters. Source:
//! `keras/src/optimizers/base_optimizer.py`.

use super::arguments::{CLIPNORM, CLIPVALUE, GLOBAL_CLIPNORM};
use crate::call::arguments::Arguments;
use crate::call::signature::Argument;
use crate::call::values;
use crate::training::numbers;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// How gradients are limited before the rule sees them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Clipping {
    /// The largest Euclidean norm of a variable's gradient; longer ones are shortened to it.
    #[serde(rename = "clipnorm")]
    Norm(f64),
    /// The largest absolute value in a gradient; numbers beyond it, on either side, are set to it.
    #[serde(rename = "clipvalue")]
    Value(f64),
    /// The largest Euclidean norm of the gradient of all trainable variables together; a longer one is shortened to it.
    #[serde(rename = "global_clipnorm")]
    GlobalNorm(f64),
}

/// An exponential moving average of the parameters, kept beside them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ema {
    /// The share of the average that a step keeps; the first step keeps nothing of it.
    pub momentum: f64,
    /// The number of steps after which the averages replace the parameters, each time anew; None where they do so
    /// only when training ends.
    pub overwrite_frequency: Option<usize>,
}

impl Ema {
    /// The share of the average that step `step`, counted from 1, keeps.
    pub const fn momentum(&self, step: u64) -> f64 {
        if step == 1 { 0.0 } else { self.momentum }
    }

    /// Whether the averages replace the parameters after step `step`, counted from 1.
    pub fn overwrites(&self, step: u64) -> bool {
        self.overwrite_frequency
            .is_some_and(|steps| step.is_multiple_of(steps as u64))
    }
}

/// The options besides a rule. Those that are off are not printed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Options {
    /// The share of each parameter that decays in a step, before the rule and times the learning rate; None without decay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,
    /// The limit of the gradients; None where they are not clipped, the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clipping: Option<Clipping>,
    /// The running means of the parameters; None where there are none, the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ema: Option<Ema>,
}

impl Options {
    /// Reads the options; `decays` says that the rule has no weight decay of its own.
    pub(crate) fn read(given: &mut Arguments<'_>, decays: bool) -> Option<Self> {
        let weight_decay = if decays {
            given.read("weight_decay", numbers::non_negative_or_none)
        } else {
            Some(None)
        };
        let clipping = clipping(given);
        let use_ema = given.bool("use_ema");
        let momentum = given.read("ema_momentum", numbers::share);
        let frequency = given.read("ema_overwrite_frequency", count_or_none);
        let (momentum, overwrite_frequency) = (momentum?, frequency?);
        Some(Self {
            weight_decay: weight_decay?,
            clipping: clipping?,
            ema: use_ema?.then_some(Ema {
                momentum,
                overwrite_frequency,
            }),
        })
    }

    /// The options that are on, as a plan prints them.
    pub(crate) fn printed(&self) -> Vec<(&'static str, String)> {
        let mut printed = Vec::new();
        if let Some(decay) = self.weight_decay {
            printed.push(("weight_decay", decay.to_string()));
        }
        match self.clipping {
            Some(Clipping::Norm(most)) => printed.push((CLIPNORM.name, most.to_string())),
            Some(Clipping::Value(most)) => printed.push((CLIPVALUE.name, most.to_string())),
            Some(Clipping::GlobalNorm(most)) => printed.push((GLOBAL_CLIPNORM.name, most.to_string())),
            None => {}
        }
        if let Some(ema) = self.ema {
            printed.push(("use_ema", "True".to_owned()));
            printed.push(("ema_momentum", ema.momentum.to_string()));
            if let Some(steps) = ema.overwrite_frequency {
                printed.push(("ema_overwrite_frequency", steps.to_string()));
            }
        }
        printed
    }

    /// Sentences for learners about what they do.
    pub(crate) fn words(&self) -> String {
        let mut text = String::new();
        match self.clipping {
            Some(Clipping::Norm(most)) => text.push_str(&format!(
                " Before that, the gradient of each variable is shortened to a length of {most} where it is longer."
            )),
            Some(Clipping::Value(most)) => text.push_str(&format!(
                " Before that, gradients beyond {most} or -{most} are set to it."
            )),
            Some(Clipping::GlobalNorm(most)) => text.push_str(&format!(
                " Before that, the gradient of all weights together is shortened to a length of {most} where it is longer."
            )),
            None => {}
        }
        if let Some(decay) = self.weight_decay {
            text.push_str(&format!(
                " First of all each weight loses the share weight_decay = {decay} times the learning rate of itself."
            ));
        }
        if let Some(ema) = self.ema {
            text.push_str(&format!(
                " Beside each weight a running mean of it is kept, of which each step keeps ema_momentum = {}; when training \
                 ends, the means take the weights' place.",
                ema.momentum
            ));
        }
        text
    }
}

#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn count_or_none(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::count(argument, value, diagnostics).map(Some)
}

/// Reads the limit of the gradients, of which a description may give at most one.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn clipping(given: &mut Arguments<'_>) -> Option<Option<Clipping>> {
    type Of = fn(f64) -> Clipping;
    let kinds: [(&str, Of); 3] = [
        (CLIPNORM.name, Clipping::Norm),
        (CLIPVALUE.name, Clipping::Value),
        (GLOBAL_CLIPNORM.name, Clipping::GlobalNorm),
    ];
    let mut found: Vec<(&str, Clipping)> = Vec::new();
    let mut failed = false;
    for (name, of) in kinds {
        match given.read(name, numbers::positive_or_none) {
            Some(Some(most)) => found.push((name, of(most))),
            Some(None) => {}
            None => failed = true,
        }
    }
    if let [(first, _), (second, _), ..] = *found.as_slice() {
        let (at, because) = (given.span_of(second), given.span_of(first));
        given.diagnostics().push(
            Diagnostic::error("E0109", "gradients are clipped in one way at most")
                .at(at, format!("`{second}` here"))
                .because(because, format!("`{first}` here"))
                .help("remove one of the two"),
        );
        return None;
    }
    (!failed).then(|| found.first().map(|&(_, clipping)| clipping))
}
