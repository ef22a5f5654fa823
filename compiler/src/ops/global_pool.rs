//! Pooling of whole maps, and its gradient.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::dispatch::{Extent, Resource};
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::ops::pool::{PoolKind, Taken};
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// The maximum or the mean of each channel; the channels are those of `output`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPool {
    /// Whether each channel gives its maximum or its mean.
    pub pool: PoolKind,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Floats with the same channels and one position.
    pub output: TensorId,
}

touches!(GlobalPool in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
});

impl Operation for GlobalPool {
    fn name(&self) -> &'static str {
        "global pool"
    }

    fn view(&self, tensor: TensorId, tensors: &[Stored]) -> Option<(usize, usize)> {
        let channels = tensors.get(self.output.0)?.elements();
        Some((channels, tensors.get(tensor.0)?.elements() / channels.max(1)))
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
        let bindings = vec![(0, Tensor(self.input)), (1, Tensor(self.output))];
        let elements = launcher.elements(self.input);
        push(
            launcher,
            (self.pool.forward(), self.pool.forward_split()),
            bindings,
            channels,
            elements,
        );
    }
}

/// The gradient of a global pool's input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GlobalPoolBackward {
    /// Whether each channel gives its maximum or its mean.
    pub pool: PoolKind,
    /// The pool's input and output, which the gradient of a maximum needs; None for a mean.
    pub taken: Option<Taken>,
    /// The gradient of the pool's output.
    pub doutput: TensorId,
    /// The gradient of the pool's input.
    pub dinput: TensorId,
}

touches!(GlobalPoolBackward in BatchInnermost | ChannelBlocked {
    reads: taken, doutput;
    writes: dinput;
});

impl Operation for GlobalPoolBackward {
    fn name(&self) -> &'static str {
        "global pool backward"
    }

    fn view(&self, tensor: TensorId, tensors: &[Stored]) -> Option<(usize, usize)> {
        let channels = tensors.get(self.doutput.0)?.elements();
        Some((channels, tensors.get(tensor.0)?.elements() / channels.max(1)))
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
        let elements = launcher.elements(self.dinput);
        push(
            launcher,
            (entry, self.pool.backward_split()),
            bindings,
            channels,
            elements,
        );
    }
}

/// Launches an entry point or, where there are too many positions for one invocation, the one that divides them among several.
fn push(
    launcher: &mut Launcher<'_>,
    (entry, split_entry): (&'static str, &'static str),
    bindings: Vec<(u32, Resource)>,
    channels: usize,
    elements: usize,
) {
    let positions = elements / channels.max(1);
    // The gradient of a maximum goes over the positions twice.
    let turns = positions.saturating_mul(2);
    let split = if turns <= launcher.tiling.most_turns {
        1
    } else {
        (positions / 8192).next_power_of_two().clamp(2, MOST_SHARES)
    };
    let constants = vec![
        ("CHANNELS", unsigned(channels)),
        ("POSITIONS", unsigned(positions)),
        ("SPLIT", unsigned(split)),
    ];
    let (entry, work) = if split == 1 {
        (entry, launcher.each(channels))
    } else {
        let lanes = 1;
        (
            split_entry,
            Extent::Strips {
                positions: 1,
                lanes,
                tiles: channels,
            },
        )
    };
    let kernel = launcher.kernel(File::GlobalPool2d, entry, constants);
    launcher.push_long(kernel, bindings, work, turns.div_ceil(split) + split);
}

/// The most invocations that WebGPU grants a workgroup.
const MOST_SHARES: usize = 256;
