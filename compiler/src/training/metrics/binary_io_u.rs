//! `BinaryIoU`: intersection over union of two classes. Source: `keras/src/metrics/iou_metrics.py`.

use super::measure::{DTYPE, Measure, mean_overlap, threshold};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::call::values;
use crate::ops::Counting;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Keeps four sums: how often a target of each of the two classes was taken for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BinaryIoU {
    /// Whether the overlap of class 0 counts.
    pub zeros: bool,
    /// Whether the overlap of class 1 counts.
    pub ones: bool,
    /// The least output of class 1; 0.5 by default.
    pub threshold: f32,
}

impl Measure for BinaryIoU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "BinaryIoU",
        aliases: &[],
        doc: "Intersection over union of outputs and targets of 0 and of 1",
        parameters: &[
            Argument::optional(
                "target_class_ids",
                ArgumentKind::Counts,
                Literal::Pair(0, 1),
                "which of the classes count: (0, 1), [0] or [1]",
            ),
            Argument::optional(
                "threshold",
                ArgumentKind::Number,
                Literal::Float(0.5),
                "from it on an output is of class 1",
            ),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("binary_io_u"),
                "its key in the log",
            ),
            DTYPE,
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["binary_io_u", "BinaryIoU"];

    const NUMBERED: bool = true;

    fn by_name() -> Self {
        Self {
            zeros: true,
            ones: true,
            threshold: 0.5,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let (zeros, ones) = given.read("target_class_ids", ids)?;
        Some(Self {
            zeros,
            ones,
            threshold: given.read("threshold", threshold)?,
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let ids = match (self.zeros, self.ones) {
            (true, false) => "[0]",
            (false, true) => "[1]",
            (true, true) | (false, false) => "[0, 1]",
        };
        vec![
            ("target_class_ids", ids.to_owned()),
            ("threshold", self.threshold.to_string()),
        ]
    }

    fn words(&self, _: usize) -> String {
        "the intersection over union of the outputs and the targets of 1, and of those of 0, and the mean of both. Training does not look at it.".to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Confusion {
            classes: 2,
            threshold: Some(self.threshold),
        })
    }

    fn value(&self, sums: &[f64], _: f64) -> f64 {
        let of = usize::from(!self.zeros)..if self.ones { 2 } else { 1 };
        mean_overlap(sums, 2, of)
    }

    fn of_probabilities(&self) -> bool {
        true
    }
}

/// Reads which of the classes 0 and 1 count.
fn ids(argument: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<(bool, bool)> {
    let items = match &value.kind {
        ValueKind::List(items) | ValueKind::Tuple(items) => items.as_slice(),
        ValueKind::String(_)
        | ValueKind::None
        | ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => &[],
    };
    let has = |id: i64| items.iter().any(|item| item.kind == ValueKind::Integer(id));
    let found = (has(0), has(1));
    if items.len() == usize::from(found.0) + usize::from(found.1) && !items.is_empty() {
        return Some(found);
    }
    diagnostics.push(values::wrong_type(argument, value));
    None
}
