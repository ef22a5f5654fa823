//! A pool of whole maps, and its gradient.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::ops::pool::{PoolKind, Taken};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// The maximum or the mean of each channel; the channels are those of `output`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPool {
    /// Maximum or mean.
    pub pool: PoolKind,
    /// Floats.
    pub input: TensorId,
    /// Floats of as many channels and one position.
    pub output: TensorId,
}

touches!(GlobalPool in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for GlobalPool {
    fn name(&self) -> &'static str {
        "global pool"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = global_{}_pool({input})", self.pool.word()),
            sizes: words.through(self.input, self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let channels = launcher.channels(self.output);
        let constants = constants_of(channels, launcher.elements(self.input));
        let bindings = vec![(0, Tensor(self.input)), (1, Tensor(self.output))];
        let kernel = launcher.kernel(File::GlobalPool2d, self.pool.forward(), constants);
        launcher.push(kernel, bindings, launcher.each(channels));
    }
}

/// The gradient of a global pool's input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPoolBackward {
    /// Maximum or mean.
    pub pool: PoolKind,
    /// What the pool took and gave, for the maximum.
    pub taken: Option<Taken>,
    /// The gradient of the pool's output.
    pub doutput: TensorId,
    /// The gradient of its input.
    pub dinput: TensorId,
}

touches!(GlobalPoolBackward in BatchInnermost {
    reads: taken, doutput;
    writes: dinput;
});

impl Operation for GlobalPoolBackward {
    fn name(&self) -> &'static str {
        "global pool backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let taken = Taken::written(self.taken, words);
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = global_{}_pool'({taken}{doutput})", self.pool.word()),
            sizes: words.through(self.dinput, self.doutput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (entry, mut bindings) = Taken::launched(self.taken);
        bindings.extend([(3, Tensor(self.doutput)), (4, Tensor(self.dinput))]);
        let channels = launcher.elements(self.doutput);
        let constants = constants_of(channels, launcher.elements(self.dinput));
        let kernel = launcher.kernel(File::GlobalPool2d, entry, constants);
        launcher.push(kernel, bindings, launcher.each(channels));
    }
}

fn constants_of(channels: usize, elements: usize) -> Constants {
    vec![
        ("CHANNELS", unsigned(channels)),
        ("POSITIONS", unsigned(elements / channels.max(1))),
    ]
}
