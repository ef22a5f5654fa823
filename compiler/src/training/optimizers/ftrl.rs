//! Ftrl: "follow the regularized leader", for sparse weights. McMahan et al., 2013; source: `keras/src/optimizers/ftrl.py`.

use super::arguments::{self, INITIAL_ACCUMULATOR, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{GRADIENT, Slot, UpdateKernel, UpdateRule, significant};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::explanation::expression::{Equation, Expression, Function};
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// With `p = -learning_rate_power`: `n' = n + g^2`, `z += g + 2 l2_shrinkage w - (n'^p - n^p) / learning_rate w`,
/// `w = (clip(z, -l1, l1) - z) / (n'^p / learning_rate + 2 l2 + beta / learning_rate)`, `n = n'`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ftrl {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// The exponent of the sum of squares, at most 0, by which steps shrink; -0.5 by default.
    pub learning_rate_power: f64,
    /// The value that `n` begins with; 0.1 by default.
    pub initial_accumulator_value: f64,
    /// The distance from 0 that `z` must exceed for the weight not to be 0; 0 by default.
    pub l1_regularization_strength: f64,
    /// The strength with which weights are held at 0; 0 by default.
    pub l2_regularization_strength: f64,
    /// The strength of the same pull by way of the gradient; 0 by default.
    pub l2_shrinkage_regularization_strength: f64,
    /// Added to the power of the sum of squares; 0 by default.
    pub beta: f64,
}

const fn strength(name: &'static str, doc: &'static str) -> Argument {
    Argument::optional(name, ArgumentKind::Number, Literal::Float(0.0), doc)
}

impl UpdateRule for Ftrl {
    const SIGNATURE: &'static Signature = &Signature {
        name: "Ftrl",
        aliases: &[],
        doc: "Follows the regularized leader: many weights stay zero",
        parameters: with_shared![
            RATE,
            Argument::optional(
                "learning_rate_power",
                ArgumentKind::Number,
                Literal::Float(-0.5),
                "power of the sum of squares that steps shrink by",
            ),
            INITIAL_ACCUMULATOR,
            strength("l1_regularization_strength", "how strongly small weights become zero"),
            strength("l2_regularization_strength", "how strongly weights are held at zero"),
            strength(
                "l2_shrinkage_regularization_strength",
                "the same, by way of the gradient",
            ),
            strength("beta", "added to the root of the sum of squares"),
            WEIGHT_DECAY,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let learning_rate = arguments::learning_rate(given);
        let power = given.read("learning_rate_power", |argument, value, diagnostics| {
            values::ranged(argument, value, diagnostics, "at most 0", |power| power <= 0.0)
        });
        let start = given.read("initial_accumulator_value", values::non_negative);
        let l1 = given.read("l1_regularization_strength", values::non_negative);
        let l2 = given.read("l2_regularization_strength", values::non_negative);
        let shrinkage = given.read("l2_shrinkage_regularization_strength", values::non_negative);
        let beta = given.read("beta", values::non_negative);
        Some(Self {
            learning_rate: learning_rate?,
            learning_rate_power: power?,
            initial_accumulator_value: start?,
            l1_regularization_strength: l1?,
            l2_regularization_strength: l2?,
            l2_shrinkage_regularization_strength: shrinkage?,
            beta: beta?,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn slots(&self) -> Vec<Slot> {
        vec![
            Slot {
                name: "accumulator",
                start: self.initial_accumulator_value as f32,
            },
            Slot::zero("linear"),
        ]
    }

    fn kernel(&self) -> UpdateKernel {
        let numbers = [
            ("POWER", -self.learning_rate_power),
            ("L1", self.l1_regularization_strength),
            ("L2", self.l2_regularization_strength),
            ("L2_SHRINKAGE", self.l2_shrinkage_regularization_strength),
            ("BETA", self.beta),
        ];
        UpdateKernel::new("ftrl", &numbers)
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        vec![
            ("learning_rate_power", self.learning_rate_power.to_string()),
            ("initial_accumulator_value", self.initial_accumulator_value.to_string()),
            (
                "l1_regularization_strength",
                self.l1_regularization_strength.to_string(),
            ),
            (
                "l2_regularization_strength",
                self.l2_regularization_strength.to_string(),
            ),
            (
                "l2_shrinkage_regularization_strength",
                self.l2_shrinkage_regularization_strength.to_string(),
            ),
            ("beta", self.beta.to_string()),
        ]
    }

    fn words(&self) -> String {
        let Self {
            learning_rate,
            l1_regularization_strength: l1,
            ..
        } = self;
        let mut text = format!(
            "Ftrl, which follows the regularized leader, keeps two numbers for each weight: the sum of the squares of its \
             gradients, and where all gradients so far would push it. Each step sets the weight anew to what would have been \
             best in all steps so far, with learning_rate = {learning_rate}. A weight does not depend on where it started: \
             after the first step initial weights hardly matter."
        );
        if *l1 > 0.0 {
            text.push_str(&format!(
                " With l1_regularization_strength = {l1} a weight that is pushed less than that becomes 0."
            ));
        }
        text
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        let power = -self.learning_rate_power;
        if (power - 0.5).abs() > f64::EPSILON {
            // Powers other than roots cannot be written down here.
            let before = self.initial_accumulator_value;
            let after = before + GRADIENT * GRADIENT;
            let powers = [before.powf(power).into(), after.powf(power).into()];
            return self.last_steps(weight, learning_rate, powers, Vec::new());
        }
        let start = Expression::from(self.initial_accumulator_value);
        let square = Expression::from(GRADIENT).times(GRADIENT);
        let before = significant(start.clone().under(Function::Sqrt), "(root before)");
        let after = significant(start.plus(square).under(Function::Sqrt), "(root after)");
        let roots = [before.rounded(), after.rounded()];
        self.last_steps(weight, learning_rate, roots, vec![before, after])
    }
}

impl Ftrl {
    /// The equations from the powers of the sum of squares, before and after the step, to the new weight.
    fn last_steps(
        &self,
        weight: Expression,
        learning_rate: f64,
        [before, after]: [Expression; 2],
        mut equations: Vec<Equation>,
    ) -> Vec<Equation> {
        let change = after.clone().minus(before).over(learning_rate);
        let mut push = Expression::from(GRADIENT);
        if self.l2_shrinkage_regularization_strength > 0.0 {
            push = push.plus(Expression::from(2.0 * self.l2_shrinkage_regularization_strength).times(weight.clone()));
        }
        let linear = significant(push.minus(change.times(weight)), "(push)");
        let pushed = linear.number();
        let clipped = pushed.clamp(-self.l1_regularization_strength, self.l1_regularization_strength);
        let held = after
            .plus(self.beta)
            .over(learning_rate)
            .plus(2.0 * self.l2_regularization_strength);
        let new = Expression::from(clipped).minus(linear.rounded()).over(held);
        equations.extend([linear, significant(new, "")]);
        equations
    }
}
