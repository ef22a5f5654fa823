//! A factor and an offset for all elements.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = scale input + offset`: rescaling, the division of a mean, and a gradient times a factor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rescale {
    /// The factor.
    pub scale: f32,
    /// What is added.
    pub offset: f32,
    /// Floats.
    pub input: TensorId,
    /// Floats.
    pub output: TensorId,
}

touches!(Rescale in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Rescale {
    fn name(&self) -> &'static str {
        "rescale"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let offset = if self.offset == 0.0 {
            String::new()
        } else {
            format!(" + {}", self.offset)
        };
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {} * {input}{offset}", self.scale),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = vec![
            ("SCALE", Constant::Float(self.scale)),
            ("OFFSET", Constant::Float(self.offset)),
        ];
        let kernel = launcher.kernel(File::Rescaling, "forward", constants);
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.output))], work);
    }
}
