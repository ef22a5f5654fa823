//! Metrics, one room each, by name or by call. Source: keras/src/metrics.

mod accuracy;
mod auc;
mod binary_accuracy;
mod binary_io_u;
mod categorical_accuracy;
mod decisions;
mod f1_score;
mod mean_absolute_error;
mod mean_io_u;
mod mean_squared_error;
mod measure;
mod one_hot_mean_io_u;
mod precision;
mod recall;
mod root_mean_squared_error;
mod sparse_categorical_accuracy;
mod sparse_top_k_categorical_accuracy;
mod top_k;
mod top_k_categorical_accuracy;

pub use accuracy::Accuracy;
pub use auc::AUC;
pub use binary_accuracy::BinaryAccuracy;
pub use binary_io_u::BinaryIoU;
pub use categorical_accuracy::CategoricalAccuracy;
pub use f1_score::F1Score;
pub use mean_absolute_error::MeanAbsoluteError;
pub use mean_io_u::MeanIoU;
pub use mean_squared_error::MeanSquaredError;
pub use measure::Measure;
pub use one_hot_mean_io_u::OneHotMeanIoU;
pub use precision::Precision;
pub use recall::Recall;
pub use root_mean_squared_error::RootMeanSquaredError;
pub use sparse_categorical_accuracy::SparseCategoricalAccuracy;
pub use sparse_top_k_categorical_accuracy::SparseTopKCategoricalAccuracy;
pub use top_k_categorical_accuracy::TopKCategoricalAccuracy;

use crate::call::arguments::{Arguments, not_wired};
use crate::call::names;
use crate::call::signature::{Argument, ArgumentKind as Takes, Literal, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use crate::ops::{Counting, Hit};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// The list of metrics: each line is a variant, and names the structure of its room.
macro_rules! metrics {
    ($($name:ident),+ $(,)?) => {
        /// What a metric measures.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum MetricKind {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl MetricKind {
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
                    $(Self::$name(metric) => metric.hit(channels),)+
                }
            }

            /// See [`Measure::counting`].
            pub fn counting(&self, channels: usize) -> Option<Counting> {
                match self {
                    $(Self::$name(metric) => metric.counting(channels),)+
                }
            }

            /// See [`Measure::falls`].
            pub fn falls(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.falls(),)+
                }
            }

            /// See [`Measure::class`].
            pub fn class(&self) -> Option<usize> {
                match self {
                    $(Self::$name(metric) => metric.class(),)+
                }
            }

            /// See [`Measure::classes`].
            pub fn classes(&self) -> Option<usize> {
                match self {
                    $(Self::$name(metric) => metric.classes(),)+
                }
            }

            /// See [`Measure::of_probabilities`].
            pub fn of_probabilities(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.of_probabilities(),)+
                }
            }

            /// See [`Measure::only_of_rows`].
            pub fn only_of_rows(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.only_of_rows(),)+
                }
            }

            /// The name that a call of it has.
            pub const fn called(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $name::SIGNATURE.name,)+
                }
            }

            fn arguments(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name(metric) => metric.arguments(),)+
                }
            }

            /// See [`Measure::takes_class_numbers`].
            pub fn takes_class_numbers(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.takes_class_numbers(),)+
                }
            }

            /// See [`Measure::takes_targets`].
            pub fn takes_targets(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.takes_targets(),)+
                }
            }

            /// The metric of a signature; `None` as well where its arguments cannot be read, which is reported.
            fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
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
    TopKCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    Precision,
    Recall,
    AUC,
    F1Score,
    MeanIoU,
    OneHotMeanIoU,
    BinaryIoU,
    MeanSquaredError,
    RootMeanSquaredError,
    MeanAbsoluteError,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// The name as given, which is the key in the log.
    pub name: String,
    /// What it measures.
    pub kind: MetricKind,
    /// Where it is written.
    #[serde(skip)]
    pub span: Span,
}

impl Metric {
    /// As a description would say it, with every argument; an accuracy by its name alone.
    pub fn printed(&self) -> String {
        let class = self.kind.called();
        if self.kind.counting(1).is_none() && MetricKind::names().any(|known| known == self.name) {
            return self.name.clone();
        }
        if class == "accuracy" {
            return class.to_owned();
        }
        let written: String = self
            .kind
            .arguments()
            .iter()
            .map(|(name, value)| format!("{name}={value}, "))
            .collect();
        format!("{class}({written}name=\"{}\")", self.name)
    }
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
    let mut found = Vec::new();
    let mut failed = false;
    for item in items {
        let Some(metric) = metric(item, diagnostics) else {
            failed = true;
            continue;
        };
        found.push(metric);
    }
    (!failed).then(|| numbered(found))
}

/// The metrics with names of their own: what has the name of one before it gets a number, as in Keras
/// (`CompileMetrics.get_result`).
fn numbered(found: Vec<Metric>) -> Vec<Metric> {
    let most = found.len();
    let mut metrics: Vec<Metric> = Vec::new();
    for mut metric in found {
        let is_taken = |name: &str| metrics.iter().any(|known| known.name == name);
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
                    span: value.span,
                });
            }
            (name.as_str(), value.span)
        }
        ValueKind::Call(call) => {
            // `"accuracy"` is a name alone: Keras's class of that name is something else.
            let called = |signature: &&&Signature| signature.name == call.name.node && signature.name != "accuracy";
            if let Some(signature) = MetricKind::SIGNATURES.iter().find(called) {
                names::check_prefix(call, "metrics", &[], diagnostics);
                not_wired(call, "a metric", diagnostics);
                let mut given = Arguments::bind(signature, call, diagnostics);
                let name = given.read("name", values::string);
                let kind = MetricKind::read(signature, &mut given)?;
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
            diagnostics.push(
                Diagnostic::error("E0107", "a metric is a string or a call")
                    .at(value.span, format!("this is {}", values::describe(value)))
                    .help("such as metrics=[\"accuracy\", AUC()]"),
            );
            return None;
        }
    };
    diagnostics.push(unknown(name, span));
    None
}

fn unknown(name: &str, span: Span) -> Diagnostic {
    if let Some(known) = MetricKind::SIGNATURES.iter().find(|known| known.name == name) {
        let arguments: Vec<String> = known
            .all()
            .filter(|argument| argument.default == Literal::Required)
            .map(|argument| {
                if let Takes::Word(words) = argument.kind {
                    let word = words.first().copied().unwrap_or_default();
                    return format!("{}=\"{word}\"", argument.name);
                }
                format!("{}={}", argument.name, argument.kind.example())
            })
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
