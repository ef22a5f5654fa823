//! Picks the samples of a batch out of the data set.

use crate::launch::dispatch::Resource::{Data, Order, State, Tensor};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::{Launcher, numbered};
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output[e][n] = data[order[step * batch + n]][e] / scale` for element e of sample n: picks a batch's samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gather {
    /// Floats of the input's shape.
    pub output: TensorId,
}

touches!(Gather in BatchInnermost | ChannelBlocked {
    writes: output;
});

impl Operation for Gather {
    fn name(&self) -> &'static str {
        "gather"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("{} = data[order]", words.tensor(self.output)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let shape = launcher.input_shape;
        let constants = vec![
            ("CHANNELS", unsigned(shape.channels())),
            ("POSITIONS", unsigned(shape.positions())),
        ];
        let output = Tensor(self.output);
        let bindings = [Data(0), Data(1), Data(2), Data(3), Order, State, output];
        // Where the data are floats, the executor replaces the entry point by `floats`, and the work with it.
        let kernel = launcher.kernel(File::Gather, "bytes", constants);
        let work = launcher.each(shape.elements().div_ceil(4));
        launcher.push(kernel, numbered(&bindings), work);
    }
}
