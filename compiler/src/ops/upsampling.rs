//! Maps enlarged by whole factors, and the gradient of that.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// How the values of new cells are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// Each new cell has the value of the cell that it lies in.
    Nearest,
    /// Values lie on straight lines between the centres of neighbours; beyond the outermost centres, the outermost value holds.
    Bilinear,
}

impl Interpolation {
    /// Keras's word for the interpolation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
        }
    }
}

/// The sizes of an enlargement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct UpSamplingGeometry {
    /// The channels of the input and of the output.
    pub channels: usize,
    /// Rows and columns of the smaller map.
    pub size: (usize, usize),
    /// How many rows each row becomes, and how many columns each column.
    pub factors: (usize, usize),
    /// How the values of the new cells are found.
    pub interpolation: Interpolation,
}

impl UpSamplingGeometry {
    fn constants(&self) -> Constants {
        vec![
            ("CHANNELS", unsigned(self.channels)),
            ("IN_H", unsigned(self.size.0)),
            ("IN_W", unsigned(self.size.1)),
            ("FACTOR_H", unsigned(self.factors.0)),
            ("FACTOR_W", unsigned(self.factors.1)),
        ]
    }

    fn written(&self) -> String {
        let (size, factors, channels) = (self.size, self.factors, self.channels);
        let to = (size.0 * factors.0, size.1 * factors.1);
        format!(
            "by {}x{}: {}x{}x{channels} -> {}x{}x{channels}",
            factors.0, factors.1, size.0, size.1, to.0, to.1
        )
    }
}

/// `output = input`, enlarged by the factors of the geometry.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpSample {
    /// Channels, sizes and factors of the enlargement.
    pub geometry: UpSamplingGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(UpSample in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for UpSample {
    fn name(&self) -> &'static str {
        "upsampling"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = upsample_{}({input})", self.geometry.interpolation.name()),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let entry = match self.geometry.interpolation {
            Interpolation::Nearest => "nearest_forward",
            Interpolation::Bilinear => "bilinear_forward",
        };
        let kernel = launcher.kernel(File::UpSampling2d, entry, self.geometry.constants());
        let work = launcher.each(launcher.elements(self.output));
        launcher.push(kernel, vec![(0, Tensor(self.input)), (1, Tensor(self.output))], work);
    }
}

/// The gradient of the map that was enlarged.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpSampleBackward {
    /// Channels, sizes and factors of the enlargement.
    pub geometry: UpSamplingGeometry,
    /// The gradient of the larger map.
    pub doutput: TensorId,
    /// The gradient of the smaller map.
    pub dinput: TensorId,
}

touches!(UpSampleBackward in BatchInnermost {
    reads: doutput;
    writes: dinput;
});

impl Operation for UpSampleBackward {
    fn name(&self) -> &'static str {
        "upsampling backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = upsample_{}'({doutput})", self.geometry.interpolation.name()),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let entry = match self.geometry.interpolation {
            Interpolation::Nearest => "nearest_backward",
            Interpolation::Bilinear => "bilinear_backward",
        };
        let kernel = launcher.kernel(File::UpSampling2d, entry, self.geometry.constants());
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![(2, Tensor(self.doutput)), (3, Tensor(self.dinput))];
        launcher.push(kernel, bindings, work);
    }
}
