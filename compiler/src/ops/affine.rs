//! Pictures moved by a matrix, one for each sample.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::unsigned;
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The pixels beyond a picture's edges. `[abcd]` is a row of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FillMode {
    /// A constant value, `fill_value`.
    Constant,
    /// The nearest pixel at the edge: `aaaa[abcd]dddd`.
    Nearest,
    /// The picture mirrored at the edge: `dcba[abcd]dcba`.
    Reflect,
    /// The picture repeated: `abcd[abcd]abcd`.
    Wrap,
}

impl FillMode {
    /// Keras's names, in its order.
    pub const NAMES: [(&'static str, Self); 4] = [
        ("reflect", Self::Reflect),
        ("wrap", Self::Wrap),
        ("constant", Self::Constant),
        ("nearest", Self::Nearest),
    ];

    /// Keras's word for the mode.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reflect => "reflect",
            Self::Wrap => "wrap",
            Self::Constant => "constant",
            Self::Nearest => "nearest",
        }
    }
}

/// How the value at a place of a picture is found.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sampling {
    /// Whether a place between pixels takes a weighted mean of the four around it, instead of the nearest.
    pub bilinear: bool,
    /// The pixels beyond the edges.
    pub fill_mode: FillMode,
    /// The value beyond the edges with [`FillMode::Constant`].
    pub fill_value: f32,
}

impl Sampling {
    /// For matrices that take pixels to pixels, so that nothing lies between or beyond them.
    pub const EXACT: Self = Self {
        bilinear: false,
        fill_mode: FillMode::Nearest,
        fill_value: 0.0,
    };
}

/// `output(x, y) = input(a0 x + a1 y + a2, b0 x + b1 y + b2)`, channel by channel, as in Keras with TensorFlow
/// (`tensorflow/core/kernels/image/image_ops.h`).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Affine {
    /// How values between and beyond the input's pixels are found.
    pub sampling: Sampling,
    /// Height and width of the input, in pixels.
    pub from: (usize, usize),
    /// Height and width of the output, in pixels.
    pub to: (usize, usize),
    /// The channels of the input and of the output.
    pub channels: usize,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Six floats for each sample, see [`Transforms`](super::Transforms).
    pub transforms: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Affine in BatchInnermost {
    reads: input, transforms;
    writes: output;
});

impl Operation for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let Sampling {
            bilinear, fill_mode, ..
        } = self.sampling;
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        let how = if bilinear { "bilinear" } else { "nearest" };
        let transforms = words.tensor(self.transforms);
        Written {
            formula: format!(
                "{output} = affine({input}, {transforms}), {how}, {} outside",
                fill_mode.name()
            ),
            sizes: words.through(self.input, self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let fill_mode = match self.sampling.fill_mode {
            FillMode::Constant => 0,
            FillMode::Nearest => 1,
            FillMode::Reflect => 2,
            FillMode::Wrap => 3,
        };
        let constants = vec![
            ("CHANNELS", unsigned(self.channels)),
            ("HEIGHT", unsigned(self.from.0)),
            ("WIDTH", unsigned(self.from.1)),
            ("OUT_HEIGHT", unsigned(self.to.0)),
            ("OUT_WIDTH", unsigned(self.to.1)),
            ("BILINEAR", Constant::Bool(self.sampling.bilinear)),
            ("FILL_MODE", unsigned(fill_mode)),
            ("FILL_VALUE", Constant::Float(self.sampling.fill_value)),
        ];
        let kernel = launcher.kernel(File::Affine, "forward", constants);
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Tensor(self.transforms)),
            (2, Tensor(self.output)),
        ];
        launcher.push(kernel, bindings, work);
    }
}
