//! The values that the outputs of a batch are compared with.

use crate::launch::dispatch::Resource::{Labels, Order, State, Tensor};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output = the batch's targets`: the values that the data set has for each sample, in its own order `[position][channel]`;
/// or, where it has class numbers, the number itself for one channel and the one-hot row of it for more. Zero for padding.
/// Beside a loss of class numbers these stay as they are in a device's memory, and rows are made of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Target {
    /// Floats, of the shape of the network's output.
    pub output: TensorId,
    /// Whether the loss reads class numbers.
    pub beside_numbers: bool,
}

touches!(Target in BatchInnermost {
    writes: output;
});

impl Operation for Target {
    fn name(&self) -> &'static str {
        "target"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("{} = targets[batch]", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let channels = launcher.channels(self.output);
        let elements = launcher.elements(self.output);
        let constants = vec![
            ("CHANNELS", unsigned(channels)),
            ("POSITIONS", unsigned(elements / channels.max(1))),
        ];
        let (labels, entry) = if self.beside_numbers {
            (4, "numbers")
        } else {
            (0, "main")
        };
        let bindings = vec![(labels, Labels), (1, Order), (2, State), (3, Tensor(self.output))];
        let kernel = launcher.kernel(File::Target, entry, constants);
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}
