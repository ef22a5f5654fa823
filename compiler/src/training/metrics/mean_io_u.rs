//! `MeanIoU`: intersection over union. Source: `keras/src/metrics/iou_metrics.py`.

use super::measure::{DTYPE, Measure, classes, mean_overlap};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use grammar::diagnostic::Diagnostic;
use serde::Serialize;

/// Keeps a sum for each pair of classes: how often a target of the first was taken for the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanIoU {
    /// The number of classes, at most 1000.
    pub num_classes: usize,
    /// Whether targets are class numbers rather than one-hot rows; true by default.
    pub sparse_y_true: bool,
}

impl Measure for MeanIoU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "MeanIoU",
        aliases: &[],
        doc: "Mean over the classes of intersection over union",
        parameters: &[
            Argument::required("num_classes", ArgumentKind::Count, "how many classes"),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("mean_io_u"),
                "its key in the log",
            ),
            DTYPE,
            Argument::unsupported("ignore_class", Literal::None),
            Argument::optional(
                "sparse_y_true",
                ArgumentKind::Bool,
                Literal::Bool(true),
                "whether targets are class numbers; either way means the same here",
            ),
            Argument::optional(
                "sparse_y_pred",
                ArgumentKind::Bool,
                Literal::Bool(true),
                "whether outputs are class numbers, which nothing trains: must be False",
            ),
            Argument::unsupported("axis", Literal::Int(-1)),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &[];

    const NUMBERED: bool = true;

    fn by_name() -> Self {
        Self {
            num_classes: 2,
            sparse_y_true: true,
        }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        let sparse_y_true = given.bool("sparse_y_true")?;
        let sparse_y_pred = given.bool("sparse_y_pred")?;
        let num_classes = given.read("num_classes", classes)?;
        let span = given.span_of("sparse_y_pred");
        if sparse_y_pred {
            given.diagnostics().push(
                Diagnostic::error("E0109", "`sparse_y_pred` must be False")
                    .at(span, "outputs would be class numbers")
                    .help(format!(
                        "MeanIoU(num_classes={num_classes}, sparse_y_pred=False), or BinaryIoU() for one output"
                    )),
            );
            return None;
        }
        Some(Self {
            num_classes,
            sparse_y_true,
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        let sparse = if self.sparse_y_true { "True" } else { "False" };
        vec![
            ("num_classes", self.num_classes.to_string()),
            ("sparse_y_true", sparse.to_owned()),
            ("sparse_y_pred", "False".to_owned()),
        ]
    }

    fn words(&self, _: usize) -> String {
        "the intersection over union of each class, of the outputs and targets that are of it, and the mean over the classes. Training does not look at it.".to_owned()
    }

    fn counting(&self, _: usize) -> Option<Counting> {
        Some(Counting::Confusion {
            classes: self.num_classes,
            threshold: None,
        })
    }

    fn value(&self, sums: &[f64], _: f64) -> f64 {
        mean_overlap(sums, self.num_classes, 0..self.num_classes)
    }

    fn classes(&self) -> Option<usize> {
        Some(self.num_classes)
    }

    fn takes_class_numbers(&self) -> bool {
        true
    }
}
