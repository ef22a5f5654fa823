//! Merges of two tensors other than their sum ([`Add`](super::Add)), and the gradients of maximum and minimum.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The function of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Merging {
    /// The product of both.
    Multiply,
    /// The left value minus the right one.
    Subtract,
    /// The larger of both.
    Maximum,
    /// The smaller of both.
    Minimum,
}

impl Merging {
    fn constants(self, of_left: bool) -> Constants {
        let number = match self {
            Self::Multiply => 0,
            Self::Subtract => 1,
            Self::Maximum => 2,
            Self::Minimum => 3,
        };
        vec![("FUNCTION", unsigned(number)), ("OF_LEFT", Constant::Bool(of_left))]
    }

    fn written(self, left: &str, right: &str) -> String {
        match self {
            Self::Multiply => format!("{left} * {right}"),
            Self::Subtract => format!("{left} - {right}"),
            Self::Maximum => format!("max({left}, {right})"),
            Self::Minimum => format!("min({left}, {right})"),
        }
    }
}

/// `output = function(left, right)` of two tensors of one shape, value by value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Merge {
    /// The function of two values.
    pub function: Merging,
    /// The tensor of floats that is read.
    pub left: TensorId,
    /// The tensor of floats that is read.
    pub right: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Merge in BatchInnermost | ChannelBlocked {
    reads: left, right;
    writes: output;
});

impl Operation for Merge {
    fn name(&self) -> &'static str {
        "merge"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let made = self.function.written(words.tensor(self.left), words.tensor(self.right));
        Written {
            formula: format!("{} = {made}", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let kernel = launcher.kernel(File::Merging, "forward", self.function.constants(true));
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![
            (0, Tensor(self.left)),
            (1, Tensor(self.right)),
            (2, Tensor(self.output)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// The gradient of one of the two operands of a maximum or minimum: it goes to the operand that was taken, and where
/// both are equal to the left one, as TensorFlow's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MergeBackward {
    /// The maximum or the minimum; others have no such gradient.
    pub function: Merging,
    /// Whether the gradient is that of the left operand rather than of the right one.
    pub of_left: bool,
    /// The left operand of the forward pass.
    pub left: TensorId,
    /// The right operand of the forward pass.
    pub right: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the operand.
    pub dinput: TensorId,
}

touches!(MergeBackward in BatchInnermost | ChannelBlocked {
    reads: left, right, doutput;
    writes: dinput;
});

impl Operation for MergeBackward {
    fn name(&self) -> &'static str {
        "merge backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (left, right) = (words.tensor(self.left), words.tensor(self.right));
        let taken = if self.of_left { left } else { right };
        let made = self.function.written(left, right);
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = {doutput} where {made} is {taken}"),
            sizes: words.size(self.dinput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let kernel = launcher.kernel(File::Merging, "backward", self.function.constants(self.of_left));
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![
            (0, Tensor(self.left)),
            (1, Tensor(self.right)),
            (3, Tensor(self.doutput)),
            (4, Tensor(self.dinput)),
        ];
        launcher.push(kernel, bindings, work);
    }
}
