//! A softmax over the channels, and its gradient.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output = exp(input) / sum over channels of exp(input)`; channels and positions are those of `output`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Softmax {
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats of the same sizes as the input.
    pub output: TensorId,
}

touches!(Softmax in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = softmax({input})"),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (constants, per_quad) = sizes_of(launcher, self.output);
        let bindings = vec![(0, Tensor(self.input)), (1, Tensor(self.output))];
        let kernel = launcher.kernel(File::Softmax, "forward", constants);
        let turns = 3 * (launcher.channels(self.output) / 8 + 8);
        launcher.push_long(kernel, bindings, launcher.each(per_quad), turns);
    }
}

/// `dinput = output (doutput - sum over channels of output doutput)`; sizes are those of `output`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SoftmaxBackward {
    /// The output of the forward pass.
    pub output: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the input.
    pub dinput: TensorId,
}

touches!(SoftmaxBackward in BatchInnermost {
    reads: output, doutput;
    writes: dinput;
});

impl Operation for SoftmaxBackward {
    fn name(&self) -> &'static str {
        "softmax backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, doutput) = (words.tensor(self.output), words.tensor(self.doutput));
        Written {
            formula: format!("{} = softmax'({output}) * {doutput}", words.tensor(self.dinput)),
            sizes: words.size(self.dinput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (constants, per_quad) = sizes_of(launcher, self.output);
        let bindings = vec![
            (2, Tensor(self.output)),
            (3, Tensor(self.doutput)),
            (4, Tensor(self.dinput)),
        ];
        let kernel = launcher.kernel(File::Softmax, "backward", constants);
        let turns = 2 * (launcher.channels(self.output) / 8 + 8);
        launcher.push_long(kernel, bindings, launcher.each(per_quad), turns);
    }
}

/// The constants for the softmax that writes `output`, and the number of its positions.
fn sizes_of(launcher: &Launcher<'_>, output: TensorId) -> (Constants, usize) {
    let channels = launcher.channels(output);
    let per_quad = launcher.elements(output) / channels.max(1);
    (vec![("CHANNELS", unsigned(channels))], per_quad)
}
