//! Variables: what Keras calls weights.

use crate::call::initializer::Initializer;
use serde::Serialize;

/// One of a layer's variables: what Keras calls a weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variable {
    /// `kernel`, `bias`.
    pub name: &'static str,
    /// Keras's shape of it.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Whether the optimizer moves it.
    pub trainable: bool,
}

impl Variable {
    /// How many numbers it holds: the one formula behind every parameter count. Saturates; `check` refuses what does.
    pub fn count(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }
}
