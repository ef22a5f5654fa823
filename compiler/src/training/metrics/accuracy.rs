//! `"accuracy"`: how often an output is right: a single value by the side of a half that it is on, several by which
//! of them is the largest. Keras has no such class; the name stands for whichever of its accuracies suits the output.
//! Source:
//! `get_metric` in `keras/src/trainers/compile_utils.py`.

use super::measure::Measure;
use crate::call::signature::{Argument, ArgumentKind, Literal, Signature};
use crate::ops::Hit;
use serde::Serialize;

/// Keeps one sum: the samples that are right, or the share of a sample's positions and values that are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Accuracy {}

impl Measure for Accuracy {
    const SIGNATURE: &'static Signature = &Signature {
        name: "accuracy",
        aliases: &[],
        doc: "What of the accuracies suits the output: binary for one value, categorical for several",
        parameters: &[
            Argument::optional(
                "name",
                ArgumentKind::Name,
                Literal::Str("accuracy"),
                "its key in the log",
            ),
            Argument {
                kind: ArgumentKind::Unsupported(&[Literal::Str("float32")]),
                ..Argument::unsupported("dtype", Literal::None)
            },
        ],
        keywords: &[],
    };

    const NAMES: &'static [&'static str] = &["accuracy", "acc"];

    fn by_name() -> Self {
        Self {}
    }

    fn words(&self, outputs: usize) -> String {
        if outputs == 1 {
            return "the share of pictures whose number is on the right side of a half. Training does not look at it."
                .to_owned();
        }
        "the share of pictures whose largest number is that of the right class. Training does not look at it."
            .to_owned()
    }

    fn hit(&self, channels: usize) -> Option<Hit> {
        Some(if channels == 1 { Hit::Above(0.5) } else { Hit::Largest })
    }

    fn value(&self, sums: &[f64], samples: f64) -> f64 {
        sums.first().map_or(0.0, |right| right / samples)
    }
}
