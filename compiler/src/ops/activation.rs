//! An activation function of each value, and its gradient step.

use crate::activation::ActivationFunction;
use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = f(input)`, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Activation {
    /// The function f; neither linear, which needs no operation, nor softmax, which has its own.
    pub function: ActivationFunction,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub output: TensorId,
}

touches!(Activation in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
});

impl Operation for Activation {
    fn name(&self) -> &'static str {
        "activation"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {}({input})", self.function),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let bindings = vec![(0, Tensor(self.input)), (1, Tensor(self.output))];
        let kernel = launcher.kernel(File::Activation, "forward", constants_of(self.function));
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, bindings, work);
    }
}

/// `dinput = f'(input) doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActivationBackward {
    /// The function f; neither linear nor softmax.
    pub function: ActivationFunction,
    /// The input of f, where the derivative is computed from it ([`ActivationFunction::needs_input`]); None where the
    /// output is enough.
    pub input: Option<TensorId>,
    /// The output of f.
    pub output: TensorId,
    /// The gradient of the output of f.
    pub doutput: TensorId,
    /// The gradient of the input of f.
    pub dinput: TensorId,
}

touches!(ActivationBackward in BatchInnermost | ChannelBlocked {
    reads: input, output, doutput;
    writes: dinput;
});

impl Operation for ActivationBackward {
    fn name(&self) -> &'static str {
        "activation backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let at = words.tensor(self.input.unwrap_or(self.output));
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = {}'({at}) * {doutput}", self.function),
            sizes: words.size(self.dinput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (entry, first) = match self.input {
            Some(input) => ("backward_from_input", (0, Tensor(input))),
            None => ("backward", (2, Tensor(self.output))),
        };
        let bindings = vec![first, (3, Tensor(self.doutput)), (4, Tensor(self.dinput))];
        let kernel = launcher.kernel(File::Activation, entry, constants_of(self.function));
        let work = launcher.each(launcher.elements(self.dinput));
        launcher.push(kernel, bindings, work);
    }
}

fn constants_of(function: ActivationFunction) -> Constants {
    let (mut slope, mut threshold, mut ceiling, mut alpha) = (0.0, 0.0, None, 1.0);
    let number = match function {
        ActivationFunction::Relu {
            negative_slope,
            ceiling: max_value,
            threshold: from,
        } => {
            (slope, threshold, ceiling) = (negative_slope, from, max_value);
            0
        }
        ActivationFunction::Sigmoid => 1,
        ActivationFunction::Tanh => 2,
        ActivationFunction::Elu { alpha: given } => {
            alpha = given;
            3
        }
        ActivationFunction::Selu => 4,
        ActivationFunction::Softplus => 5,
        ActivationFunction::Softsign => 6,
        ActivationFunction::Silu => 7,
        ActivationFunction::Gelu => 8,
        ActivationFunction::HardSigmoid => 9,
        ActivationFunction::Exponential => 10,
        // Lowering makes neither of the two: linear needs no operation, softmax has its own.
        ActivationFunction::Linear | ActivationFunction::Softmax => 11,
    };
    vec![
        ("FUNCTION", unsigned(number)),
        ("SLOPE", Constant::Float(slope)),
        ("THRESHOLD", Constant::Float(threshold)),
        ("HAS_CEILING", Constant::Bool(ceiling.is_some())),
        ("CEILING", Constant::Float(ceiling.unwrap_or(0.0))),
        ("ALPHA", Constant::Float(alpha)),
    ]
}
