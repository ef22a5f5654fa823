//! `BinaryCrossentropy`: how wrong answers of yes or no are. Source: `keras/src/losses/losses.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::explanation::expression::{Expression, Function};
use crate::numbers::thousands;
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// `-y log p - (1 - y) log(1 - p)` for a target y and the probability p of a yes, the mean over outputs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinaryCrossentropy {
    /// Whether outputs are logits, which the loss turns into probabilities; otherwise they are probabilities.
    pub from_logits: bool,
    /// The share, from 0 to 1, by which targets move towards a half.
    pub label_smoothing: f32,
}

impl Objective for BinaryCrossentropy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "BinaryCrossentropy",
        aliases: &[],
        doc: "Minus log of the probability that each output gives to what is right, yes or no; the mean over outputs",
        parameters: &[
            common::FROM_LOGITS,
            common::LABEL_SMOOTHING,
            common::AXIS,
            common::REDUCTION,
            common::name("binary_crossentropy"),
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "binary_crossentropy";

    const ALIASES: &'static [&'static str] = &["bce"];

    fn by_name() -> Self {
        Self {
            from_logits: false,
            label_smoothing: 0.0,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            from_logits: given.bool("from_logits")?,
            label_smoothing: common::share(given, "label_smoothing")?,
        })
    }

    fn targets(&self) -> Targets {
        Targets::Binary
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        let of = ("BinaryCrossentropy", ActivationFunction::Sigmoid);
        common::probabilities(of, self.from_logits, ending, place, diagnostics);
    }

    fn absorbs(&self, last: ActivationFunction) -> bool {
        matches!(last, ActivationFunction::Softmax | ActivationFunction::Sigmoid)
    }

    fn criterion(&self, absorbed: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::BinaryCrossentropy {
            from_logits: absorbed || self.from_logits,
            label_smoothing: self.label_smoothing,
        })
    }

    fn printed(&self) -> String {
        common::printed(
            "BinaryCrossentropy",
            Some(self.from_logits),
            &[("label_smoothing", self.label_smoothing, 0.0)],
        )
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        let of = if outputs == 1 {
            "the one output is the probability of the second class".to_owned()
        } else {
            format!("each of {} outputs is a probability of its own", thousands(outputs))
        };
        vec![format!(
            "The loss says in one number how wrong the network is; {of}. It is -ln(p) of the probability p that what is right \
             got: the output where the target is 1, one minus the output where it is 0. Of several outputs it is the mean."
        )]
    }

    fn guess(&self, _: usize) -> Option<(Expression, String)> {
        let because = "the loss where every output is 0.5: what a fresh network has, more or less".to_owned();
        Some((Expression::from(2_usize).under(Function::Ln), because))
    }
}
