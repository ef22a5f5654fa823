//! What every metric says of itself. Each implements [`Measure`] in a file of its own; the list of these files is in
//! `training/metrics/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::{Counting, Hit};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use std::ops::Range;

/// The argument `dtype` of every metric, which accepts float32 only.
pub const DTYPE: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
    ..Argument::unsupported("dtype", Literal::None)
};

/// A quantity that is reported beside the loss and has no influence on training.
///
/// A metric keeps sums over samples, which devices add up batch by batch without the host. Its value is computed from
/// them when it is needed: after some steps for the progress bar, and at the end of an epoch. Its sum is either the
/// loss's own count of right answers ([`Measure::hit`]), or one that it counts itself ([`Measure::counting`]).
pub trait Measure: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The names that stand for the metric with all defaults; the one that is used is its key in the log.
    const NAMES: &'static [&'static str];

    /// Whether Keras gives each further call without a name a number, as its class has no name by default.
    const NUMBERED: bool = false;

    /// The metric with all defaults, which its name in quotes stands for.
    fn by_name() -> Self;

    /// Reads the metric that a call asks for, except for its name; None after its arguments were reported.
    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self::by_name())
    }

    /// Its own arguments and their values, as a description would give them.
    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What it is for learners, behind "Beside it NAME is reported: ", for so many outputs.
    fn words(&self, outputs: usize) -> String;

    /// The condition for an output with so many channels to count as right; None for metrics that count something else.
    fn hit(&self, _channels: usize) -> Option<Hit> {
        None
    }

    /// The sums that it keeps of outputs with so many channels; None where the loss's count of right answers is enough.
    fn counting(&self, _channels: usize) -> Option<Counting> {
        None
    }

    /// The value from the sums over so many samples, or over samples of so much weight; more than 0.
    fn value(&self, sums: &[f64], samples: f64) -> f64;

    /// Whether smaller values are better.
    fn falls(&self) -> bool {
        false
    }

    /// The only class that counts; None where all do.
    fn class(&self) -> Option<usize> {
        None
    }

    /// The number of outputs that the metric requires; None for any.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// What to write of it for an output of so many channels, where it requires another number.
    fn with_classes(&self, channels: usize) -> String {
        format!("num_classes={channels}")
    }

    /// Whether it compares outputs with thresholds between 0 and 1, so that they must be probabilities.
    fn of_probabilities(&self) -> bool {
        false
    }

    /// Whether it accepts rows of outputs only, and no maps.
    fn only_of_rows(&self) -> bool {
        false
    }

    /// Whether it can be combined with a loss of class numbers.
    fn takes_class_numbers(&self) -> bool {
        false
    }

    /// Whether it can be combined with a loss that has a target for each output.
    fn takes_targets(&self) -> bool {
        true
    }
}

/// Reads a threshold from 0 to 1; `None` is a half.
pub fn threshold(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f32> {
    if value.kind == ValueKind::None {
        return Some(0.5);
    }
    let share = values::ranged(argument, value, diagnostics, "from 0 to 1", |share| {
        (0.0..=1.0).contains(&share)
    })?;
    Some(share as f32)
}

/// Reads the number of a class; Some(None) where the value is `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn class(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::natural(argument, value, diagnostics).map(Some)
}

/// Reads a number of classes whose pairs can be counted, at most 1000.
pub fn classes(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let given = values::count(argument, value, diagnostics)?;
    if given <= 1000 {
        return Some(given);
    }
    diagnostics.push(values::out_of_range(argument, value, "at most 1000", given));
    None
}

/// The mean over the classes `of` of intersection over union, from a sum for each pair of classes. Classes that
/// neither answers nor targets have are left out (`IoU.result` in `keras/src/metrics/iou_metrics.py`).
pub fn mean_overlap(sums: &[f64], classes: usize, of: Range<usize>) -> f64 {
    const EPSILON: f64 = 1e-7;
    let sum = |wanted: usize, made: usize| sums.get(wanted * classes + made).copied().unwrap_or(0.0);
    let (mut overlaps, mut found) = (0.0, 0.0);
    for class in of {
        let right = sum(class, class);
        let row: f64 = (0..classes).map(|made| sum(class, made)).sum();
        let column: f64 = (0..classes).map(|wanted| sum(wanted, class)).sum();
        let together = row + column - right;
        if together > 0.0 {
            overlaps += right / (together + EPSILON);
            found += 1.0;
        }
    }
    overlaps / (found + EPSILON)
}
