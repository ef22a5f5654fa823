//! Nadam: Adam with Nesterov's momentum. Dozat, 2015; source: `keras/src/optimizers/nadam.py`.

use super::arguments::{self, BETA_1, BETA_2, EPSILON, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Rates, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::{Equation, Expression, Function, product};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// Adam's means, and `w -= (step_size m + gradient_size g) / (sqrt(square_scale v) + epsilon)`. The three numbers of a step
/// come from `u_t = beta_1 (1 - 0.96^t / 2)` and the product of all `u` so far.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Nadam {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of the mean of gradients that a step keeps; 0.9 by default.
    pub beta_1: f64,
    /// Share of the mean of squares that a step keeps; 0.999 by default.
    pub beta_2: f64,
    /// Added to the root; 1e-7 by default.
    pub epsilon: f64,
}

impl Nadam {
    /// `u_t`, which grows from about half of `beta_1` to all of it.
    fn momentum(&self, step: u64) -> f64 {
        self.beta_1 * (1.0 - 0.5 * 0.96_f64.powf(step as f64))
    }

    /// The product of `u_1` to `u_t`.
    fn product(&self, step: u64) -> f64 {
        let mut product = 1.0;
        for t in 1..=step {
            product *= self.momentum(t);
            // From here on, 1 minus the product is 1 in `f64`, whatever factors follow.
            if product < 1e-20 {
                return 0.0;
            }
        }
        product
    }
}

impl UpdateRule for Nadam {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Nadam",
        aliases: &[],
        doc: "Adam with a momentum that looks ahead",
        parameters: with_shared![RATE, BETA_1, BETA_2, EPSILON, WEIGHT_DECAY],
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
        vec![Slot::zero("momentum"), Slot::zero("velocity")]
    }

    fn rates(&self, learning_rate: f64, step: u64) -> Rates {
        let (now, next) = (self.momentum(step), self.momentum(step + 1));
        let product = self.product(step);
        Rates {
            step_size: learning_rate * next / (1.0 - product * next),
            gradient_size: learning_rate * (1.0 - now) / (1.0 - product),
            square_scale: 1.0 / (1.0 - self.beta_2.powf(step as f64)),
        }
    }

    fn kernel(&self) -> UpdateKernel {
        let numbers = [
            ("EPSILON", self.epsilon),
            ("BETA_1", self.beta_1),
            ("BETA_2", self.beta_2),
        ];
        UpdateKernel::new("nadam", &numbers)
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
            "Nadam keeps two running means for each weight, as Adam does: of its gradients (each step keeps up to beta_1 = \
             {beta_1} of it, in the first steps half as much) and of their squares (beta_2 = {beta_2}). A step is \
             learning_rate = {learning_rate} times the first, looked at one step ahead, divided by the root of the second."
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let rest = |share: f64| Expression::from(1.0).minus(share);
        let gradients = significant(rest(self.beta_1).times(GRADIENT), "(mean of gradients)");
        let u = |power: Expression, unit| {
            let half = Expression::from(0.5).times(power);
            significant(
                Expression::from(self.beta_1).times(Expression::from(1.0).minus(half)),
                unit,
            )
        };
        let decay = || Expression::from(0.96);
        let now = u(decay(), "(u of this step)");
        let next = u(decay().times(0.96), "(u of the next step)");
        let both = now.rounded().times(next.rounded());
        let ahead = next
            .rounded()
            .times(gradients.rounded())
            .over(Expression::from(1.0).minus(both));
        // The gradient itself has (1 - u) / (1 - u), which is 1 in the first step.
        let direction = significant(ahead.plus(GRADIENT), "(direction)");
        let square = product([rest(self.beta_2), GRADIENT.into(), GRADIENT.into()]).over(rest(self.beta_2));
        let root = square.under(Function::Sqrt).plus(self.epsilon);
        let step = Expression::from(learning_rate).times(direction.rounded()).over(root);
        vec![gradients, now, next, direction, significant(weight.minus(step), "")]
    }
}
