//! `CategoricalCrossentropy`: how far a distribution over classes is from the right one. Source: `keras/src/losses/losses.py`.

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

/// `-sum y log p` over the classes, for targets y and probabilities p. Class numbers in the data become one-hot rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CategoricalCrossentropy {
    /// Whether outputs are logits, which the loss turns into probabilities; otherwise they are probabilities.
    pub from_logits: bool,
    /// The share, from 0 to 1, by which targets move towards an equal share for each class.
    pub label_smoothing: f32,
}

impl Objective for CategoricalCrossentropy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "CategoricalCrossentropy",
        aliases: &[],
        doc: "Minus the sum of target times log(probability) over the classes; class numbers in the data become one-hot by themselves",
        parameters: &[
            common::FROM_LOGITS,
            common::LABEL_SMOOTHING,
            common::AXIS,
            common::REDUCTION,
            common::name("categorical_crossentropy"),
            common::DTYPE,
        ],
        keywords: &[],
    };

    const NAME: &'static str = "categorical_crossentropy";

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
        Targets::Shares
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        common::several(ending, place, diagnostics);
        let of = ("CategoricalCrossentropy", ActivationFunction::Softmax);
        common::probabilities(of, self.from_logits, ending, place, diagnostics);
    }

    fn absorbs(&self, last: ActivationFunction) -> bool {
        matches!(last, ActivationFunction::Softmax | ActivationFunction::Sigmoid)
    }

    fn criterion(&self, absorbed: bool, _: bool) -> Option<Criterion> {
        Some(Criterion::CategoricalCrossentropy {
            from_logits: absorbed || self.from_logits,
            label_smoothing: self.label_smoothing,
        })
    }

    fn printed(&self) -> String {
        common::printed(
            "CategoricalCrossentropy",
            Some(self.from_logits),
            &[("label_smoothing", self.label_smoothing, 0.0)],
        )
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        let mut words = vec![format!(
            "The loss says in one number how wrong the network is: minus the sum, over its {} outputs, of what each should be \
             times the logarithm of what it is. Where one class is right, that is -ln(p) of the probability p that it got.",
            thousands(outputs)
        )];
        if self.label_smoothing > 0.0 {
            words.push(format!(
                "Label smoothing of {} takes that share from the right class and deals it out to all of them equally, so that \
                 the network is not driven to be sure.",
                self.label_smoothing
            ));
        }
        words
    }

    fn guess(&self, outputs: usize) -> Option<(Expression, String)> {
        let because = format!(
            "the loss where each of {} classes gets the same probability: what a fresh network has, more or less",
            thousands(outputs)
        );
        Some((Expression::from(outputs).under(Function::Ln), because))
    }
}
