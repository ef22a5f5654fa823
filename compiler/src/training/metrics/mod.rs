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
pub(crate) mod reading;
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

use crate::call::arguments::Arguments;
use crate::call::signature::Signature;
use crate::ops::{Counting, Hit};
use grammar::span::Span;
use serde::Serialize;

/// The list of metrics: each line is a variant, and names a structure of the module of that name.
macro_rules! metrics {
    ($($name:ident),+ $(,)?) => {
        /// A class of metrics with its arguments, without the name of a metric.
        #[derive(Debug, Clone, PartialEq, Serialize)]
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

            /// What to write for so many outputs, see [`Measure::with_classes`].
            pub fn with_classes(&self, channels: usize) -> String {
                match self {
                    $(Self::$name(metric) => metric.with_classes(channels),)+
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

            const fn is_numbered(&self) -> bool {
                match self {
                    $(Self::$name(_) => $name::NUMBERED,)+
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

            /// The value from its sums, see [`Measure::value`]; 0 without samples, or where they weigh nothing.
            pub fn value(&self, sums: &[f64], samples: f64) -> f64 {
                if samples <= 0.0 {
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
    /// Whether samples count by their weights, as those of `weighted_metrics` do.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub weighted: bool,
    /// Whether its name is its class's, which gets a number where it is taken, also where samples are weighted.
    #[serde(skip)]
    numbered: bool,
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
