//! The sum of two tensors.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::launcher::Launcher;
use crate::ops::elementwise::constants;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output = left + right`: the layer `Add`, and the sum of the gradients of a tensor with several users.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Add {
    /// The tensor of floats that is read.
    pub left: TensorId,
    /// Floats of the same sizes as `left`.
    pub right: TensorId,
    /// Floats of the same sizes as `left`.
    pub output: TensorId,
}

touches!(Add in BatchInnermost | ChannelBlocked {
    reads: left, right;
    writes: output;
});

impl Operation for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (left, right) = (words.tensor(self.left), words.tensor(self.right));
        Written {
            formula: format!("{} = {left} + {right}", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let bindings = vec![
            (0, Tensor(self.left)),
            (1, Tensor(self.right)),
            (2, Tensor(self.output)),
        ];
        let kernel = launcher.kernel(File::Elementwise, "add", constants(&[]));
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, bindings, work);
    }
}
