//! The purposes of programs.

/// The purpose of a program. Each is lowered on its own, so that a layer may do something else in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A training step: forward pass, loss, backward pass, update.
    Train,
    /// The loss and the metrics of samples, without training.
    Evaluate,
    /// The output without loss or metrics, for samples without labels.
    Predict,
}

impl Mode {
    /// Whether the program ends in the loss.
    pub const fn has_loss(self) -> bool {
        match self {
            Self::Train | Self::Evaluate => true,
            Self::Predict => false,
        }
    }
}
