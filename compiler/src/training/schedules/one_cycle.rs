//! `OneCycle`: rises to a large rate and falls to a tiny one, each along half a cosine wave. Smith and Topin, 2018.
//! Keras has no such schedule; names and defaults are those of PyTorch's `OneCycleLR`.

use super::schedule::{Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use grammar::ast::Value;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;
use std::f32::consts::PI;

/// From `max_learning_rate / div_factor` up to `max_learning_rate` in the first `pct_start` of the steps, then down to the
/// first rate divided by `final_div_factor`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OneCycle {
    /// The largest rate, which is reached after `pct_start` of the steps.
    pub max_learning_rate: f64,
    /// Steps of the whole cycle, after which the last rate stays.
    pub total_steps: usize,
    /// The share of the steps in which the rate rises; 0.3 by default.
    pub pct_start: f64,
    /// The largest rate divided by the first; 25 by default.
    pub div_factor: f64,
    /// The first rate divided by the last; 10,000 by default.
    pub final_div_factor: f64,
}

fn at_least_one(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    values::ranged(argument, value, diagnostics, "at least 1", |factor| factor >= 1.0)
}

impl Schedule for OneCycle {
    const SIGNATURE: &'static Signature = &Signature {
        name: "OneCycle",
        aliases: &[],
        doc: "Up to a large rate and down to a tiny one; Keras has no such schedule",
        parameters: &[
            Argument::required("max_learning_rate", ArgumentKind::Number, "the largest rate"),
            Argument::required("total_steps", ArgumentKind::Count, "steps of the whole cycle"),
            Argument::optional(
                "pct_start",
                ArgumentKind::Number,
                Literal::Float(0.3),
                "share of the steps in which the rate rises",
            ),
            Argument::optional(
                "div_factor",
                ArgumentKind::Number,
                Literal::Float(25.0),
                "the largest rate divided by the first",
            ),
            Argument::optional(
                "final_div_factor",
                ArgumentKind::Number,
                Literal::Float(10_000.0),
                "the first rate divided by the last",
            ),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let largest = given.read("max_learning_rate", rate);
        let steps = given.count("total_steps");
        let start = given.read("pct_start", |argument, value, diagnostics| {
            values::ranged(argument, value, diagnostics, "between 0 and 1", |share| {
                (0.0..=1.0).contains(&share)
            })
        });
        let division = given.read("div_factor", at_least_one);
        let last = given.read("final_div_factor", at_least_one);
        Some(Self {
            max_learning_rate: largest?,
            total_steps: steps?,
            pct_start: start?,
            div_factor: division?,
            final_div_factor: last?,
        })
    }

    fn at(&self, step: u64) -> f32 {
        let largest = self.max_learning_rate as f32;
        let first = largest / self.div_factor as f32;
        let last = first / self.final_div_factor as f32;
        let end = self.total_steps.saturating_sub(1) as f32;
        let peak = (self.pct_start * self.total_steps as f64 - 1.0).max(0.0) as f32;
        let step = (step as f32).min(end);
        // The rate at a share of the way from one rate to another, along half a cosine wave.
        let between = |from: f32, to: f32, share: f32| to + (from - to) / 2.0 * (1.0 + libm::cosf(PI * share));
        if step <= peak && peak > 0.0 {
            between(first, largest, step / peak)
        } else if end > peak {
            between(largest, last, (step - peak) / (end - peak))
        } else {
            largest
        }
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("max_learning_rate", self.max_learning_rate.to_string()),
            ("total_steps", self.total_steps.to_string()),
            ("pct_start", self.pct_start.to_string()),
            ("div_factor", self.div_factor.to_string()),
            ("final_div_factor", self.final_div_factor.to_string()),
        ]
    }
}
