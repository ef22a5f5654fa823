//! Rectangles of pictures overwritten while training.

use super::draws;
use super::transforms::Drawn;
use crate::launch::dispatch::Resource::{State, Steps, Tensor};
use crate::launch::kernel::{Constants, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// `output = input`, except for a rectangle in some of the samples.
///
/// Numbers 0 and 1 are the squares of the rectangle's shares of width and height; 2 and 3 place it, as shares of the
/// room that is left; 4 is the probability of a rectangle, and there is one where number 5 is below it. Numbers
/// `8 + 2 e` and `9 + 2 e` make the normal value of element `e`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Erase {
    /// The range that the squares of the shares are drawn from.
    pub scale: Drawn,
    /// The range that a sample's probability of a rectangle is drawn from.
    pub factor: Drawn,
    /// The values that fill the rectangle, one for each of three channels, or three times the one for all; None for
    /// normal values times `normal`.
    pub fill: Option<[f32; 3]>,
    /// The standard deviation of normal values.
    pub normal: f32,
    /// The range that fillings are clipped to.
    pub range: [f32; 2],
    /// Height and width of the pictures.
    pub size: (usize, usize),
    /// Two words that tell this layer's random numbers from other layers' (`draws::stream`).
    pub stream: [u32; 2],
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Erase in BatchInnermost {
    reads: input;
    writes: output;
});

impl Operation for Erase {
    fn name(&self) -> &'static str {
        "erase"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = erase({input})"),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let elements = launcher.elements(self.output);
        let [fill_0, fill_1, fill_2] = self.fill.unwrap_or([self.normal; 3]);
        let own: Constants = vec![
            ("ELEMENTS", unsigned(elements)),
            ("POSITIONS", unsigned(self.size.0 * self.size.1)),
            ("HEIGHT", unsigned(self.size.0)),
            ("WIDTH", unsigned(self.size.1)),
            ("FIRST", Constant::Bool(self.fill.is_none())),
            ("LOW_0", Constant::Float(self.scale[0])),
            ("HIGH_0", Constant::Float(self.scale[1])),
            ("LOW_1", Constant::Float(self.factor[0])),
            ("HIGH_1", Constant::Float(self.factor[1])),
            ("LEAST", Constant::Float(self.range[0])),
            ("MOST", Constant::Float(self.range[1])),
            ("FILL_0", Constant::Float(fill_0)),
            ("FILL_1", Constant::Float(fill_1)),
            ("FILL_2", Constant::Float(fill_2)),
        ];
        let constants = draws::constants(self.stream, own);
        let kernel = launcher.kernel(File::Augmentation, "erase", constants);
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Steps),
            (2, State),
            (3, Tensor(self.output)),
        ];
        launcher.push(kernel, bindings, launcher.each(elements));
    }
}
