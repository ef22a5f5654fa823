//! Losses and metrics.

use serde::Serialize;

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Metric {
    /// The name as given, which is the key in the log.
    pub name: String,
}

/// A loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Loss {
    /// The mean over the batch of `-log softmax(output)[label]`, or of `-log output[label]`.
    SparseCategoricalCrossentropy {
        /// Whether the output is logits or probabilities.
        from_logits: bool,
    },
}
