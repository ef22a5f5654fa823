//! Losses and metrics by name or call: `keras/src/losses`, `keras/src/metrics`.

use crate::call::arguments::Arguments;
use crate::call::arguments::not_wired;
use crate::call::names;
use crate::call::signature::{Kind, Literal, Parameter, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use crate::training::loss::{Loss, Metric};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The one loss.
pub static LOSS: Signature = Signature {
    name: "SparseCategoricalCrossentropy",
    aliases: &[],
    doc: "-log of the probability that the network gives to the right class, the mean over the batch",
    parameters: &[
        Parameter::optional(
            "from_logits",
            Kind::Bool,
            Literal::Bool(false),
            "whether the network ends without a softmax",
        ),
        Parameter::unsupported("ignore_class", Literal::None),
        Parameter::unsupported("reduction", Literal::Str("sum_over_batch_size")),
        Parameter::unsupported("axis", Literal::Int(-1)),
        Parameter {
            kind: Kind::Unsupported(&[Literal::None]),
            ..Parameter::unsupported("name", Literal::Str("sparse_categorical_crossentropy"))
        },
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("float32")]),
            ..Parameter::unsupported("dtype", Literal::None)
        },
    ],
    keywords: &[],
};

const LOSS_NAME: &str = "sparse_categorical_crossentropy";

/// Names of the one metric, which is also its key in the log.
pub const METRICS: [&str; 3] = ["accuracy", "acc", "sparse_categorical_accuracy"];

static METRIC: Signature = Signature {
    name: "SparseCategoricalAccuracy",
    aliases: &[],
    doc: "Share of the samples whose largest output is the right class",
    parameters: &[
        Parameter::optional(
            "name",
            Kind::Name,
            Literal::Str("sparse_categorical_accuracy"),
            "its key in the log",
        ),
        Parameter {
            kind: Kind::Unsupported(&[Literal::Str("float32")]),
            ..Parameter::unsupported("dtype", Literal::None)
        },
    ],
    keywords: &[],
};

pub(super) fn loss(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Loss> {
    let by_name = |name: &str| name == LOSS_NAME || name == LOSS.name;
    let probabilities = Loss::SparseCategoricalCrossentropy { from_logits: false };
    match &value.kind {
        ValueKind::String(name) if by_name(name) => Some(probabilities),
        ValueKind::String(name) => {
            diagnostics.push(unknown_loss(name, value.span, &format!("\"{LOSS_NAME}\"")));
            None
        }
        ValueKind::Name(path) => {
            let (prefix, name) = path.rsplit_once('.').unwrap_or(("", path));
            if !prefix.is_empty() && name == LOSS_NAME {
                if !names::is_module(prefix, "losses") {
                    diagnostics.push(names::unknown_prefix(prefix, value.span, "losses"));
                    return None;
                }
                return Some(probabilities);
            }
            let wrong = values::wrong_type(parameter, value);
            diagnostics.push(values::unquoted(wrong, value, [LOSS_NAME].into_iter()));
            None
        }
        ValueKind::Call(call) => {
            names::check_prefix(call, "losses", &[], diagnostics);
            not_wired(call, "a loss", diagnostics);
            if call.name.node != LOSS.name {
                diagnostics.push(unknown_loss(&call.name.node, call.name.span, LOSS.name));
                return None;
            }
            let from_logits = Arguments::bind(&LOSS, call, diagnostics).bool("from_logits")?;
            Some(Loss::SparseCategoricalCrossentropy { from_logits })
        }
        ValueKind::None => {
            diagnostics.push(
                Diagnostic::error("E0409", "training needs a loss")
                    .at(value.span, "this is none")
                    .help("loss=SparseCategoricalCrossentropy(from_logits=True)"),
            );
            None
        }
        ValueKind::Integer(_) | ValueKind::Float(_) | ValueKind::Bool(_) | ValueKind::Tuple(_) | ValueKind::List(_) => {
            diagnostics.push(values::wrong_type(parameter, value));
            None
        }
    }
}

fn unknown_loss(name: &str, span: Span, right: &str) -> Diagnostic {
    if names::KERAS_LOSSES.contains(&name) {
        let diagnostic = Diagnostic::error("E0402", format!("loss `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not");
        return if name.to_lowercase().contains("categorical") {
            diagnostic.help(format!(
                "labels are class numbers here, not one-hot: {right} is the same loss for them"
            ))
        } else {
            diagnostic.help(format!("there is {right}"))
        };
    }
    let diagnostic =
        Diagnostic::error("E0402", format!("unknown loss `{name}`")).at(span, "there is none of this name");
    match nearest(name, [LOSS.name, LOSS_NAME]) {
        Some(_) => diagnostic.help(format!("did you mean {right}?")).fix(span, right),
        None => diagnostic.help(format!("there is {right}")),
    }
}

pub(super) fn metrics(parameter: &Parameter, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Metric>> {
    let items = match &value.kind {
        ValueKind::None => return Some(Vec::new()),
        ValueKind::List(items) | ValueKind::Tuple(items) => items,
        ValueKind::String(name) => {
            let listed = format!("[\"{name}\"]");
            diagnostics.push(values::wrong_type(parameter, value).fix(value.span, listed));
            return None;
        }
        _ => {
            diagnostics.push(values::wrong_type(parameter, value));
            return None;
        }
    };
    let mut seen: Vec<(String, Span)> = Vec::new();
    let mut failed = false;
    for item in items {
        let Some(name) = metric(item, diagnostics) else {
            failed = true;
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| *known == name) {
            diagnostics.push(
                Diagnostic::error("E0105", format!("metric `{name}` is given twice"))
                    .at(item.span, "again here")
                    .because(*first, "first here")
                    .help("one of the two can go"),
            );
            failed = true;
        } else {
            seen.push((name, item.span));
        }
    }
    (!failed).then(|| seen.into_iter().map(|(name, _)| Metric { name }).collect())
}

/// The metric's key in the log.
fn metric(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    let (name, span) = match &value.kind {
        ValueKind::String(name) if METRICS.contains(&name.as_str()) => return Some(name.clone()),
        ValueKind::String(name) => (name.as_str(), value.span),
        ValueKind::Call(call) if call.name.node == METRIC.name => {
            names::check_prefix(call, "metrics", &[], diagnostics);
            not_wired(call, "a metric", diagnostics);
            let name = Arguments::bind(&METRIC, call, diagnostics).read("name", values::string)?;
            let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            if name.is_empty() || name == "loss" || !name.chars().all(plain) {
                diagnostics.push(
                    Diagnostic::error("E0114", "not a name for a metric")
                        .at(value.span, format!("named `{name}`"))
                        .help("a name is made of letters, digits and `_`, and is not `loss`"),
                );
                return None;
            }
            return Some(name);
        }
        ValueKind::Call(call) => (call.name.node.as_str(), call.name.span),
        _ => {
            diagnostics.push(
                Diagnostic::error("E0107", "a metric is a string")
                    .at(value.span, format!("this is {}", values::describe(value)))
                    .help("such as metrics=[\"accuracy\"]"),
            );
            return None;
        }
    };
    if names::KERAS_METRICS.contains(&name) {
        diagnostics.push(
            Diagnostic::error("E0403", format!("metric `{name}` is not supported"))
                .at(span, "Keras has it, cnnc does not")
                .help("there is \"accuracy\", the share of samples whose largest output is the right class"),
        );
        return None;
    }
    let diagnostic =
        Diagnostic::error("E0403", format!("unknown metric `{name}`")).at(span, "there is none of this name");
    diagnostics.push(match nearest(name, METRICS) {
        Some(meant) => diagnostic
            .help(format!("did you mean \"{meant}\"?"))
            .fix(span, format!("\"{meant}\"")),
        None => diagnostic.help(format!("there are {}", all_of(METRICS))),
    });
    None
}
