//! SGD: gradient descent, with momentum if given. Source: `keras/src/optimizers/sgd.py`.

use super::arguments::{self, MOMENTUM, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant, truth};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::explanation::expression::{Equation, Expression};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `w -= learning_rate g`; with momentum `m = momentum m - learning_rate g` and `w += m`, or with Nesterov's variant
/// `w += momentum m - learning_rate g`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SGD {
    /// Size of a step; 0.01 by default.
    pub learning_rate: LearningRate,
    /// Share of the last step that is kept; 0 by default, which keeps no slot.
    pub momentum: f64,
    /// Whether the momentum looks ahead; false by default.
    pub nesterov: bool,
}

impl UpdateRule for SGD {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SGD",
        aliases: &[],
        doc: "Gradient descent, with momentum if given",
        parameters: with_shared![
            Argument {
                default: Literal::Float(0.01),
                ..RATE
            },
            MOMENTUM,
            Argument::optional(
                "nesterov",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether the momentum looks ahead",
            ),
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let momentum = given.read("momentum", numbers::share);
        let nesterov = given.bool("nesterov");
        Some(Self {
            learning_rate: learning_rate?,
            momentum: momentum?,
            nesterov: nesterov?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        if self.momentum == 0.0 {
            Vec::new()
        } else {
            vec![Slot::zero("momentum")]
        }
    }

    fn kernel(&self) -> UpdateKernel {
        let entry = if self.momentum == 0.0 { "sgd" } else { "sgd_momentum" };
        UpdateKernel::new(entry, &[("MOMENTUM", self.momentum)]).with("NESTEROV", self.nesterov)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("momentum", self.momentum.to_string()),
            ("nesterov", truth(self.nesterov)),
        ]
    }

    fn words(&self) -> String {
        let Self {
            learning_rate,
            momentum,
            nesterov,
        } = self;
        let mut text =
            format!("SGD, gradient descent, takes learning_rate = {learning_rate} times the gradient off each weight.");
        if *momentum != 0.0 {
            text.push_str(&format!(
                " With momentum = {momentum} a step also keeps that share of the step before, as a rolling ball does."
            ));
        }
        if *nesterov {
            text.push_str(" Nesterov's variant looks ahead: it adds the momentum once more.");
        }
        text
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let step = Expression::from(learning_rate).times(GRADIENT);
        // Nesterov: w += momentum m - rate g, where m = -rate g.
        let step = if self.nesterov {
            Expression::from(1.0).plus(self.momentum).times(step)
        } else {
            step
        };
        vec![significant(weight.minus(step), "")]
    }
}
