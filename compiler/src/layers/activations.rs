//! What the layers share that are one activation: `Activation`, `ReLU` and `Softmax`.

use crate::activation::Activation;
use crate::layers::definition::Refusal;
use crate::shape::Shape;

/// The input's shape.
pub(super) fn output(inputs: &[&Shape]) -> Result<Shape, Refusal> {
    inputs.first().map(|&shape| shape.clone()).ok_or(Refusal::NoInput)
}

/// What the function makes of a number.
pub(super) fn words(function: Activation) -> Vec<String> {
    let nothing = || "linear: every number stays as it is.".to_owned();
    vec![function.words().unwrap_or_else(nothing)]
}
