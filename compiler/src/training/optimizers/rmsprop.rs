//! RMSprop: divides by a running root mean square of the gradients. Source: `keras/src/optimizers/rmsprop.py`.

use super::arguments::{self, EPSILON, MOMENTUM, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant, truth};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::explanation::expression::{Equation, Expression, Function, product};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `v = rho v + (1 - rho) g^2`, `w -= learning_rate g / sqrt(v + epsilon)`; if centered, the square of the running
/// mean gradient is subtracted from `v` in the root.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RMSprop {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of the mean of squares that a step keeps; 0.9 by default.
    pub rho: f64,
    /// Share of the last step that is kept; 0 by default, which keeps no slot.
    pub momentum: f64,
    /// Added within the root; 1e-7 by default.
    pub epsilon: f64,
    /// Whether the root is that of the variance rather than of the mean of squares; false by default.
    pub centered: bool,
}

impl UpdateRule for RMSprop {
    const SIGNATURE: &'static Signature = &Signature {
        name: "RMSprop",
        aliases: &[],
        doc: "Divides by a running root mean square of the gradients",
        parameters: with_shared![
            RATE,
            Argument::optional(
                "rho",
                ArgumentKind::Number,
                Literal::Float(0.9),
                "decay of the mean of squares"
            ),
            MOMENTUM,
            EPSILON,
            Argument::optional(
                "centered",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether the mean is taken off first",
            ),
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let rho = given.read("rho", numbers::decay);
        let momentum = given.read("momentum", numbers::share);
        let epsilon = given.read("epsilon", arguments::epsilon);
        let centered = given.bool("centered");
        Some(Self {
            learning_rate: learning_rate?,
            rho: rho?,
            momentum: momentum?,
            epsilon: epsilon?,
            centered: centered?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        let mut slots = vec![Slot::zero("velocity")];
        if self.momentum > 0.0 {
            slots.push(Slot::zero("momentum"));
        }
        if self.centered {
            slots.push(Slot::zero("average_gradient"));
        }
        slots
    }

    fn kernel(&self) -> UpdateKernel {
        let entry = match (self.momentum > 0.0, self.centered) {
            (false, false) => "rmsprop",
            (true, true) => "rmsprop_two_more",
            (true, false) | (false, true) => "rmsprop_one_more",
        };
        let numbers = [
            ("MOMENTUM", self.momentum),
            ("RHO", self.rho),
            ("EPSILON", self.epsilon),
        ];
        UpdateKernel::new(entry, &numbers).with("CENTERED", self.centered)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("rho", self.rho.to_string()),
            ("momentum", self.momentum.to_string()),
            ("epsilon", format!("{:e}", self.epsilon)),
            ("centered", truth(self.centered)),
        ]
    }

    fn words(&self) -> String {
        let Self {
            learning_rate,
            rho,
            momentum,
            centered,
            ..
        } = self;
        let mut text = format!(
            "RMSprop keeps for each weight a running mean of the squares of its gradients, of which each step keeps rho = \
             {rho}. The gradient is divided by the root of that mean, so that steep and flat directions get steps of like \
             size, and multiplied by learning_rate = {learning_rate}."
        );
        if *centered {
            text.push_str(" Centered: the square of the mean gradient is taken off the mean of squares first.");
        }
        if *momentum > 0.0 {
            text.push_str(&format!(
                " With momentum = {momentum} a step also keeps that share of the step before."
            ));
        }
        text
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let rest = || Expression::from(1.0).minus(self.rho);
        let squares = significant(product([rest(), GRADIENT.into(), GRADIENT.into()]), "(mean of squares)");
        let mut mean = squares.rounded();
        let mut equations = vec![squares];
        if self.centered {
            let gradients = significant(rest().times(GRADIENT), "(mean of gradients)");
            let average = gradients.rounded();
            mean = mean.minus(average.clone().times(average));
            equations.push(gradients);
        }
        let root = mean.plus(self.epsilon).under(Function::Sqrt);
        let step = Expression::from(learning_rate).times(GRADIENT).over(root);
        equations.push(significant(weight.minus(step), ""));
        equations
    }
}
