//! `CosineDecay`: falls along half a cosine wave, after a warm-up if one is given. Loshchilov and Hutter, 2016.

use super::schedule::{ALPHA, DECAY_STEPS, INITIAL, NAME, Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::training::numbers::{positive_or_none, share};
use serde::Serialize;
use std::f32::consts::PI;

/// `rate ((1 - alpha) (1 + cos(pi step / decay_steps)) / 2 + alpha)`, where `rate` is `initial_learning_rate`, or
/// `warmup_target` after `warmup_steps` on a straight line from the one to the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CosineDecay {
    /// The rate of the first step.
    pub initial_learning_rate: f64,
    /// Steps of the decay, those of the warm-up not counted.
    pub decay_steps: usize,
    /// The last rate, as a share of the largest; 0 by default.
    pub alpha: f64,
    /// The rate at the end of the warm-up; None without a warm-up, the default.
    pub warmup_target: Option<f64>,
    /// Steps of the warm-up; 0 by default.
    pub warmup_steps: usize,
}

impl Schedule for CosineDecay {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CosineDecay",
        aliases: &[],
        doc: "Down along half a cosine wave, after a warm-up if one is given",
        parameters: &[
            INITIAL,
            DECAY_STEPS,
            ALPHA,
            NAME,
            Argument::optional(
                "warmup_target",
                ArgumentKind::Number,
                Literal::None,
                "the rate at the end of the warm-up; None is no warm-up",
            ),
            Argument::optional(
                "warmup_steps",
                ArgumentKind::Natural,
                Literal::Int(0),
                "steps of the warm-up",
            ),
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let initial = given.read("initial_learning_rate", values::non_negative);
        let steps = given.count("decay_steps");
        let alpha = given.read("alpha", share);
        let target = given.read("warmup_target", positive_or_none);
        let warmup = given.read("warmup_steps", values::natural);
        let (initial, target) = (initial?, target?);
        if target.is_none() && initial <= 0.0 {
            // A rate of 0 is reported as for other schedules.
            given.read("initial_learning_rate", rate)?;
        }
        Some(Self {
            initial_learning_rate: initial,
            decay_steps: steps?,
            alpha: alpha?,
            warmup_target: target,
            warmup_steps: warmup?,
        })
    }

    fn at(&self, step: u64) -> f32 {
        let initial = self.initial_learning_rate as f32;
        let (step, steps) = (step as f32, self.decay_steps as f32);
        let decayed = |step: f32, from: f32| {
            let wave = 0.5 * (1.0 + libm::cosf(PI * (step / steps)));
            from * ((1.0 - self.alpha) as f32 * wave + self.alpha as f32)
        };
        let Some(target) = self.warmup_target else {
            return decayed(step.min(steps), initial);
        };
        let (target, warmup) = (target as f32, self.warmup_steps as f32);
        let step = step.min(steps + warmup);
        if step < warmup {
            (target - initial) * (step / warmup) + initial
        } else {
            decayed(step - warmup, target)
        }
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        let mut printed = vec![
            ("initial_learning_rate", self.initial_learning_rate.to_string()),
            ("decay_steps", self.decay_steps.to_string()),
            ("alpha", self.alpha.to_string()),
        ];
        if let Some(target) = self.warmup_target {
            printed.push(("warmup_target", target.to_string()));
            printed.push(("warmup_steps", self.warmup_steps.to_string()));
        }
        printed
    }
}
