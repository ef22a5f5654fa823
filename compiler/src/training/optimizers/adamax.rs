//! Adamax: Adam with the largest gradient in place of the root mean square. Kingma and Ba, 2014, section 7; source:
//! `keras/src/optimizers/adamax.py`.

use super::arguments::{self, BETA_1, BETA_2, EPSILON, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Rates, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Signature};
use crate::explanation::expression::{Equation, Expression};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `m += (g - m) (1 - beta_1)`, `u = max(beta_2 u, |g|)`, `w -= step_size m / (u + epsilon)`, where `step_size` is
/// `learning_rate / (1 - beta_1^t)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adamax {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of the mean of gradients that a step keeps; 0.9 by default.
    pub beta_1: f64,
    /// The factor by which the largest gradient shrinks in a step; 0.999 by default.
    pub beta_2: f64,
    /// Added to the largest gradient; 1e-7 by default.
    pub epsilon: f64,
}

impl UpdateRule for Adamax {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Adamax",
        aliases: &[],
        doc: "Running mean of the gradients, divided by the largest of them",
        parameters: with_shared![
            RATE,
            BETA_1,
            Argument {
                doc: "decay of the largest gradient",
                ..BETA_2
            },
            EPSILON,
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let beta_1 = given.read("beta_1", numbers::decay);
        let beta_2 = given.read("beta_2", numbers::decay);
        let epsilon = given.read("epsilon", arguments::epsilon);
        Some(Self {
            learning_rate: learning_rate?,
            beta_1: beta_1?,
            beta_2: beta_2?,
            epsilon: epsilon?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("momentum"), Slot::zero("norm")]
    }

    fn rates(&self, learning_rate: f64, step: u64) -> Rates {
        Rates {
            step_size: learning_rate / (1.0 - self.beta_1.powf(step as f64)),
            ..Rates::plain(learning_rate)
        }
    }

    fn kernel(&self) -> UpdateKernel {
        let numbers = [
            ("EPSILON", self.epsilon),
            ("BETA_1", self.beta_1),
            ("BETA_2", self.beta_2),
        ];
        UpdateKernel::new("adamax", &numbers)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("beta_1", self.beta_1.to_string()),
            ("beta_2", self.beta_2.to_string()),
            ("epsilon", format!("{:e}", self.epsilon)),
        ]
    }

    fn words(&self) -> String {
        let Self {
            learning_rate,
            beta_1,
            beta_2,
            ..
        } = self;
        format!(
            "Adamax keeps two numbers for each weight: a running mean of its gradients (each step keeps beta_1 = {beta_1} of \
             it), and the largest gradient so far, which shrinks to beta_2 = {beta_2} of itself in each step. A step is \
             learning_rate = {learning_rate} times the first divided by the second. The mean begins at 0, which the first \
             steps make up for."
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let rest = || Expression::from(1.0).minus(self.beta_1);
        let gradients = significant(rest().times(GRADIENT), "(mean of gradients)");
        let rate = significant(Expression::from(learning_rate).over(rest()), "(rate of the first step)");
        let largest = Expression::from(GRADIENT).plus(self.epsilon);
        let step = rate.rounded().times(gradients.rounded()).over(largest);
        vec![gradients, rate, significant(weight.minus(step), "")]
    }
}
