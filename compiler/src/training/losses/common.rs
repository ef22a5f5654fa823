//! What several losses share: arguments, and whether the end of a network goes with them.

use super::objective::{Ending, Place};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use grammar::ast::Value;
use grammar::diagnostic::Diagnostic;

/// Whether outputs are logits.
pub(super) const FROM_LOGITS: Argument = Argument::optional(
    "from_logits",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether the network ends without the activation that makes probabilities",
);

/// The share by which targets are smoothed.
pub(super) const LABEL_SMOOTHING: Argument = Argument::optional(
    "label_smoothing",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "share by which targets are drawn to equal chances",
);

/// The exponent of focal losses.
pub(super) const GAMMA: Argument = Argument::optional(
    "gamma",
    ArgumentKind::Number,
    Literal::Float(2.0),
    "how much less what is easy counts; 0 is the plain crossentropy",
);

/// The axis that a row lies on.
pub(super) const AXIS: Argument = Argument::unsupported("axis", Literal::Int(-1));

/// How the losses of samples become one number.
pub(super) const REDUCTION: Argument = Argument::unsupported("reduction", Literal::Str("sum_over_batch_size"));

/// A name that nothing shows.
pub(super) const fn name(default: &'static str) -> Argument {
    Argument {
        kind: ArgumentKind::Unsupported(&[Literal::None]),
        ..Argument::unsupported("name", Literal::Str(default))
    }
}

/// The precision, of which there is one.
pub(super) const DTYPE: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
    ..Argument::unsupported("dtype", Literal::None)
};

/// A share from 0 to 1.
pub(super) fn share(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        values::ranged(argument, value, diagnostics, "from 0 to 1", |share| {
            (0.0..=1.0).contains(&share)
        })
    };
    given.read(name, read).map(|share| share as f32)
}

/// A number of at least 0.
pub(super) fn non_negative(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    given.read(name, values::non_negative).map(|number| number as f32)
}

/// A number above 0.
pub(super) fn positive(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        values::ranged(argument, value, diagnostics, "above 0", |number| number > 0.0)
    };
    given.read(name, read).map(|number| number as f32)
}

/// `name=value` of what differs from the default, with `from_logits` always where there is one.
pub(super) fn printed(class: &str, from_logits: Option<bool>, others: &[(&str, f32, f32)]) -> String {
    let mut written = Vec::new();
    if let Some(from_logits) = from_logits {
        written.push(format!("from_logits={}", if from_logits { "True" } else { "False" }));
    }
    let given = others
        .iter()
        .filter(|(_, value, default)| value.to_bits() != default.to_bits());
    written.extend(given.map(|(name, value, _)| format!("{name}={value}")));
    format!("{class}({})", written.join(", "))
}

/// Reports an activation that is applied twice, or none at all where probabilities are expected. `class`: the loss's name;
/// `function`: what makes probabilities for it.
pub(super) fn probabilities(
    (class, function): (&str, ActivationFunction),
    from_logits: bool,
    ending: &Ending<'_>,
    place: &Place,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let name = if function == ActivationFunction::Softmax {
        "softmax"
    } else {
        "sigmoid"
    };
    let span = place.from_logits.unwrap_or(place.loss);
    let made = match ending.activation {
        Some(ActivationFunction::Softmax | ActivationFunction::Sigmoid | ActivationFunction::HardSigmoid) => true,
        Some(_) | None => false,
    };
    if from_logits && ending.activation == Some(function) {
        let diagnostic = Diagnostic::warning("W0406", format!("{name} is applied twice"))
            .at(span, format!("the loss applies a {name}"))
            .because(ending.activation_span, "the output has one already")
            .help(format!("use from_logits=False, or end without a {name}"));
        diagnostics.push(match place.from_logits {
            Some(span) => diagnostic.fix(span, "from_logits=False"),
            None => diagnostic,
        });
    } else if function == ActivationFunction::Softmax && ending.activation == Some(ActivationFunction::Sigmoid) {
        diagnostics.push(
            Diagnostic::warning("W0423", "a sigmoid before a loss that compares classes")
                .at(ending.activation_span, "each output is a probability of its own")
                .because(place.loss, "takes a softmax of what goes into the sigmoid, as Keras on TensorFlow does")
                .help("end with activation=\"softmax\", or use binary_crossentropy where several classes may be right at once"),
        );
    } else if !made && !from_logits {
        let expects = if place.from_logits.is_some() {
            format!("expects a {name} before it")
        } else {
            "from_logits is False by default".to_owned()
        };
        let diagnostic = Diagnostic::warning("W0407", "the loss expects probabilities, the output is logits")
            .at(span, expects)
            .because(ending.span, format!("gives logits: no {name} after it"))
            .help(format!(
                "use {class}(from_logits=True), or end with activation=\"{name}\""
            ));
        diagnostics.push(match place.from_logits {
            Some(span) => diagnostic.fix(span, "from_logits=True"),
            // Nothing else is said in the call that this one would lose.
            None if class == "SparseCategoricalCrossentropy" => {
                diagnostic.fix(place.loss, format!("loss={class}(from_logits=True)"))
            }
            None => diagnostic,
        });
    }
}

/// Reports a row of one output, which has no classes to choose among.
pub(super) fn several(ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
    if ending.shape.channels() < 2 {
        diagnostics.push(
            Diagnostic::error("E0422", "one output is no choice among classes")
                .at(ending.span, "gives one value")
                .because(place.loss, "compares the values of classes with one another")
                .help(
                    "for two classes: loss=\"binary_crossentropy\" with this one output, or two outputs with a softmax",
                ),
        );
    }
}
