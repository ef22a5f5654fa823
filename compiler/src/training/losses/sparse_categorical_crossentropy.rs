//! `SparseCategoricalCrossentropy`: minus the logarithm of the probability of the right class. Source:
//! `keras/src/losses/losses.py` and `keras/src/backend/tensorflow/nn.py`.

use super::common;
use super::objective::{Ending, Objective, Place, Targets};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::explanation::expression::{Expression, Function};
use crate::numbers::thousands;
use crate::ops::Criterion;
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// The mean over the batch of `-log softmax(output)[label]`, or of `-log output[label]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SparseCategoricalCrossentropy {
    /// Whether outputs are logits, of which the loss takes the softmax; otherwise they are probabilities.
    pub from_logits: bool,
}

impl Objective for SparseCategoricalCrossentropy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "SparseCategoricalCrossentropy",
        aliases: &[],
        doc: "-log of the probability that the network gives to the right class, the mean over the batch",
        parameters: &[
            Argument::optional(
                "from_logits",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether the network ends without a softmax",
            ),
            Argument::unsupported("ignore_class", Literal::None),
            Argument::unsupported("reduction", Literal::Str("sum_over_batch_size")),
            Argument::unsupported("axis", Literal::Int(-1)),
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::None]),
                ..Argument::unsupported("name", Literal::Str("sparse_categorical_crossentropy"))
            },
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
                ..Argument::unsupported("dtype", Literal::None)
            },
        ],
        keywords: &[],
    };

    const NAME: &'static str = "sparse_categorical_crossentropy";

    fn by_name() -> Self {
        Self { from_logits: false }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let from_logits = given.bool("from_logits")?;
        Some(Self { from_logits })
    }

    fn targets(&self) -> Targets {
        Targets::ClassNumber
    }

    fn check(&self, ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
        if ending.shape.rank() == 1 || ending.class_of_place {
            let of = ("SparseCategoricalCrossentropy", ActivationFunction::Softmax);
            common::probabilities(of, self.from_logits, ending, place, diagnostics);
        } else {
            diagnostics.push(not_a_row(ending));
        }
    }

    fn absorbs(&self, last: ActivationFunction) -> bool {
        matches!(last, ActivationFunction::Softmax | ActivationFunction::Sigmoid)
    }

    /// The classes of a map's places have become one-hot rows before they are compared.
    fn criterion(&self, absorbed: bool, by_place: bool) -> Option<Criterion> {
        by_place.then_some(Criterion::CategoricalCrossentropy {
            from_logits: absorbed || self.from_logits,
            label_smoothing: 0.0,
        })
    }

    fn printed(&self) -> String {
        let from_logits = if self.from_logits { "True" } else { "False" };
        format!("SparseCategoricalCrossentropy(from_logits={from_logits})")
    }

    fn words(&self, outputs: usize) -> Vec<String> {
        let first = "The loss says in one number how wrong the network is. For a picture whose right class gets the \
                     probability p it is -ln(p): 0 where the network is sure and right, larger the less it believed in the \
                     right class. A batch's loss is the mean over its pictures.";
        let second = if self.from_logits {
            format!(
                "The network's {} numbers are logits, any numbers at all. The loss makes probabilities of them by itself, \
                 with a softmax: e to the power of each, divided by the sum of all of these.",
                thousands(outputs)
            )
        } else {
            "The network's numbers are taken for probabilities as they are: positive, and 1 in sum, as a softmax makes them."
                .to_owned()
        };
        vec![first.to_owned(), second]
    }

    fn guess(&self, outputs: usize) -> Option<(Expression, String)> {
        let because = format!(
            "the loss where each of {} classes gets the same probability: what a fresh network has, more or less",
            thousands(outputs)
        );
        Some((Expression::from(outputs).under(Function::Ln), because))
    }
}

/// The error E0404, for an output with more than one axis.
fn not_a_row(ending: &Ending<'_>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0404", "the output is not one value per class")
        .at(ending.span, format!("gives {}", ending.shape))
        .note("the loss compares one row of values with one label per sample");
    let Some(class) = ending.along_last_axis else {
        return diagnostic.help("end with Flatten() and a Dense layer with one unit per class");
    };
    let start = Span {
        start: ending.span.start,
        end: ending.span.start,
    };
    let diagnostic = diagnostic
        .note(format!("{class} works on the last axis alone"))
        .help("put Flatten() or GlobalAveragePooling2D() before it");
    if ending.functional {
        diagnostic
    } else {
        diagnostic.fix(start, "Flatten()\n    ")
    }
}
