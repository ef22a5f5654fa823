//! What `compile(...)` asks for.

use crate::training::losses::{Loss, Place};
use crate::training::metrics::Metric;
use crate::training::optimizer::Optimizer;
use serde::Serialize;

/// `compile(...)`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compile {
    /// How parameters follow gradients; Keras's default is RMSprop.
    pub optimizer: Optimizer,
    /// What is minimised.
    pub loss: Loss,
    /// What else is reported, by the names they were asked for with (`acc` or `accuracy`): they head the columns.
    pub metrics: Vec<Metric>,
    /// Where the loss was written.
    #[serde(skip)]
    pub loss_place: Place,
}
