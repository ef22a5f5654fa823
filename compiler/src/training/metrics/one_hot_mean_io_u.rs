//! `OneHotMeanIoU`: intersection over union of one-hot targets. Source: `keras/src/metrics/iou_metrics.py`.

use super::measure::{DTYPE, Measure, classes, mean_overlap};
use crate::call::arguments::Arguments;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Counting;
use serde::Serialize;

/// Keeps a sum for each pair of classes: how often a target of the first was taken for the second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct OneHotMeanIoU {
    /// The number of classes, at most 1000.
    pub num_classes: usize,
}

impl Measure for OneHotMeanIoU {
    const SIGNATURE: &'static Signature = &Signature {
        name: "OneHotMeanIoU",
        aliases: &[],
        doc: "Mean over the classes of intersection over union, of one-hot targets",
        parameters: &[
            Argument::required("num_classes", ArgumentKind::Count, "how many classes"),
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("one_hot_mean_io_u"),
                "its key in the log",
            ),
            DTYPE,
            Argument::unsupported("ignore_class", Literal::None),
            Argument::unsupported("sparse_y_pred", Literal::Bool(false)),
            Argument::unsupported("axis", Literal::Int(-1)),
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &[];

    const NUMBERED: bool = true;

    fn by_name() -> Self {
        Self { num_classes: 2 }
    }

    fn read(given: &mut Arguments<'_>) -> Option<Self> {
        Some(Self {
            num_classes: given.read("num_classes", classes)?,
        })
    }

    fn arguments(&self) -> Vec<(&'static str, String)> {
        vec![("num_classes", self.num_classes.to_string())]
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
}
