//! `ExponentialDecay`: multiplies the rate by the same number again and again.

use super::schedule::{DECAY_RATE, DECAY_STEPS, INITIAL, NAME, STAIRCASE, Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::call::values;
use serde::Serialize;

/// `initial_learning_rate decay_rate ^ (step / decay_steps)`
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExponentialDecay {
    /// The rate of the first step.
    pub initial_learning_rate: f64,
    /// The number of steps in which the rate is multiplied by `decay_rate` once.
    pub decay_steps: usize,
    /// The factor of the rate.
    pub decay_rate: f64,
    /// Whether the exponent is rounded down, so that the rate falls in steps; false by default.
    pub staircase: bool,
}

impl Schedule for ExponentialDecay {
    const SIGNATURE: &'static Signature = &Signature {
        name: "ExponentialDecay",
        aliases: &[],
        doc: "The rate is multiplied by decay_rate every decay_steps steps",
        parameters: &[INITIAL, DECAY_STEPS, DECAY_RATE, STAIRCASE, NAME],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let initial = given.read("initial_learning_rate", rate);
        let steps = given.count("decay_steps");
        let decay_rate = given.read("decay_rate", values::non_negative);
        let staircase = given.bool("staircase");
        Some(Self {
            initial_learning_rate: initial?,
            decay_steps: steps?,
            decay_rate: decay_rate?,
            staircase: staircase?,
        })
    }

    fn at(&self, step: u64) -> f32 {
        let power = step as f32 / self.decay_steps as f32;
        let power = if self.staircase { power.floor() } else { power };
        self.initial_learning_rate as f32 * libm::powf(self.decay_rate as f32, power)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("initial_learning_rate", self.initial_learning_rate.to_string()),
            ("decay_steps", self.decay_steps.to_string()),
            ("decay_rate", self.decay_rate.to_string()),
            ("staircase", if self.staircase { "True" } else { "False" }.to_owned()),
        ]
    }
}
