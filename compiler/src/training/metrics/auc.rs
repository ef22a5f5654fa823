//! `AUC`: the area under a curve over all thresholds. Source: `keras/src/metrics/confusion_metrics.py`.

use super::measure::{DTYPE, Measure};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::Counting;
use serde::Serialize;

/// Two sums for each threshold: the outputs between it and the next one whose target is 1, and those whose target is 0.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct AUC {
    /// The number of thresholds, 0 and 1 included; 200 by default.
    pub num_thresholds: usize,
    /// The curve whose area is computed.
    pub curve: Curve,
    /// The height of the strip between two thresholds.
    pub summation_method: Summation,
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
            Argument::unsupported("multi_label", Literal::Bool(false)),
            Argument::unsupported("num_labels", Literal::None),
            Argument::unsupported("label_weights", Literal::None),
            Argument::unsupported("from_logits", Literal::Bool(false)),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["auc", "AUC"];

    fn by_name() -> Self {
        Self {
            num_thresholds: 200,
            curve: Curve::Roc,
            summation_method: Summation::Interpolation,
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
        Some(Self {
            num_thresholds: thresholds?,
            curve: if curve == "PR" { Curve::Pr } else { Curve::Roc },
            summation_method: match summation {
                "minoring" => Summation::Minoring,
                "majoring" => Summation::Majoring,
                _ => Summation::Interpolation,
            },
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
        ]
    }

    fn words(&self, _: usize) -> String {
        let area = match self.curve {
            Curve::Roc => {
                "the area under the ROC curve: the probability that an output whose target is 1 is above one whose target is 0."
            }
            Curve::Pr => "the area under the curve of precision over recall.",
        };
        format!("{area} Training does not look at it.")
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Buckets {
            buckets: self.num_thresholds,
        })
    }

    fn value(&self, sums: &[f64], _: usize) -> f64 {
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

    fn of_probabilities(&self) -> bool {
        true
    }
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
