//! `PolynomialDecay`: falls to a last rate along a power of the steps that are left.

use super::schedule::{DECAY_STEPS, INITIAL, NAME, Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use serde::Serialize;

/// `(initial - end) (1 - step / decay_steps) ^ power + end`, where the step is held at `decay_steps` or, in cycles,
/// where as many times `decay_steps` are taken as the step needs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PolynomialDecay {
    /// The rate of the first step.
    pub initial_learning_rate: f64,
    /// Steps until the last rate is reached.
    pub decay_steps: usize,
    /// The last rate; 0.0001 by default.
    pub end_learning_rate: f64,
    /// The exponent; 1 by default, a straight line.
    pub power: f64,
    /// Whether it begins again, more slowly each time; false by default.
    pub cycle: bool,
}

impl Schedule for PolynomialDecay {
    const SIGNATURE: &'static Signature = &Signature {
        name: "PolynomialDecay",
        aliases: &[],
        doc: "From one rate to another along a power of the steps that are left",
        parameters: &[
            INITIAL,
            DECAY_STEPS,
            Argument::optional(
                "end_learning_rate",
                ArgumentKind::Number,
                Literal::Float(0.0001),
                "the rate at the end",
            ),
            Argument::optional(
                "power",
                ArgumentKind::Number,
                Literal::Float(1.0),
                "1 is a straight line",
            ),
            Argument::optional(
                "cycle",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether it begins again after decay_steps",
            ),
            NAME,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let initial = given.read("initial_learning_rate", rate);
        let steps = given.count("decay_steps");
        let end = given.read("end_learning_rate", values::non_negative);
        let power = given.read("power", values::non_negative);
        let cycle = given.bool("cycle");
        Some(Self {
            initial_learning_rate: initial?,
            decay_steps: steps?,
            end_learning_rate: end?,
            power: power?,
            cycle: cycle?,
        })
    }

    fn at(&self, step: u64) -> f32 {
        let (first, last) = (self.initial_learning_rate as f32, self.end_learning_rate as f32);
        let (step, steps) = (step as f32, self.decay_steps as f32);
        let passed = if self.cycle {
            let cycles = if step == 0.0 { 1.0 } else { (step / steps).ceil() };
            step / (steps * cycles)
        } else {
            step.min(steps) / steps
        };
        (first - last) * libm::powf(1.0 - passed, self.power as f32) + last
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("initial_learning_rate", self.initial_learning_rate.to_string()),
            ("decay_steps", self.decay_steps.to_string()),
            ("end_learning_rate", self.end_learning_rate.to_string()),
            ("power", self.power.to_string()),
            ("cycle", if self.cycle { "True" } else { "False" }.to_owned()),
        ]
    }
}
