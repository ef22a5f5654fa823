//! Lion: steps of one size, in the direction of a running mean. Chen et al., 2023; source: `keras/src/optimizers/lion.py`.

use super::arguments::{self, BETA_1, BETA_2, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Literal, Signature};
use crate::call::values;
use crate::explanation::expression::{Equation, Expression};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `w -= learning_rate sign(beta_1 m + (1 - beta_1) g)`, then `m = beta_2 m + (1 - beta_2) g`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Lion {
    /// Size of every step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of the mean in the direction of a step; 0.9 by default.
    pub beta_1: f64,
    /// Share of the mean that a step keeps; 0.99 by default.
    pub beta_2: f64,
}

impl UpdateRule for Lion {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Lion",
        aliases: &[],
        doc: "Steps of one size, up or down",
        parameters: with_shared![
            RATE,
            Argument {
                doc: "share of the mean of gradients in the direction of a step",
                ..BETA_1
            },
            Argument {
                default: Literal::Float(0.99),
                doc: "decay of the mean of gradients",
                ..BETA_2
            },
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let beta_1 = given.read("beta_1", |argument, value, diagnostics| {
            values::ranged(argument, value, diagnostics, "above 0 and at most 1", |share| {
                share > 0.0 && share <= 1.0
            })
        });
        let beta_2 = given.read("beta_2", numbers::share);
        Some(Self {
            learning_rate: learning_rate?,
            beta_1: beta_1?,
            beta_2: beta_2?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("momentum")]
    }

    fn kernel(&self) -> UpdateKernel {
        UpdateKernel::new("lion", &[("BETA_1", self.beta_1), ("BETA_2", self.beta_2)])
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![("beta_1", self.beta_1.to_string()), ("beta_2", self.beta_2.to_string())]
    }

    fn words(&self) -> String {
        format!(
            "Lion keeps a running mean of the gradients of each weight, of which each step keeps beta_2 = {}. A step goes \
             learning_rate = {} up or down, whichever {} of that mean and the rest of the new gradient say; how large they are \
             does not matter.",
            self.beta_2, self.learning_rate, self.beta_1
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let direction = Expression::from(1.0).minus(self.beta_1).times(GRADIENT);
        let direction = significant(direction, "(above 0: down)");
        let step = if direction.number() > 0.0 { learning_rate } else { 0.0 };
        vec![direction, significant(weight.minus(step), "")]
    }
}
