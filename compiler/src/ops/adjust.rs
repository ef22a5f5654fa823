//! Changes of brightness and contrast, drawn for each sample.

use super::draws;
use super::transforms::Drawn;
use crate::launch::dispatch::Resource::{Nothing, State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = (input - mean) f + mean`, with a number `f` for each sample and the mean of each of its channels; or,
/// without statistics, `output = input + f`. Both are clipped to a range.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Adjust {
    /// The range that `f` is drawn from.
    pub drawn: Drawn,
    /// The least and the largest value, to which results are clipped.
    pub range: [f32; 2],
    /// Two words that tell this layer's random numbers from other layers' (`draws::stream`).
    pub stream: [u32; 2],
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats: `[channel][mean, 1 / deviation]`; None where the brightness changes.
    pub statistics: Option<TensorId>,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Adjust in BatchInnermost {
    reads: input, statistics;
    writes: output;
});

impl Operation for Adjust {
    fn name(&self) -> &'static str {
        "adjust"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let what = if self.statistics.is_some() {
            "contrast"
        } else {
            "brightness"
        };
        Written {
            formula: format!("{output} = {what}({input}, {:?} to {:?})", self.drawn[0], self.drawn[1]),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let own: Constants = vec![
            ("ELEMENTS", unsigned(elements)),
            ("POSITIONS", unsigned(elements / launcher.channels(self.output).max(1))),
            ("FIRST", Constant::Bool(self.statistics.is_some())),
            ("LOW_0", Constant::Float(self.drawn[0])),
            ("HIGH_0", Constant::Float(self.drawn[1])),
            ("LEAST", Constant::Float(self.range[0])),
            ("MOST", Constant::Float(self.range[1])),
        ];
        let constants = draws::constants(self.stream, own);
        let kernel = launcher.kernel(File::Augmentation, "adjust", constants);
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Steps),
            (2, State),
            (3, Tensor(self.output)),
            (4, self.statistics.map_or(Nothing, Tensor)),
        ];
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}
