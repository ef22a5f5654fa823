//! Adagrad: divides by the root of the sum of all squared gradients. Duchi, Hazan and Singer, 2011; source:
//! `keras/src/optimizers/adagrad.py`.

use super::arguments::{self, EPSILON, INITIAL_ACCUMULATOR, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::call::values;
use crate::explanation::expression::{Equation, Expression, Function};
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `a += g^2`, `w -= learning_rate g / sqrt(a + epsilon)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adagrad {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// The value that `a` begins with; 0.1 by default.
    pub initial_accumulator_value: f64,
    /// Added within the root; 1e-7 by default.
    pub epsilon: f64,
}

impl UpdateRule for Adagrad {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Adagrad",
        aliases: &[],
        doc: "Divides by the root of the sum of all squared gradients so far",
        parameters: with_shared![RATE, INITIAL_ACCUMULATOR, EPSILON, WEIGHT_DECAY],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let start = given.read("initial_accumulator_value", values::non_negative);
        let epsilon = given.read("epsilon", arguments::epsilon);
        Some(Self {
            learning_rate: learning_rate?,
            initial_accumulator_value: start?,
            epsilon: epsilon?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![Slot {
            name: "accumulator",
            start: self.initial_accumulator_value as f32,
        }]
    }

    fn kernel(&self) -> UpdateKernel {
        UpdateKernel::new("adagrad", &[("EPSILON", self.epsilon)])
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("initial_accumulator_value", self.initial_accumulator_value.to_string()),
            ("epsilon", format!("{:e}", self.epsilon)),
        ]
    }

    fn words(&self) -> String {
        format!(
            "Adagrad adds up the squares of all gradients that a weight has had, beginning with {}. A step is learning_rate = \
             {} times the gradient divided by the root of that sum: weights that have moved much move less and less.",
            self.initial_accumulator_value, self.learning_rate
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let square = Expression::from(GRADIENT).times(GRADIENT);
        let sum = significant(
            Expression::from(self.initial_accumulator_value).plus(square),
            "(sum of squares)",
        );
        let root = sum.rounded().plus(self.epsilon).under(Function::Sqrt);
        let step = Expression::from(learning_rate).times(GRADIENT).over(root);
        vec![sum, significant(weight.minus(step), "")]
    }
}
