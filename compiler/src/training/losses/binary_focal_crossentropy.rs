//! `BinaryFocalCrossentropy`: a crossentropy of yes and no where one is much rarer (Lin et al. 2017, arXiv
//! 1708.02002). Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// The binary crossentropy times `(1 - p_t)^gamma`, where `p_t` is the probability of the right answer, so that easy
/// values count less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinaryFocalCrossentropy {
    /// Whether targets of 1 are weighted by `alpha`, and targets of 0 by `1 - alpha`.
    pub apply_class_balancing: bool,
    /// The weight of targets of 1, with `apply_class_balancing`.
    pub alpha: f32,
    /// The exponent: the larger, the less easy values count; 0 is the plain crossentropy.
    pub gamma: f32,
    /// Whether outputs are logits, which the loss turns into probabilities; otherwise they are probabilities.
    pub from_logits: bool,
    /// The share, from 0 to 1, by which targets move towards a half.
    pub label_smoothing: f32,
}

impl Objective for BinaryFocalCrossentropy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "BinaryFocalCrossentropy",
        aliases: &[],
        doc: "The binary crossentropy times (1 - probability of what is right)^gamma, so that what is easy counts less",
        parameters: &[
            Argument::optional(
                "apply_class_balancing",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether alpha weighs ones, and 1 - alpha zeros",
            ),
            Argument::optional(
                "alpha",
                ArgumentKind::Number,
                Literal::Float(0.25),
                "the weight of ones",
            ),
            common::GAMMA,
            common::FROM_LOGITS,
            common::LABEL_SMOOTHING,
            common::AXIS,
            common::REDUCTION,
            common::name("binary_focal_crossentropy"),
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "binary_focal_crossentropy";

    fn by_name() -> Self {
        Self {
            apply_class_balancing: false,
            alpha: 0.25,
            gamma: 2.0,
            from_logits: false,
            label_smoothing: 0.0,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            apply_class_balancing: given.bool("apply_class_balancing")?,
            alpha: common::share(given, "alpha")?,
            gamma: common::non_negative(given, "gamma")?,
            from_logits: given.bool("from_logits")?,
            label_smoothing: common::share(given, "label_smoothing")?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Binary
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        let of = ("BinaryFocalCrossentropy", ActivationFunction::Sigmoid);
        common::probabilities(of, self.from_logits, ending, place, diagnostics);
    }

    fn absorbs(&self, last: ActivationFunction) -> bool {
        last == ActivationFunction::Sigmoid
    }

    fn criterion(&self, absorbed: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::BinaryFocalCrossentropy {
            from_logits: absorbed || self.from_logits,
            label_smoothing: self.label_smoothing,
            alpha: self.apply_class_balancing.then_some(self.alpha),
            gamma: self.gamma,
        })
    }

    fn printed(&self) -> String {
        {
            let alpha = if self.apply_class_balancing { self.alpha } else { 0.25 };
            let plain = common::printed(
                "BinaryFocalCrossentropy",
                Some(self.from_logits),
                &[
                    ("alpha", alpha, 0.25),
                    ("gamma", self.gamma, 2.0),
                    ("label_smoothing", self.label_smoothing, 0.0),
                ],
            );
            if self.apply_class_balancing {
                plain.replace('(', "(apply_class_balancing=True, ")
            } else {
                plain
            }
        }
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        vec![format!(
            "The loss is -ln(p) of the probability p that what is right got, times (1 - p)^{}, the mean over {outputs} {}: what the \
             network is sure and right about hardly counts.",
            self.gamma,
            if outputs == 1 { "output" } else { "outputs" }
        )]
    }
}
