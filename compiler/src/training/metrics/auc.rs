//! `AUC`: the area under a curve over all thresholds. Source: `keras/src/metrics/confusion_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::Counting;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Two sums for each threshold: the outputs between it and the next one whose target is 1, and those whose target is 0.
/// Where labels count by themselves, each has as many.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AUC {
    /// The number of thresholds, 0 and 1 included; 200 by default.
    pub num_thresholds: usize,
    /// The curve whose area is computed.
    pub curve: Curve,
    /// The height of the strip between two thresholds.
    pub summation_method: Summation,
    /// Whether each label has a curve of its own, of whose areas the mean is taken.
    pub multi_label: bool,
    /// The number of labels, where the description says it.
    pub num_labels: Option<usize>,
    /// The weight of each label: in the mean of areas with `multi_label`, else of its outputs.
    pub label_weights: Option<Vec<f64>>,
}

impl Measure for AUC {
    const SIGNATURE: &'static Signature = &Signature {
        name: "AUC",
        aliases: &[],
        doc: "Area under the curve of true over false positive rates, or of precision over recall",
        parameters: &[
            Argument::optional(
                "num_thresholds",
                ArgumentKind::Count,
                Literal::Int(200),
                "how many thresholds, from 2 to 1000",
            ),
            Argument::optional(
                "curve",
                ArgumentKind::Word(&["ROC", "PR"]),
                Literal::Str("ROC"),
                "true over false positive rates, or precision over recall",
            ),
            Argument::optional(
                "summation_method",
                ArgumentKind::Word(&["interpolation", "minoring", "majoring"]),
                Literal::Str("interpolation"),
                "the height between two thresholds: interpolated, the smaller one or the larger one",
            ),
            Argument::optional("name", ArgumentKind::Name, Literal::Str("auc"), "its key in the log"),
            DTYPE,
            Argument::unsupported("thresholds", Literal::None),
            Argument::optional(
                "multi_label",
                ArgumentKind::Bool,
                Literal::Bool(false),
                "whether each label has a curve of its own, of whose areas the mean is taken",
            ),
            Argument::optional(
                "num_labels",
                ArgumentKind::Count,
                Literal::None,
                "with multi_label: how many labels there are; None means as many as the output has values",
            ),
            Argument::optional(
                "label_weights",
                ArgumentKind::Numbers,
                Literal::None,
                "a number of at least 0 for each label: its share in the mean of areas, without multi_label in the counts",
            ),
            Argument::unsupported("from_logits", Literal::Bool(false)),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["auc", "AUC"];

    const NUMBERED: bool = true;

    fn by_name() -> Self {
        Self {
            num_thresholds: 200,
            curve: Curve::Roc,
            summation_method: Summation::Interpolation,
            multi_label: false,
            num_labels: None,
            label_weights: None,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let thresholds = given.read("num_thresholds", |argument, value, diagnostics| {
            let given = values::count(argument, value, diagnostics)?;
            if (2..=1000).contains(&given) {
                return Some(given);
            }
            diagnostics.push(values::out_of_range(argument, value, "from 2 to 1000", given));
            None
        });
        let curve = given.read("curve", values::word)?;
        let summation = given.read("summation_method", values::word)?;
        let multi_label = given.bool("multi_label")?;
        let num_labels = given.read("num_labels", values::optional_count)?;
        let label_weights = given.read("label_weights", label_weights)?;
        if num_labels.is_some() && !multi_label {
            let span = given.span_of("num_labels");
            given.diagnostics().push(
                Diagnostic::error("E0107", "`num_labels` goes with `multi_label`")
                    .at(span, "labels are not told from each other")
                    .help("add multi_label=True, or leave num_labels out"),
            );
            return None;
        }
        if let (Some(labels), Some(weights)) = (num_labels, &label_weights)
            && weights.len() != labels
        {
            let (place, of) = (given.span_of("label_weights"), given.span_of("num_labels"));
            given.diagnostics().push(
                Diagnostic::error("E0109", "`label_weights` has a number for each label")
                    .at(place, format!("{} of them", weights.len()))
                    .because(of, format!("there are {labels} labels")),
            );
            return None;
        }
        Some(Self {
            num_thresholds: thresholds?,
            curve: if curve == "PR" { Curve::Pr } else { Curve::Roc },
            summation_method: match summation {
                "minoring" => Summation::Minoring,
                "majoring" => Summation::Majoring,
                _ => Summation::Interpolation,
            },
            multi_label,
            num_labels,
            label_weights,
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let curve = match self.curve {
            Curve::Roc => "ROC",
            Curve::Pr => "PR",
        };
        let method = match self.summation_method {
            Summation::Interpolation => "interpolation",
            Summation::Minoring => "minoring",
            Summation::Majoring => "majoring",
        };
        vec![
            ("num_thresholds", self.num_thresholds.to_string()),
            ("curve", format!("\"{curve}\"")),
            ("summation_method", format!("\"{method}\"")),
            (
                "multi_label",
                if self.multi_label { "True" } else { "False" }.to_owned(),
            ),
            (
                "num_labels",
                self.num_labels
                    .map_or_else(|| "None".to_owned(), |labels| labels.to_string()),
            ),
            (
                "label_weights",
                self.label_weights.as_ref().map_or_else(
                    || "None".to_owned(),
                    |weights| {
                        let weights: Vec<String> = weights.iter().map(|weight| format!("{weight:?}")).collect();
                        format!("[{}]", weights.join(", "))
                    },
                ),
            ),
        ]
    }

    fn words(&self, _: usize) -> String {
        let area = match self.curve {
            Curve::Roc => {
                "the area under the ROC curve: the probability that an output whose target is 1 is above one whose target is 0."
            }
            Curve::Pr => "the area under the curve of precision over recall.",
        };
        let labels = match (self.multi_label, &self.label_weights) {
            (true, None) => " It is the mean of the labels' areas.",
            (true, Some(_)) => " It is the mean of the labels' areas by their weights.",
            (false, Some(_)) => " Labels count by their weights.",
            (false, None) => "",
        };
        format!("{area}{labels} Training does not look at it.")
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Buckets {
            buckets: self.num_thresholds,
            apart: self.multi_label || self.label_weights.is_some(),
        })
    }

    fn value(&self, sums: &[f64], _: f64) -> f64 {
        let labels = sums.chunks_exact((2 * self.num_thresholds).max(1));
        let even = std::iter::repeat(1.0);
        let weights = self.label_weights.iter().flatten().copied().chain(even);
        if !self.multi_label {
            let mut all = vec![0.0; 2 * self.num_thresholds];
            for (label, weight) in labels.zip(weights) {
                for (sum, own) in all.iter_mut().zip(label) {
                    *sum += weight * own;
                }
            }
            return self.area(&all);
        }
        let (mut areas, mut whole) = (0.0, 0.0);
        for (label, weight) in labels.zip(weights) {
            areas += weight * self.area(label);
            whole += weight;
        }
        if whole == 0.0 { 0.0 } else { areas / whole }
    }

    fn of_probabilities(&self) -> bool {
        true
    }

    fn only_of_rows(&self) -> bool {
        self.multi_label
    }

    fn classes(&self) -> Option<usize> {
        self.num_labels.or(self.label_weights.as_ref().map(Vec::len))
    }

    fn with_classes(&self, channels: usize) -> String {
        if self.label_weights.is_some() {
            return format!("label_weights with {channels} numbers");
        }
        format!("num_labels={channels}")
    }
}

impl AUC {
    /// The area under the curve of the sums of one label, or of all together.
    fn area(&self, sums: &[f64]) -> f64 {
        let (positive, negative) = sums.split_at(self.num_thresholds.min(sums.len()));
        let (tp, fp) = (above(positive), above(negative));
        let share = |part: f64, whole: f64| if whole == 0.0 { 0.0 } else { part / whole };
        let (positives, negatives) = (positive.iter().sum::<f64>(), negative.iter().sum::<f64>());
        let points: Vec<(f64, f64)> = tp.iter().copied().zip(fp).collect();
        let strips = points.windows(2).filter_map(|pair| pair.first().zip(pair.last()));
        let area = |&(tp, fp): &(f64, f64)| match self.curve {
            Curve::Roc => (share(fp, negatives), share(tp, positives)),
            Curve::Pr => (share(tp, positives), share(tp, tp + fp)),
        };
        strips
            .map(|(first, second)| {
                if self.curve == Curve::Pr && self.summation_method == Summation::Interpolation {
                    return between(*first, *second, positives);
                }
                let ((x, y), (next_x, next_y)) = (area(first), area(second));
                let height = match self.summation_method {
                    Summation::Interpolation => f64::midpoint(y, next_y),
                    Summation::Minoring => y.min(next_y),
                    Summation::Majoring => y.max(next_y),
                };
                (x - next_x) * height
            })
            .sum()
    }
}

/// Reads finite numbers of at least 0 for labels, at least one; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
fn label_weights(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<Vec<f64>>> {
    let items = match &value.kind {
        ValueKind::None => return Some(None),
        ValueKind::List(items) | ValueKind::Tuple(items) if !items.is_empty() => items,
        ValueKind::List(_)
        | ValueKind::Tuple(_)
        | ValueKind::String(_)
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(values::wrong_type(argument, value));
            return None;
        }
    };
    let weights: Vec<Option<f64>> = items
        .iter()
        .map(|item| values::non_negative(argument, item, diagnostics))
        .collect();
    weights.into_iter().collect::<Option<Vec<f64>>>().map(Some)
}

/// The curves that all thresholds make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Curve {
    /// The rate of true positives over that of false positives (receiver operating characteristic).
    Roc,
    /// The precision over the recall.
    Pr,
}

/// The height of the strip between two thresholds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Summation {
    /// The mean of both ends, or for precision over recall the interpolation of `between`.
    Interpolation,
    /// The smaller of both ends.
    Minoring,
    /// The larger of both ends.
    Majoring,
}

/// The sum of each bucket and all later ones.
fn above(buckets: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut sums: Vec<f64> = buckets
        .iter()
        .rev()
        .map(|count| {
            sum += count;
            sum
        })
        .collect();
    sums.reverse();
    sums
}

/// The area under precision over recall between two thresholds, on the assumption that true positives grow evenly
/// with all positives (`interpolate_pr_auc`).
fn between((tp, fp): (f64, f64), (next_tp, next_fp): (f64, f64), positives: f64) -> f64 {
    let (p, next_p) = (tp + fp, next_tp + next_fp);
    let (dtp, dp) = (tp - next_tp, p - next_p);
    if dp <= 0.0 || positives == 0.0 {
        return 0.0;
    }
    let slope = dtp / dp;
    let intercept = next_tp - slope * next_p;
    let ratio = if p > 0.0 && next_p > 0.0 { p / next_p } else { 1.0 };
    slope * (dtp + intercept * libm::log(ratio)) / positives
}
