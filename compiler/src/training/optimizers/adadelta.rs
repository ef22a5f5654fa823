//! Adadelta: steps as large as the steps before them. Zeiler, 2012; source: `keras/src/optimizers/adadelta.py`.

use super::arguments::{self, EPSILON, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::explanation::expression::{Equation, Expression, Function, product};
use crate::training::numbers;
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `a = rho a + (1 - rho) g^2`, `d = sqrt(b + epsilon) g / sqrt(a + epsilon)`, `b = rho b + (1 - rho) d^2`,
/// `w -= learning_rate d`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adadelta {
    /// Size of a step; 0.001 by default. The paper's is 1.
    pub learning_rate: LearningRate,
    /// Share of both means of squares that a step keeps; 0.95 by default.
    pub rho: f64,
    /// Added within both roots; 1e-7 by default.
    pub epsilon: f64,
}

impl UpdateRule for Adadelta {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Adadelta",
        aliases: &[],
        doc: "Steps as large as the steps before them were",
        parameters: with_shared![
            RATE,
            Argument::optional(
                "rho",
                ArgumentKind::Number,
                Literal::Float(0.95),
                "decay of the means of squares",
            ),
            EPSILON,
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let rho = given.read("rho", numbers::decay);
        let epsilon = given.read("epsilon", arguments::epsilon);
        Some(Self {
            learning_rate: learning_rate?,
            rho: rho?,
            epsilon: epsilon?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot::zero("accumulated_grad"), Slot::zero("accumulated_delta_var")]
    }

    fn kernel(&self) -> UpdateKernel {
        UpdateKernel::new("adadelta", &[("RHO", self.rho), ("EPSILON", self.epsilon)])
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("rho", self.rho.to_string()),
            ("epsilon", format!("{:e}", self.epsilon)),
        ]
    }

    fn words(&self) -> String {
        format!(
            "Adadelta keeps two running means of squares for each weight, of its gradients and of its steps, of which each \
             step keeps rho = {}. A step is the gradient times the root of the second divided by the root of the first, times \
             learning_rate = {}. The paper has no learning rate, which is the same as 1: with a small one it moves slowly.",
            self.rho, self.learning_rate
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let rest = Expression::from(1.0).minus(self.rho);
        let squares = significant(
            product([rest, GRADIENT.into(), GRADIENT.into()]),
            "(mean of squared gradients)",
        );
        let root = |of: Expression| of.plus(self.epsilon).under(Function::Sqrt);
        let last = Expression::from(self.epsilon).under(Function::Sqrt);
        let step = last.times(GRADIENT).over(root(squares.rounded()));
        let step = significant(step, "(step before the learning rate)");
        let new = weight.minus(Expression::from(learning_rate).times(step.rounded()));
        vec![squares, step, significant(new, "")]
    }
}
