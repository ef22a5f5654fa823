//! Metrics, each in a file of its own, by name or by call. Source: `keras/src/metrics`.

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
use crate::call::signature::{Argument, Literal, Signature};
use crate::call::suggest::{all_of, nearest};
use crate::call::values;
use crate::ops::{Counting, Hit};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use serde::Serialize;

/// The list of metrics: each line is a variant, and names a structure of the module of that name.
macro_rules! metrics {
    ($($name:ident),+ $(,)?) => {
        /// A class of metrics with its arguments, without the name of a metric.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum MetricKind {
            $(
                #[doc = concat!("See [`", stringify!($name), "`](struct@", stringify!($name), ").")]
                $name($name),
            )+
        }

        impl MetricKind {
            /// The calls that make a metric, in the order of the list.
            pub const SIGNATURES: &'static [&'static Signature] = &[$($name::SIGNATURE),+];

            /// All names that stand for metrics with all defaults.
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

            /// The meaning for learners, see [`Measure::words`].
            pub(crate) fn words(&self, outputs: usize) -> String {
                match self {
                    $(Self::$name(metric) => metric.words(outputs),)+
                }
            }

            /// The condition for being right, see [`Measure::hit`].
            pub fn hit(&self, channels: usize) -> Option<Hit> {
                match self {
                    $(Self::$name(metric) => metric.hit(channels),)+
                }
            }

            /// The sums that it keeps, see [`Measure::counting`].
            pub fn counting(&self, channels: usize) -> Option<Counting> {
                match self {
                    $(Self::$name(metric) => metric.counting(channels),)+
                }
            }

            /// Whether smaller values are better, see [`Measure::falls`].
            pub fn falls(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.falls(),)+
                }
            }

            /// The only class that counts, see [`Measure::class`].
            pub fn class(&self) -> Option<usize> {
                match self {
                    $(Self::$name(metric) => metric.class(),)+
                }
            }

            /// The number of outputs that it requires, see [`Measure::classes`].
            pub fn classes(&self) -> Option<usize> {
                match self {
                    $(Self::$name(metric) => metric.classes(),)+
                }
            }

            /// Whether outputs must be probabilities, see [`Measure::of_probabilities`].
            pub fn of_probabilities(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.of_probabilities(),)+
                }
            }

            /// Whether it accepts no maps, see [`Measure::only_of_rows`].
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

            /// Whether it goes with class numbers, see [`Measure::takes_class_numbers`].
            pub fn takes_class_numbers(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.takes_class_numbers(),)+
                }
            }

            /// Whether it goes with a target for each output, see [`Measure::takes_targets`].
            pub fn takes_targets(&self) -> bool {
                match self {
                    $(Self::$name(metric) => metric.takes_targets(),)+
                }
            }

            /// Reads the metric of a signature; None where its arguments could not be used, which has been reported.
            fn read(signature: &Signature, arguments: &mut Arguments<'_>) -> Option<Self> {
                $(
                    if signature.name == $name::SIGNATURE.name {
                        return $name::read(arguments).map(Self::$name);
                    }
                )+
                None
            }

            /// The value from its sums, see [`Measure::value`]; 0 without samples.
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

/// A metric of an output, with the name that it is reported by.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Metric {
    /// The name that the description gives it, which is its key in the log.
    pub name: String,
    /// The quantity that it reports.
    pub kind: MetricKind,
    /// The place of the metric in the description.
    #[serde(skip)]
    pub span: Span,
}

impl Metric {
    /// The call that makes the metric, with all arguments; an accuracy is its name alone.
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

/// Reads a list of metrics.
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

/// Gives metrics different names: one with the name of an earlier one gets a number, as in Keras
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
            // `"accuracy"` is a name only: Keras's class `Accuracy` is another metric.
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
            let help = if matches!(&value.kind, ValueKind::Name(name) if is_of_overlap(name)) {
                "BinaryIoU(target_class_ids=[1]) measures the overlap of masks; a description runs no code of your own"
            } else {
                "such as metrics=[\"accuracy\", AUC()]"
            };
            diagnostics.push(
                Diagnostic::error("E0107", "a metric is a string or a call")
                    .at(value.span, format!("this is {}", values::describe(value)))
                    .help(help),
            );
            return None;
        }
    };
    diagnostics.push(unknown(name, span));
    None
}

/// Whether a function of people's own seems to measure how far masks overlap.
fn is_of_overlap(name: &str) -> bool {
    let name = name.to_lowercase();
    ["dice", "iou", "jaccard"].iter().any(|part| name.contains(part))
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
