//! What several losses share: arguments, and checks of the end of a network.

use super::objective::{Ending, Place};
use crate::activation::ActivationFunction;
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal};
use crate::call::values;
use grammar::ast::Value;
use grammar::diagnostic::Diagnostic;

/// The argument `from_logits`: whether outputs are logits; `False` by default.
pub(super) const FROM_LOGITS: Argument = Argument::optional(
    "from_logits",
    ArgumentKind::Bool,
    Literal::Bool(false),
    "whether the network ends without the activation that makes probabilities",
);

/// The argument `label_smoothing`: the share by which targets are smoothed, 0 by default.
pub(super) const LABEL_SMOOTHING: Argument = Argument::optional(
    "label_smoothing",
    ArgumentKind::Number,
    Literal::Float(0.0),
    "share by which targets are drawn to equal chances",
);

/// The argument `gamma`: the exponent of focal losses, 2 by default.
pub(super) const GAMMA: Argument = Argument::optional(
    "gamma",
    ArgumentKind::Number,
    Literal::Float(2.0),
    "how much less what is easy counts; 0 is the plain crossentropy",
);

/// The argument `axis`, which accepts the last axis only.
pub(super) const AXIS: Argument = Argument::unsupported("axis", Literal::Int(-1));

/// The argument `reduction`, which accepts the mean over samples only.
pub(super) const REDUCTION: Argument = Argument::unsupported("reduction", Literal::Str("sum_over_batch_size"));

/// The argument `name`, which is not shown anywhere; it accepts Keras's default.
pub(super) const fn name(default: &'static str) -> Argument {
    Argument {
        kind: ArgumentKind::Unsupported(&[Literal::None]),
        ..Argument::unsupported("name", Literal::Str(default))
    }
}

/// The argument `dtype`, which accepts float32 only.
pub(super) const DTYPE: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
    ..Argument::unsupported("dtype", Literal::None)
};

/// Reads a share from 0 to 1.
pub(super) fn share(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        values::ranged(argument, value, diagnostics, "from 0 to 1", |share| {
            (0.0..=1.0).contains(&share)
        })
    };
    given.read(name, read).map(|share| share as f32)
}

/// Reads a number of at least 0.
pub(super) fn non_negative(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    given.read(name, values::non_negative).map(|number| number as f32)
}

/// Reads a number above 0.
pub(super) fn positive(given: &mut Arguments<'_>, name: &str) -> Option<f32> {
    let read = |argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>| {
        values::ranged(argument, value, diagnostics, "above 0", |number| number > 0.0)
    };
    given.read(name, read).map(|number| number as f32)
}

/// The call of a loss with the arguments that differ from their defaults, and with `from_logits` where there is one.
/// `others` holds names, values and defaults.
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

/// Warns of an activation that is applied twice (W0406), or not at all where probabilities are expected (W0407).
/// `class` is the loss's name, `function` what makes probabilities for it.
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
            // The call has no other arguments, so that nothing is lost where it is replaced.
            None if class == "SparseCategoricalCrossentropy" => {
                diagnostic.fix(place.loss, format!("loss={class}(from_logits=True)"))
            }
            None => diagnostic,
        });
    }
}

/// Reports a row of one output, which has no classes to choose from.
pub(super) fn several(ending: &Ending<'_>, place: &Place, diagnostics: &mut Vec<Diagnostic>) {
    if ending.shape.channels() < 2 {
        diagnostics.push(
            Diagnostic::error("E0422", "one output cannot choose among classes")
                .at(ending.span, "gives one value")
                .because(place.loss, "compares the values of classes with one another")
                .help(
                    "for two classes: loss=\"binary_crossentropy\" with this one output, or two outputs with a softmax",
                ),
        );
    }
}
