//! What `Activation`, `ReLU`, `Softmax` and other layers share that are an activation function and nothing else.

use crate::activation::ActivationFunction;
use crate::layers::definition::Refusal;
use crate::ops::{Activation, ActivationBackward, Softmax, SoftmaxBackward};
use crate::plan::builder::{Backward, Forward};
use crate::plan::tensor::TensorId;
use crate::shape::Shape;

/// The shape of the output, which is that of the only input. Errs without an input.
pub(super) fn output(inputs: &[&Shape]) -> Result<Shape, Refusal> {
    inputs.first().map(|&shape| shape.clone()).ok_or(Refusal::NoInput)
}

/// Says in a sentence for learners what the function makes of a number.
pub(super) fn words(function: ActivationFunction) -> Vec<String> {
    let nothing = || "linear: every number stays as it is.".to_owned();
    vec![function.words().unwrap_or_else(nothing)]
}

/// Whether the activation needs no operation: `linear` changes nothing, and the loss may take over the function of
/// the last layer.
pub(super) fn is_skipped(function: ActivationFunction, absorbed: Option<ActivationFunction>) -> bool {
    function == ActivationFunction::Linear || absorbed == Some(function)
}

/// Appends the operation that makes the layer's output from `input`; returns the output.
pub(super) fn apply(function: ActivationFunction, input: TensorId, at: &mut Forward<'_>) -> TensorId {
    let output = at.output();
    if function == ActivationFunction::Softmax {
        at.push(Softmax { input, output });
    } else {
        at.push(Activation {
            function,
            input,
            output,
        });
    }
    output
}

/// Appends the gradient step of the activation whose input was `input` and whose output is the layer's.
pub(super) fn step_back(
    function: ActivationFunction,
    input: TensorId,
    doutput: TensorId,
    dinput: TensorId,
    at: &mut Backward<'_>,
) {
    let output = at.output();
    if function == ActivationFunction::Softmax {
        at.push(SoftmaxBackward {
            output,
            doutput,
            dinput,
        });
    } else {
        at.push(ActivationBackward {
            function,
            input: function.needs_input().then_some(input),
            output,
            doutput,
            dinput,
        });
    }
}

/// Lowers the forward pass of a layer that is this function and nothing else; returns the output.
pub(super) fn forward(function: ActivationFunction, at: &mut Forward<'_>) -> TensorId {
    if is_skipped(function, at.absorbed()) {
        at.input()
    } else {
        apply(function, at.input(), at)
    }
}

/// Lowers the backward pass of a layer that is this function and nothing else.
pub(super) fn backward(function: ActivationFunction, at: &mut Backward<'_>) {
    if is_skipped(function, at.absorbed()) {
        at.give(0, at.doutput());
    } else if let Some(dinput) = at.dinput(0) {
        step_back(function, at.input(), at.doutput(), dinput, at);
    }
}
