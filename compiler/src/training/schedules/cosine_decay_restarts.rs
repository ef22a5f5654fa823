//! `CosineDecayRestarts`: half cosine waves one after another, each longer than the last. Loshchilov and Hutter, 2016.

use super::schedule::{ALPHA, INITIAL, NAME, Schedule, rate};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::training::numbers::share;
use serde::Serialize;
use std::f32::consts::PI;

/// The rate of `CosineDecay` over `first_decay_steps`, again over `t_mul` times as many steps from `m_mul` times the
/// rate, and so on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CosineDecayRestarts {
    /// The rate of the first step.
    pub initial_learning_rate: f64,
    /// Steps of the first decay.
    pub first_decay_steps: usize,
    /// The factor of each decay's length against the one before; 2 by default.
    pub t_mul: f64,
    /// The factor of the rate at each restart; 1 by default.
    pub m_mul: f64,
    /// The smallest rate, as a share of the first; 0 by default.
    pub alpha: f64,
}

impl Schedule for CosineDecayRestarts {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CosineDecayRestarts",
        aliases: &[],
        doc: "Half cosine waves one after another, each longer than the one before",
        parameters: &[
            INITIAL,
            Argument::required("first_decay_steps", ArgumentKind::Count, "steps of the first decay"),
            Argument::optional(
                "t_mul",
                ArgumentKind::Number,
                Literal::Float(2.0),
                "how many times longer each decay is",
            ),
            Argument::optional(
                "m_mul",
                ArgumentKind::Number,
                Literal::Float(1.0),
                "what the rate is multiplied by at each restart",
            ),
            ALPHA,
            NAME,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let initial = given.read("initial_learning_rate", rate);
        let steps = given.count("first_decay_steps");
        let t_mul = given.read("t_mul", |argument, value, diagnostics| {
            values::ranged(argument, value, diagnostics, "at least 1", |times| times >= 1.0)
        });
        let m_mul = given.read("m_mul", values::non_negative);
        let alpha = given.read("alpha", share);
        Some(Self {
            initial_learning_rate: initial?,
            first_decay_steps: steps?,
            t_mul: t_mul?,
            m_mul: m_mul?,
            alpha: alpha?,
        })
    }

    fn at(&self, step: u64) -> f32 {
        let (t_mul, m_mul, alpha) = (self.t_mul as f32, self.m_mul as f32, self.alpha as f32);
        let passed = step as f32 / self.first_decay_steps as f32;
        #[allow(clippy::float_cmp, reason = "Keras compares so")]
        let (restarts, passed) = if t_mul == 1.0 {
            (passed.floor(), passed - passed.floor())
        } else {
            let restarts = (libm::logf(1.0 - passed * (1.0 - t_mul)) / libm::logf(t_mul)).floor();
            let length = libm::powf(t_mul, restarts);
            let before = (1.0 - length) / (1.0 - t_mul);
            (restarts, (passed - before) / length)
        };
        let wave = 0.5 * libm::powf(m_mul, restarts) * (1.0 + libm::cosf(PI * passed));
        self.initial_learning_rate as f32 * ((1.0 - alpha) * wave + alpha)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("initial_learning_rate", self.initial_learning_rate.to_string()),
            ("first_decay_steps", self.first_decay_steps.to_string()),
            ("t_mul", self.t_mul.to_string()),
            ("m_mul", self.m_mul.to_string()),
            ("alpha", self.alpha.to_string()),
        ]
    }
}
