//! Maps made larger by whole factors, and the gradient of that.

use crate::launch::dispatch::Resource::Tensor;
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// What new cells hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Interpolation {
    /// What the cell holds that they lie in.
    Nearest,
    /// A straight line between the centres of neighbours; beyond the outermost centres, the outermost value.
    Bilinear,
}

impl Interpolation {
    /// Keras's word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nearest => "nearest",
            Self::Bilinear => "bilinear",
        }
    }
}

/// How much larger a map is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct UpSamplingGeometry {
    /// How many channels the input has, and the output with it.
    pub channels: usize,
    /// Rows and columns of the smaller map.
    pub size: (usize, usize),
    /// How many rows and columns each becomes.
    pub factors: (usize, usize),
    /// What they hold.
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

/// A map made larger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpSample {
    /// Channels, sizes and window of the layer.
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

/// The gradient of what was made larger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UpSampleBackward {
    /// Channels, sizes and window of the layer.
    pub geometry: UpSamplingGeometry,
    /// The gradient of the larger map.
    pub doutput: TensorId,
    /// The gradient of the smaller one.
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
