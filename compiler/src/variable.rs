//! Variables, which Keras also calls weights.

use crate::call::initializer::Initializer;
use crate::training::constraints::Constraint;
use crate::training::regularizers::Regularizer;
use serde::Serialize;

/// A variable of a layer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Variable {
    /// The name within the layer, `kernel` or `bias`; files have the layer's name before it.
    pub name: &'static str,
    /// The sizes of its axes in Keras's order.
    pub shape: Vec<usize>,
    /// How its values are drawn before training.
    pub initializer: Initializer,
    /// Whether the optimizer moves it; not where its layer has `trainable=False`.
    pub trainable: bool,
    /// The penalty that it adds to the loss while it trains; None without one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regularizer: Option<Regularizer>,
    /// The limit that it is held to after each update while it trains; None without one.
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

    /// The number of values, which every count of parameters adds up. Saturates; `check` refuses networks that large.
    pub fn count(&self) -> usize {
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }
}
