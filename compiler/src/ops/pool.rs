//! Pooling of windows, and its gradient.

use crate::launch::dispatch::Resource::{self, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::geometry::cells;
use crate::ops::operation::{Operation, Tensors, touches};
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written, window};
use crate::window::Grid;
use serde::Serialize;
use shaders::File;

/// The channels and the window of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct PoolingGeometry {
    /// The channels of the input and of the output.
    pub channels: usize,
    /// The window laid over the input.
    pub grid: Grid,
}

/// What becomes of the values of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PoolKind {
    /// The largest value. Its gradient goes to the first place that holds it; of a global pool, to all such places in
    /// equal parts, as TensorFlow's does.
    Max,
    /// The mean of the values, cells of the padding left out.
    Average,
}

impl PoolKind {
    /// The entry point of a global pool's forward pass that divides a channel's positions among invocations.
    pub const fn forward_split(self) -> &'static str {
        match self {
            Self::Max => "max_forward_split",
            Self::Average => "average_forward_split",
        }
    }

    /// The entry point of a global pool's gradient that divides a channel's positions among invocations.
    pub const fn backward_split(self) -> &'static str {
        match self {
            Self::Max => "max_backward_split",
            Self::Average => "average_backward_split",
        }
    }

    /// The word in printed plans.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Max => "max",
            Self::Average => "average",
        }
    }

    /// The entry point of the forward pass.
    pub(super) const fn forward(self) -> &'static str {
        match self {
            Self::Max => "max_forward",
            Self::Average => "average_forward",
        }
    }
}

/// The tensors of the forward pass that the gradient of a maximum needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// The input of the pool.
    pub input: TensorId,
    /// The output of the pool.
    pub output: TensorId,
}

impl Tensors for Taken {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        found.extend([self.input, self.output]);
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        found.extend([&mut self.input, &mut self.output]);
    }
}

impl Taken {
    /// `input, output, ` in printed plans; empty without them.
    pub(super) fn written(taken: Option<Self>, words: &Words<'_>) -> String {
        taken.map_or_else(String::new, |taken| {
            format!("{}, {}, ", words.tensor(taken.input), words.tensor(taken.output))
        })
    }

    /// The entry point of the gradient, and the bindings of these tensors.
    pub(super) fn launched(taken: Option<Self>) -> (&'static str, Vec<(u32, Resource)>) {
        match taken {
            Some(taken) => (
                "max_backward",
                vec![(0, Tensor(taken.input)), (2, Tensor(taken.output))],
            ),
            None => ("average_backward", Vec::new()),
        }
    }
}

/// The maximum or the mean of each window.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pool {
    /// Whether a window gives its maximum or its mean.
    pub pool: PoolKind,
    /// Channels, sizes and window of the pool.
    pub geometry: PoolingGeometry,
    /// Floats: `channels` times the grid's input cells.
    pub input: TensorId,
    /// Floats: `channels` times the grid's output cells.
    pub output: TensorId,
}

touches!(Pool in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
});

impl Operation for Pool {
    fn name(&self) -> &'static str {
        "pool"
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let (input, output) = cells(&self.geometry.grid);
        let is_input = tensor == self.input;
        Some((self.geometry.channels, if is_input { input } else { output }))
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {}_pool({input})", self.pool.word()),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let bindings = vec![(0, Tensor(self.input)), (1, Tensor(self.output))];
        let kernel = launcher.kernel(File::Pool2d, self.pool.forward(), self.geometry.constants());
        let work = launcher.each(launcher.elements(self.output));
        launcher.push_long(kernel, bindings, work, self.geometry.taps());
    }
}

/// The gradient of a pool's input.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PoolBackward {
    /// Whether a window gives its maximum or its mean.
    pub pool: PoolKind,
    /// Channels, sizes and window of the pool.
    pub geometry: PoolingGeometry,
    /// The pool's input and output, which the gradient of a maximum needs; None for a mean.
    pub taken: Option<Taken>,
    /// The gradient of the pool's output.
    pub doutput: TensorId,
    /// The gradient of the pool's input.
    pub dinput: TensorId,
}

touches!(PoolBackward in BatchInnermost | ChannelBlocked {
    reads: taken, doutput;
    writes: dinput;
});

impl Operation for PoolBackward {
    fn name(&self) -> &'static str {
        "pool backward"
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let (input, output) = cells(&self.geometry.grid);
        let is_input = tensor == self.dinput || self.taken.is_some_and(|taken| taken.input == tensor);
        Some((self.geometry.channels, if is_input { input } else { output }))
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let taken = Taken::written(self.taken, words);
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = {}_pool'({taken}{doutput})", self.pool.word()),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let (entry, mut bindings) = Taken::launched(self.taken);
        bindings.extend([(3, Tensor(self.doutput)), (4, Tensor(self.dinput))]);
        let kernel = launcher.kernel(File::Pool2d, entry, self.geometry.constants());
        let work = launcher.each(launcher.elements(self.dinput));
        let geometry = &self.geometry;
        let turns = match self.pool {
            // Each window that a cell lies in is searched for an equal value before it.
            PoolKind::Max => geometry.taps() * (1 + geometry.windows_of_a_cell()),
            PoolKind::Average => geometry.taps(),
        };
        launcher.push_long(kernel, bindings, work, turns);
    }
}

impl PoolingGeometry {
    /// Turns of the loops over a window.
    const fn taps(&self) -> usize {
        self.grid.vertical.size * (self.grid.horizontal.size + 1)
    }

    /// The largest number of windows that a cell lies in.
    const fn windows_of_a_cell(&self) -> usize {
        let (vertical, horizontal) = (self.grid.vertical, self.grid.horizontal);
        vertical.size.div_ceil(vertical.stride) * horizontal.size.div_ceil(horizontal.stride)
    }

    fn written(&self) -> String {
        window(&self.grid, (self.channels, self.channels))
    }

    fn constants(&self) -> Constants {
        let (vertical, horizontal) = (self.grid.vertical, self.grid.horizontal);
        vec![
            ("CHANNELS", unsigned(self.channels)),
            ("IN_H", unsigned(vertical.input)),
            ("IN_W", unsigned(horizontal.input)),
            ("OUT_H", unsigned(vertical.output)),
            ("OUT_W", unsigned(horizontal.output)),
            ("SIZE_H", unsigned(vertical.size)),
            ("SIZE_W", unsigned(horizontal.size)),
            ("STRIDE_H", unsigned(vertical.stride)),
            ("STRIDE_W", unsigned(horizontal.stride)),
            ("PAD_TOP", unsigned(vertical.pad_before)),
            ("PAD_LEFT", unsigned(horizontal.pad_before)),
        ]
    }
}
