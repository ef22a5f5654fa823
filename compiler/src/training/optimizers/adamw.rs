//! AdamW: Adam with decoupled weight decay. Loshchilov and Hutter, 2017; source: `keras/src/optimizers/adamw.py`.

use super::adam::Adam;
use super::arguments::{AMSGRAD, BETA_1, BETA_2, EPSILON, RATE, WEIGHT_DECAY, with_shared};
use super::rule::{Rates, Slot, UpdateKernel, UpdateRule};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, Literal, Signature};
use crate::call::values;
use crate::explanation::expression::{Equation, Expression};
use crate::training::schedules::LearningRate;
use serde::Serialize;

/// `w -= w weight_decay learning_rate`, then the step of [`Adam`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AdamW {
    /// Size of a step; 0.001 by default.
    pub learning_rate: LearningRate,
    /// Share of each parameter that decays in a step, before it is multiplied by the learning rate; 0.004 by default.
    pub weight_decay: f64,
    /// Share of the mean of gradients that a step keeps; 0.9 by default.
    pub beta_1: f64,
    /// Share of the mean of squares that a step keeps; 0.999 by default.
    pub beta_2: f64,
    /// Added to the root; 1e-7 by default.
    pub epsilon: f64,
    /// Whether the divisor is the largest mean of squares so far, which never shrinks; false by default.
    pub amsgrad: bool,
}

impl AdamW {
    fn adam(&self) -> Adam {
        Adam {
            learning_rate: self.learning_rate.clone(),
            beta_1: self.beta_1,
            beta_2: self.beta_2,
            epsilon: self.epsilon,
            amsgrad: self.amsgrad,
        }
    }
}

impl UpdateRule for AdamW {
    const SIGNATURE: &'static Signature = &Signature {
        name: "AdamW",
        aliases: &[],
        doc: "Adam, and parameters that decay by themselves",
        parameters: with_shared![
            RATE,
            Argument {
                default: Literal::Float(0.004),
                doc: "share of each parameter that decays",
                ..WEIGHT_DECAY
            },
            BETA_1,
            BETA_2,
            EPSILON,
            AMSGRAD,
        ],
        keywords: &[],
    };

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let adam = Adam::read(given);
        let weight_decay = given.read("weight_decay", values::non_negative);
        let (adam, weight_decay) = (adam?, weight_decay?);
        Some(Self {
            learning_rate: adam.learning_rate,
            weight_decay,
            beta_1: adam.beta_1,
            beta_2: adam.beta_2,
            epsilon: adam.epsilon,
            amsgrad: adam.amsgrad,
        })
    }

    fn learning_rate(&self) -> &LearningRate {
        &self.learning_rate
    }

    fn weight_decay(&self) -> Option<f64> {
        Some(self.weight_decay)
    }

    fn slots(&self) -> Vec<Slot> {
        self.adam().slots()
    }

    fn rates(&self, learning_rate: f64, step: u64) -> Rates {
        self.adam().rates(learning_rate, step)
    }

    fn kernel(&self) -> UpdateKernel {
        self.adam().kernel()
    }

    fn printed(&self) -> Vec<(&'static str, String)> {
        let mut printed = vec![("weight_decay", self.weight_decay.to_string())];
        printed.extend(self.adam().printed());
        printed
    }

    fn words(&self) -> String {
        format!(
            "AdamW first takes the share weight_decay * learning_rate = {} * {} off each weight, so that weights that nothing \
             needs fade away, and then does as Adam. {}",
            self.weight_decay,
            self.learning_rate,
            self.adam().words()
        )
    }

    fn by_hand(&self, weight: Expression, learning_rate: f64) -> Vec<Equation> {
        self.adam().by_hand(weight, learning_rate)
    }
}
