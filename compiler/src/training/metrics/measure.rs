//! What every metric says of itself, whichever it is. Each implements [`Measure`] in a room of its own; the list of rooms is
//! in `training/metrics/mod.rs`.

use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::{Counting, Hit};
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use std::ops::Range;

/// The argument that every metric has, and that only says what is so anyway.
pub const DTYPE: Argument = Argument {
    kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
    ..Argument::unsupported("dtype", Literal::None)
};

/// Something that is reported beside the loss, and that training does not look at.
///
/// A metric keeps sums over samples, which devices add up batch by batch without the host, and makes its value of them when
/// it is asked for: after some steps for the progress bar, and at the end of an epoch. Its sum is either the loss's own count
/// of right answers ([`Measure::hit`]), or what it counts itself ([`Measure::counting`]).
pub trait Measure: Sized {
    /// Name, arguments and defaults, as Keras has them.
    const SIGNATURE: &'static Signature;

    /// The names that mean it with every default; the one that is used is its key in the log.
    const NAMES: &'static [&'static str];

    /// With every default.
    fn by_name() -> Self;

    /// The metric that a call asks for, but for its name; what is wrong with its arguments is reported.
    fn read(_: &mut Arguments<'_>) -> Option<Self> {
        Some(Self::by_name())
    }

    /// The arguments that it has of its own and their values, as they would be written.
    fn arguments(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// What it is for learners, after "Beside it NAME is reported: ", for so many outputs.
    fn words(&self, outputs: usize) -> String;

    /// When an output of so many channels counts as right, where that is all it needs.
    fn hit(&self, _channels: usize) -> Option<Hit> {
        None
    }

    /// What it counts of outputs of so many channels, where that is something of its own.
    fn counting(&self, _channels: usize) -> Option<Counting> {
        None
    }

    /// Its value from its sums over so many samples, of which there is at least one.
    fn value(&self, sums: &[f64], samples: usize) -> f64;

    /// Whether it gets better as it gets smaller.
    fn falls(&self) -> bool {
        false
    }

    /// The one class that it looks at.
    fn class(&self) -> Option<usize> {
        None
    }

    /// The number of outputs that it must have.
    fn classes(&self) -> Option<usize> {
        None
    }

    /// Whether it compares outputs with thresholds of probabilities.
    fn of_probabilities(&self) -> bool {
        false
    }

    /// Whether it takes a row of outputs and no map.
    fn only_of_rows(&self) -> bool {
        false
    }

    /// Whether it can be counted beside a loss of class numbers.
    fn takes_class_numbers(&self) -> bool {
        false
    }

    /// Whether it can be counted beside a loss that has a target for each output.
    fn takes_targets(&self) -> bool {
        true
    }
}

/// A threshold of probabilities; `None` is a half.
pub fn threshold(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f32> {
    if value.kind == ValueKind::None {
        return Some(0.5);
    }
    let share = values::ranged(argument, value, diagnostics, "from 0 to 1", |share| {
        (0.0..=1.0).contains(&share)
    })?;
    Some(share as f32)
}

/// The number of a class, or `None`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn class(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    values::natural(argument, value, diagnostics).map(Some)
}

/// How many classes there are pairs of.
pub fn classes(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let given = values::count(argument, value, diagnostics)?;
    if given <= 1000 {
        return Some(given);
    }
    diagnostics.push(values::out_of_range(argument, value, "at most 1000", given));
    None
}

/// The mean over some classes of the overlap of answers and targets, as a share of both together; of sums for each pair of
/// classes. Classes that are nowhere do not count (`IoU.result` in `keras/src/metrics/iou_metrics.py`).
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
