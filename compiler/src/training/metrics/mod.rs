//! Metrics, one room each, by name or by call. Source: keras/src/metrics.

mod accuracy;
mod binary_accuracy;
mod categorical_accuracy;
mod measure;
mod sparse_categorical_accuracy;

pub use accuracy::Accuracy;
pub use binary_accuracy::BinaryAccuracy;
pub use categorical_accuracy::CategoricalAccuracy;
pub use measure::Measure;
pub use sparse_categorical_accuracy::SparseCategoricalAccuracy;

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use crate::ops::Hit;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// The list of metrics: each line is a variant, and names the structure of its room.
macro_rules! metrics {
    ($($name:ident),+ $(,)?) => {
        /// What a metric measures.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl Kind {
            /// What can be called, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// Every name that means a metric with every default.
            pub fn names() -> impl Iterator<Item = &'static str> {
                let names: &[&[&'static str]] = &[$($name::NAMES),+];
                names.concat().into_iter()
            }

            fn by_name(name: &str) -> Option<Self> {
                $(
                    if $name::NAMES.contains(&name) || name == $name::SIGNATURE.name {
                        return Some(Self::$name($name::by_name()));
                    }
                )+
                None
            }

            /// See [`Measure::words`].
            pub(crate) fn words(&self, outputs: usize) -> String {
                match self {
                    $(Self::$name(metric) => metric.words(outputs),)+
                }
            }

            /// See [`Measure::hit`].
            pub fn hit(&self, channels: usize) -> Option<Hit> {
                match self {
                    $(Self::$name(metric) => Some(metric.hit(channels)),)+
                }
            }

            /// See [`Measure::counters`].
            pub fn counters(&self) -> usize {
                match self {
                    $(Self::$name(metric) => metric.counters(),)+
                }
            }

            /// See [`Measure::value`]; 0 of no samples.
            pub fn value(&self, sums: &[f64], samples: usize) -> f64 {
                if samples == 0 {
                    return 0.0;
                }
                match self {
                    $(Self::$name(metric) => metric.value(sums, samples),)+
                }
            }
        }
    };
}

metrics! {
    Accuracy,
    SparseCategoricalAccuracy,
    CategoricalAccuracy,
    BinaryAccuracy,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// The name as given, which is the key in the log.
    pub name: String,
    /// What it measures.
    pub kind: Kind,
}

/// Reads the list of metrics.
pub(crate) fn read(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Vec<Metric>> {
    let items = match &value.kind {
        ValueKind::None => return Some(Vec::new()),
        ValueKind::List(items) | ValueKind::Tuple(items) => items.as_slice(),
        ValueKind::String(name) => {
            let listed = format!("[\"{name}\"]");
            diagnostics.push(
                Diagnostic::warning("W0421", "`metrics` is a list now")
                    .at(value.span, "a metric by itself")
                    .help(format!("metrics={listed}"))
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
    let mut seen: Vec<(Metric, Span)> = Vec::new();
    let mut failed = false;
    for item in items {
        let Some(metric) = metric(item, diagnostics) else {
            failed = true;
            continue;
        };
        if let Some((_, first)) = seen.iter().find(|(known, _)| known.name == metric.name) {
            diagnostics.push(
                Diagnostic::error("E0105", format!("metric `{}` is given twice", metric.name))
                    .at(item.span, "again here")
                    .because(*first, "first here")
                    .help("one of the two can go"),
            );
            failed = true;
        } else {
            seen.push((metric, item.span));
        }
    }
    (!failed).then(|| seen.into_iter().map(|(metric, _)| metric).collect())
}

fn metric(value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Metric> {
    let (name, span) = match &value.kind {
        ValueKind::String(name) => {
            if let Some(kind) = Kind::by_name(name)
                && Kind::names().any(|known| known == name)
            {
                return Some(Metric {
                    name: name.clone(),
                    kind,
                });
            }
            (name.as_str(), value.span)
        }
        ValueKind::Call(call) => {
            // `"accuracy"` is a name alone: Keras's class of that name is something else.
            let called = |signature: &&&Signature| signature.name == call.name.node && signature.name != "accuracy";
            if let Some(signature) = Kind::SIGNATURES.iter().find(called) {
                names::check_prefix(call, "metrics", &[], diagnostics);
                not_wired(call, "a metric", diagnostics);
                let name = Arguments::bind(signature, call, diagnostics).read("name", values::string)?;
                let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                if name.is_empty() || name == "loss" || !name.chars().all(plain) {
                    diagnostics.push(
                        Diagnostic::error("E0114", "not a name for a metric")
                            .at(value.span, format!("named `{name}`"))
                            .help("a name is made of letters, digits and `_`, and is not `loss`"),
                    );
                    return None;
                }
                return Kind::by_name(signature.name).map(|kind| Metric { name, kind });
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
            diagnostics.push(
                Diagnostic::error("E0107", "a metric is a string")
                    .at(value.span, format!("this is {}", values::describe(value)))
                    .help("such as metrics=[\"accuracy\"]"),
            );
            return None;
        }
    };
    diagnostics.push(unknown(name, span));
    None
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    if names::KERAS_METRICS.contains(&name) {
        return Diagnostic::error("E0403", format!("metric `{name}` is not supported"))
            .at(span, "Keras has it, cnnc does not")
            .help("there is \"accuracy\", the share of samples whose largest output is the right class");
    }
    let diagnostic = Diagnostic::error("E0403", format!("unknown metric `{name}`")).at(span, "no metric has this name");
    match nearest(name, Kind::names()) {
        Some(meant) => diagnostic
            .help(format!("did you mean \"{meant}\"?"))
            .fix(span, format!("\"{meant}\"")),
        None => diagnostic.help(format!("there are {}", all_of(Kind::names()))),
    }
}
