//! Adam: running means of the gradients and of their squares. Kingma and Ba, 2014; source: `keras/src/optimizers/adam.py`.

use super::arguments::{self, AMSGRAD, BETA_1, BETA_2, EPSILON, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Rates, Slot, UpdateKernel, UpdateRule, significant, truth};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::{Equation, Expression, Function, product};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `m += (g - m) (1 - beta_1)`, `v += (g^2 - v) (1 - beta_2)`, `w -= step_size m / (sqrt(v) + epsilon)`, where `step_size`
/// is `learning_rate sqrt(1 - beta_2^t) / (1 - beta_1^t)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adam {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of the mean of gradients that a step keeps; 0.9 by default.
    pub beta_1: f64,
    /// Share of the mean of squares that a step keeps; 0.999 by default.
    pub beta_2: f64,
    /// Added to the root; 1e-7 by default.
    pub epsilon: f64,
    /// Whether the divisor is the largest mean of squares so far, which never shrinks; false by default.
    pub amsgrad: bool,
}

impl UpdateRule for Adam {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Adam",
        aliases: &[],
        doc: "Running means of the gradients and of their squares",
        parameters: with_shared![RATE, BETA_1, BETA_2, EPSILON, AMSGRAD, WEIGHT_DECAY],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let beta_1 = given.read("beta_1", numbers::decay);
        let beta_2 = given.read("beta_2", numbers::decay);
        let epsilon = given.read("epsilon", arguments::epsilon);
        let amsgrad = given.bool("amsgrad");
        Some(Self {
            learning_rate: learning_rate?,
            beta_1: beta_1?,
            beta_2: beta_2?,
            epsilon: epsilon?,
            amsgrad: amsgrad?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::zero("momentum"), Slot::zero("velocity")];
        if self.amsgrad {
            slots.push(Slot::zero("velocity_hat"));
        }
        slots
    }

    fn rates(&self, learning_rate: f64, step: u64) -> Rates {
        let step = step as f64;
        Rates {
            step_size: learning_rate * (1.0 - self.beta_2.powf(step)).sqrt() / (1.0 - self.beta_1.powf(step)),
            ..Rates::plain(learning_rate)
        }
    }

    fn kernel(&self) -> UpdateKernel {
        let entry = if self.amsgrad { "adam_amsgrad" } else { "adam" };
        let numbers = [
            ("EPSILON", self.epsilon),
            ("BETA_1", self.beta_1),
            ("BETA_2", self.beta_2),
        ];
        UpdateKernel::new(entry, &numbers)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("beta_1", self.beta_1.to_string()),
            ("beta_2", self.beta_2.to_string()),
            ("epsilon", format!("{:e}", self.epsilon)),
            ("amsgrad", truth(self.amsgrad)),
        ]
    }

    fn words(&self) -> String {
        let Self {
            learning_rate,
            beta_1,
            beta_2,
            amsgrad,
            ..
        } = self;
        let mut text = format!(
            "Adam keeps two running means for each weight: of its gradients (each step keeps beta_1 = {beta_1} of it) and of \
             their squares (beta_2 = {beta_2}). A step is learning_rate = {learning_rate} times the first divided by the root \
             of the second: where gradients agree it goes far, where they contradict each other it hardly moves. Both means \
             begin at 0, which the first steps make up for."
        );
        if *amsgrad {
            text.push_str(" Amsgrad: the divisor is the largest that there has been.");
        }
        text
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let rest = |beta: f64| Expression::from(1.0).minus(beta);
        let gradients = significant(rest(self.beta_1).times(GRADIENT), "(mean of gradients)");
        let squares = significant(
            product([rest(self.beta_2), GRADIENT.into(), GRADIENT.into()]),
            "(mean of squares)",
        );
        let rate = Expression::from(learning_rate)
            .times(rest(self.beta_2).under(Function::Sqrt))
            .over(rest(self.beta_1));
        let rate = significant(rate, "(rate of the first step)");
        let step = rate.rounded().times(gradients.rounded());
        let root = squares.rounded().under(Function::Sqrt);
        let new = weight.minus(step.over(root.plus(self.epsilon)));
        vec![gradients, squares, rate, significant(new, "")]
    }
}
