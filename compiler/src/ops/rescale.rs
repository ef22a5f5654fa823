//! A factor and an offset for all elements, or for those of each channel.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = scale input + offset`: rescaling, the division of a mean, and a gradient times a factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rescale {
    /// Scale and offset: one pair for all elements, or one for each channel.
    pub factors: Vec<(f32, f32)>,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Rescale in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
});

impl Rescale {
    /// A factor for all elements, without an offset.
    pub fn by(scale: f32, input: TensorId, output: TensorId) -> Self {
        Self {
            factors: vec![(scale, 0.0)],
            input,
            output,
        }
    }
}

impl Operation for Rescale {
    fn name(&self) -> &'static str {
        "rescale"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let made = match self.factors.as_slice() {
            [(scale, 0.0)] => format!("{scale} * {input}"),
            [(scale, offset)] => format!("{scale} * {input} + {offset}"),
            _ => format!("scales * {input} + offsets"),
        };
        Written {
            formula: format!("{output} = {made}"),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let count = elements / self.factors.len().max(1);
        for (index, &(scale, offset)) in self.factors.iter().enumerate() {
            let constants = vec![
                ("ELEMENTS", unsigned(elements)),
                ("FIRST", unsigned(index * count)),
                ("COUNT", unsigned(count)),
                ("SCALE", Constant::Float(scale)),
                ("OFFSET", Constant::Float(offset)),
            ];
            let kernel = launcher.kernel(File::Rescaling, "forward", constants);
            let work = launcher.each(count);
            launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.output))], work);
        }
    }
}
