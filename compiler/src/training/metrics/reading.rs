//! Reads the metrics that a description asks for, by name or by call, and gives them the names that they are reported by.

use super::{Metric, MetricKind};
use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Literal, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// Reads a list of metrics.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Metric>> {
    let items = match &value.kind {
        ValueKind::None => return Some(Vec::new()),
        ValueKind::List(items) | ValueKind::Tuple(items) => items.as_slice(),
        ValueKind::String(name) => {
            let listed = format!("[\"{name}\"]");
            diagnostics.push(
                Diagnostic::warning("W0421", format!("`{}` is a list now", argument.name))
                    .at(value.span, "a metric by itself")
                    .help(format!("{}={listed}", argument.name))
                    .fix(value.span, listed),
            );
            std::slice::from_ref(value)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            return None;
        }
    };
    let mut found = Vec::new();
    let mut failed = false;
    for item in items {
        let Some(metric) = metric(item, diagnostics) else {
            failed = true;
            continue;
        };
        found.push(metric);
    }
    (!failed).then_some(found)
}

/// Gives an output's metrics different names: one with the name of an earlier one gets a number, or `weighted_` before it
/// where samples count by their weights, and then a number. As in Keras (`CompileMetrics.result`).
pub(crate) fn numbered(found: Vec<Metric>, weighted: Vec<Metric>) -> Vec<Metric> {
    let most = found.len() + weighted.len();
    let mut metrics: Vec<Metric> = Vec::new();
    let weighted = weighted.into_iter().map(|metric| Metric {
        weighted: true,
        ..metric
    });
    for mut metric in found.into_iter().chain(weighted) {
        let is_taken = |name: &str| metrics.iter().any(|known| known.name == name);
        if metric.weighted && metric.numbered {
            // A class without a name counts its calls.
            let same = |known: &&Metric| known.numbered && known.kind.called() == metric.kind.called();
            let before = metrics.iter().filter(same).count();
            if before > 0 {
                metric.name = format!("{}_{before}", metric.name);
            }
        }
        if is_taken(&metric.name) && metric.weighted {
            metric.name = format!("weighted_{}", metric.name);
        }
        if is_taken(&metric.name) {
            let mut names = (1..=most).map(|number| format!("{}_{number}", metric.name));
            metric.name = names.find(|name| !is_taken(name)).unwrap_or_default();
        }
        metrics.push(metric);
    }
    metrics
}

fn metric(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Metric> {
    let (name, span) = match &value.kind {
        ValueKind::String(name) => {
            if let Some(kind) = MetricKind::by_name(name)
                && MetricKind::names().any(|known| known == name)
            {
                return Some(Metric {
                    name: name.clone(),
                    kind,
                    weighted: false,
                    numbered: false,
                    span: value.span,
                });
            }
            (name.as_str(), value.span)
        }
        ValueKind::Call(call) => {
            // `"accuracy"` is a name only: Keras's class `Accuracy` is another metric.
            let called = |signature: &&&Signature| signature.name == call.name.node && signature.name != "accuracy";
            if let Some(signature) = MetricKind::SIGNATURES.iter().find(called) {
                names::check_prefix(call, "metrics", &[], diagnostics);
                not_wired(call, "a metric", diagnostics);
                let mut given = Arguments::bind(signature, call, diagnostics);
                let is_named = given.written("name").is_some();
                let name = given.read("name", values::string);
                let kind = MetricKind::read(signature, &mut given)?;
                let numbered = kind.is_numbered() && !is_named;
                let name = name?;
                let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                if name.is_empty() || name == "loss" || !name.chars().all(plain) {
                    diagnostics.push(
                        Diagnostic::error("E0114", "not a name for a metric")
                            .at(value.span, format!("named `{name}`"))
                            .help("a name is made of letters, digits and `_`, and is not `loss`"),
                    );
                    return None;
                }
                return Some(Metric {
                    name,
                    kind,
                    weighted: false,
                    numbered,
                    span: value.span,
                });
            }
            (call.name.node.as_str(), call.name.span)
        }
        ValueKind::Name(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            let mut diagnostic = Diagnostic::error("E0107", "a metric is a string or a call")
                .at(value.span, format!("this is {}", values::describe(value)));
            let mut help = "such as metrics=[\"accuracy\", AUC()]";
            if let ValueKind::Name(name) = &value.kind {
                diagnostic = diagnostic.note("a description runs no code of your own");
                help = instead_of_own(name).unwrap_or(help);
            }
            diagnostics.push(diagnostic.help(help));
            return None;
        }
    };
    diagnostics.push(unknown(name, span));
    None
}

/// What there is in place of a function of people's own, as far as its name tells.
fn instead_of_own(name: &str) -> Option<&'static str> {
    let name = name.to_lowercase();
    let parts: [(&[&str], &str); 9] = [
        (
            &["dice", "iou", "jaccard"],
            "BinaryIoU(target_class_ids=[1]) measures the overlap of masks",
        ),
        (&["f1", "fbeta", "f_score", "fscore"], "F1Score(average=\"macro\")"),
        (&["precision"], "Precision()"),
        (&["recall", "sensitivity"], "Recall()"),
        (&["auc", "roc"], "AUC()"),
        (
            &["top"],
            "TopKCategoricalAccuracy(k=5), or of class numbers SparseTopKCategoricalAccuracy(k=5)",
        ),
        (&["rmse", "root_mean"], "RootMeanSquaredError()"),
        (&["mae", "absolute"], "\"mae\""),
        (&["acc"], "\"accuracy\""),
    ];
    let has = |(words, _): &&(&[&str], &'static str)| words.iter().any(|word| name.contains(word));
    parts.iter().find(has).map(|(_, instead)| *instead)
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    if let Some(known) = MetricKind::SIGNATURES.iter().find(|known| known.name == name) {
        let arguments: Vec<String> = known
            .all()
            .filter(|argument| argument.default == Literal::Required)
            .map(|argument| format!("{}={}", argument.name, argument.kind.example()))
            .collect();
        return Diagnostic::error("E0403", format!("metric `{name}` is given by call"))
            .at(span, "its arguments have no default")
            .help(format!("such as {name}({})", arguments.join(", ")));
    }
    if names::KERAS_METRICS.contains(&name) {
        return Diagnostic::error("E0403", format!("metric `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not")
            .help(format!("there are {}", all_of(MetricKind::names())));
    }
    let diagnostic = Diagnostic::error("E0403", format!("unknown metric `{name}`")).at(span, "no metric has this name");
    match nearest(name, MetricKind::names()) {
        Some(meant) => diagnostic
            .help(format!("did you mean \"{meant}\"?"))
            .fix(span, format!("\"{meant}\"")),
        None => diagnostic.help(format!("there are {}", all_of(MetricKind::names()))),
    }
}
