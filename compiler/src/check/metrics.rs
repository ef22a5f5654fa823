//! Checks that outputs and losses have what metrics count.

use crate::activation::ActivationFunction;
use crate::numbers::thousands;
use crate::training::compile::Judgement;
use crate::training::losses::{Ending, Targets};
use crate::training::metrics::Metric;
use grammar::diagnostic::Diagnostic;

/// The most sums that a metric keeps, as many as those of a thousand classes by a thousand.
const MOST_SUMS: usize = 1_000_000;

/// Reports metrics that do not go with the output or the loss. Accuracies are counted by the loss itself.
pub(super) fn check(judgement: &Judgement, ending: &Ending<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let channels = ending.shape.channels();
    for metric in judgement
        .metrics
        .iter()
        .filter(|metric| metric.kind.counting(channels).is_some())
    {
        let refused = refused(metric, judgement, ending);
        if refused.is_none() {
            diagnostics.extend(logits(metric, judgement, ending));
        }
        diagnostics.extend(refused);
    }
}

fn refused(metric: &Metric, judgement: &Judgement, ending: &Ending<'_>) -> Option<Diagnostic> {
    let (kind, channels) = (&metric.kind, ending.shape.channels());
    let numbers = judgement.loss.targets() == Targets::ClassNumber;
    let diagnostic = Diagnostic::error("E0441", format!("`{}` cannot be measured here", metric.name))
        .at(metric.span, "asked for here");
    if numbers && !kind.takes_class_numbers() {
        let loss = "for the same data with a target for each output: loss=\"categorical_crossentropy\"";
        return Some(
            diagnostic
                .because(
                    judgement.loss_place.loss,
                    "has class numbers, not a target for each output",
                )
                .help(loss),
        );
    }
    if !numbers && !kind.takes_targets() {
        return Some(
            diagnostic
                .because(
                    judgement.loss_place.loss,
                    "has a target for each output, not class numbers",
                )
                .help("TopKCategoricalAccuracy(k=5) is the one for these"),
        );
    }
    let sums = kind
        .counting(channels)
        .map_or(0, |counting| counting.counters(channels));
    if sums > MOST_SUMS {
        return Some(
            diagnostic
                .because(ending.span, format!("gives {}", many(channels)))
                .note(format!(
                    "it would keep {} sums, more than {}",
                    thousands(sums),
                    thousands(MOST_SUMS)
                ))
                .help("fewer num_thresholds"),
        );
    }
    if kind.only_of_rows() && ending.shape.rank() > 1 {
        return Some(diagnostic.because(ending.span, format!("gives {}, not a row of values", ending.shape)));
    }
    if let Some(classes) = kind.classes().filter(|classes| *classes != channels) {
        return Some(
            diagnostic
                .because(ending.span, format!("gives {}", many(channels)))
                .note(format!("the metric counts {classes} classes"))
                .help(kind.with_classes(channels)),
        );
    }
    if let Some(class) = kind.class().filter(|class| *class >= channels) {
        return Some(
            diagnostic
                .because(ending.span, format!("gives {}", many(channels)))
                .note(format!("class {class} is asked for, and classes are counted from 0"))
                .help(format!("class_id={}", channels.saturating_sub(1))),
        );
    }
    None
}

/// Warns of metrics with thresholds between 0 and 1 for outputs that are logits, which Keras compares as they are, too.
fn logits(metric: &Metric, judgement: &Judgement, ending: &Ending<'_>) -> Option<Diagnostic> {
    let made = match ending.activation {
        Some(ActivationFunction::Softmax | ActivationFunction::Sigmoid | ActivationFunction::HardSigmoid) => true,
        Some(_) | None => false,
    };
    let compares = metric.kind.of_probabilities() && judgement.loss.from_logits() && !made;
    compares.then(|| {
        Diagnostic::warning(
            "W0442",
            format!("`{}` compares logits with thresholds of probabilities", metric.name),
        )
        .at(metric.span, "its thresholds are between 0 and 1")
        .because(ending.span, "gives logits, of which it gets to see nothing else")
        .help("end with an activation, and use from_logits=False")
    })
}

fn many(channels: usize) -> String {
    if channels == 1 {
        "1 value".to_owned()
    } else {
        format!("{channels} values")
    }
}
