//! What a program is for.

/// What a program is for. Each is lowered on its own, so that a layer may do something else in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A training step: forward, loss, backward, update.
    Train,
    /// The loss and the metrics of samples that are not trained on.
    Evaluate,
    /// The output alone.
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
