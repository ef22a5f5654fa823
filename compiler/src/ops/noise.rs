//! Noise of a normal distribution, added while training.

use super::draws;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = input + stddev n`, with a normally distributed `n` for each element `e` of each sample, made of the
/// numbers `2 e` and `2 e + 1` (Box and Muller, 1958). The gradient passes unchanged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Noise {
    /// The standard deviation, above 0.
    pub stddev: f32,
    /// Two words that tell this layer's random numbers from other layers' (`draws::stream`).
    pub stream: [u32; 2],
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Noise in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Noise {
    fn name(&self) -> &'static str {
        "noise"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {input} + noise of deviation {:?}", self.stddev),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let own: Constants = vec![
            ("ELEMENTS", unsigned(elements)),
            ("FILL_0", Constant::Float(self.stddev)),
        ];
        let constants = draws::constants(self.stream, own);
        let kernel = launcher.kernel(File::Augmentation, "noise", constants);
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Steps),
            (2, State),
            (3, Tensor(self.output)),
        ];
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}
