//! `CategoricalFocalCrossentropy`: a crossentropy for classes of unequal size (Lin et al. 2017, arXiv 1708.02002).
//! Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `-sum alpha (1 - p)^gamma y log p` over the classes, for targets y and probabilities p, so that easy values count less.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CategoricalFocalCrossentropy {
    /// The factor of all classes.
    pub alpha: f32,
    /// The exponent: the larger, the less easy values count; 0 is the plain crossentropy.
    pub gamma: f32,
    /// Whether outputs are logits, which the loss turns into probabilities; otherwise they are probabilities.
    pub from_logits: bool,
    /// The share, from 0 to 1, by which targets move towards an equal share for each class.
    pub label_smoothing: f32,
}

impl Objective for CategoricalFocalCrossentropy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CategoricalFocalCrossentropy",
        aliases: &[],
        doc: "The categorical crossentropy, each class's part times alpha (1 - probability)^gamma, so that what is easy counts less",
        parameters: &[
            Argument::optional(
                "alpha",
                ArgumentKind::Number,
                Literal::Float(0.25),
                "the weight of all classes",
            ),
            common::GAMMA,
            common::FROM_LOGITS,
            common::LABEL_SMOOTHING,
            common::AXIS,
            common::REDUCTION,
            common::name("categorical_focal_crossentropy"),
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "categorical_focal_crossentropy";

    fn by_name() -> Self {
        Self {
            alpha: 0.25,
            gamma: 2.0,
            from_logits: false,
            label_smoothing: 0.0,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            alpha: common::non_negative(given, "alpha")?,
            gamma: common::non_negative(given, "gamma")?,
            from_logits: given.bool("from_logits")?,
            label_smoothing: common::share(given, "label_smoothing")?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Shares
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        common::several(ending, place, diagnostics);
        let of = ("CategoricalFocalCrossentropy", ActivationFunction::Softmax);
        common::probabilities(of, self.from_logits, ending, place, diagnostics);
    }

    fn criterion(&self, absorbed: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::CategoricalFocalCrossentropy {
            from_logits: absorbed || self.from_logits,
            label_smoothing: self.label_smoothing,
            alpha: self.alpha,
            gamma: self.gamma,
        })
    }

    fn printed(&self) -> String {
        common::printed(
            "CategoricalFocalCrossentropy",
            Some(self.from_logits),
            &[
                ("alpha", self.alpha, 0.25),
                ("gamma", self.gamma, 2.0),
                ("label_smoothing", self.label_smoothing, 0.0),
            ],
        )
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        vec![format!(
            "The loss is -ln(p) of the probability p that the right one of {outputs} classes got, times {} (1 - p)^{}: what the \
             network is sure and right about hardly counts, so that rare classes are not drowned by easy ones.",
            self.alpha, self.gamma
        )]
    }
}
