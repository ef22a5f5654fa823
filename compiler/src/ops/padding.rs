//! Maps moved within larger or smaller ones.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// The place of a map within another one with the same channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ShiftGeometry {
    /// The channels of the input and of the output.
    pub channels: usize,
    /// Rows and columns of the input.
    pub from: (usize, usize),
    /// Rows and columns of the output.
    pub to: (usize, usize),
    /// Rows and columns of zeros before the input's first; negative where as many of the input's are cut off.
    pub before: (isize, isize),
}

impl ShiftGeometry {
    /// The way back, which is also the gradient's.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self {
            channels: self.channels,
            from: self.to,
            to: self.from,
            before: (-self.before.0, -self.before.1),
        }
    }
}

/// `output[row][column] = input[row - before][column - before]`, zero where the input has no such cell: a map with
/// zeros around it, or a part of a map. Each of the two is the gradient of the other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shift {
    /// Channels and sizes, and the place of the input within the output or the reverse.
    pub geometry: ShiftGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Shift in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
});

impl Operation for Shift {
    fn name(&self) -> &'static str {
        "shift"
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let size = if tensor == self.input {
            self.geometry.from
        } else {
            self.geometry.to
        };
        Some((self.geometry.channels, size.0 * size.1))
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let ShiftGeometry {
            channels,
            from,
            to,
            before,
        } = self.geometry;
        Written {
            formula: format!("{output} = shift({input}, {}, {})", before.0, before.1),
            sizes: format!("{}x{}x{channels} -> {}x{}x{channels}", from.0, from.1, to.0, to.1),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let ShiftGeometry {
            channels,
            from,
            to,
            before,
        } = self.geometry;
        let pad = |before: isize| unsigned(usize::try_from(before).unwrap_or(0));
        let constants = vec![
            ("CHANNELS", unsigned(channels)),
            ("IN_H", unsigned(from.0)),
            ("IN_W", unsigned(from.1)),
            ("OUT_H", unsigned(to.0)),
            ("OUT_W", unsigned(to.1)),
            ("PAD_TOP", pad(before.0)),
            ("PAD_LEFT", pad(before.1)),
            ("CROP_TOP", pad(-before.0)),
            ("CROP_LEFT", pad(-before.1)),
        ];
        let kernel = launcher.kernel(File::Padding, "shift", constants);
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.output))], work);
    }
}
