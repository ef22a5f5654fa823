//! Variables: what Keras calls weights.

use crate::call::initializer::Initializer;
use crate::training::constraints::Constraint;
use crate::training::regularizers::Regularizer;
use serde::Serialize;

/// One of a layer's variables: what Keras calls a weight.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variable {
    /// `kernel`, `bias`. The layer's name and this one are its name in files.
    pub name: &'static str,
    /// Keras's shape of it.
    pub shape: Vec<usize>,
    /// How it starts.
    pub initializer: Initializer,
    /// Whether the optimizer moves it: not if its layer has `trainable=False`.
    pub trainable: bool,
    /// What it adds to the loss while it trains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regularizer: Option<Regularizer>,
    /// What it is held to after each update while it trains.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constraint: Option<Constraint>,
}

impl Variable {
    /// A variable that trains.
    pub fn new(name: &'static str, shape: Vec<usize>, initializer: Initializer) -> Self {
        Self {
            name,
            shape,
            initializer,
            trainable: true,
            regularizer: None,
            constraint: None,
        }
    }

    /// How many numbers it holds: the one formula behind every parameter count. Saturates; `check` refuses what does.
    pub fn count(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }
}
