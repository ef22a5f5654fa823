//! A bias for each channel, where the product before it adds none, and its gradient.

use super::splits::Splits;
use crate::launch::dispatch::Resource::{Gradients, Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, touches};
use crate::plan::parameter::Range;
use crate::plan::tensor::TensorId;
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::File;

/// `output = input + bias`, channel by channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AddBias {
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Parameters, one for each channel.
    pub bias: Range,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(AddBias in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
    parameters: bias;
});

fn constants(channels: usize, positions: usize, places: Constants) -> Constants {
    let mut constants = vec![("CHANNELS", unsigned(channels)), ("POSITIONS", unsigned(positions))];
    constants.extend(places);
    constants
}

impl Operation for AddBias {
    fn name(&self) -> &'static str {
        "bias"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = {input} + {}", words.variable(self.bias)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let places = vec![
            ("BIAS_AT", at(Some(self.bias))),
            ("DBIAS_AT", unsigned(0)),
            ("SPLIT_POSITIONS", unsigned(1)),
            ("SPLIT_QUADS", unsigned(1)),
        ];
        let channels = launcher.channels(self.output);
        let positions = launcher.elements(self.output) / channels.max(1);
        let constants = constants(channels, positions, places);
        let kernel = launcher.kernel(File::Bias, "forward", constants);
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        launcher.push(kernel, bindings, work);
    }
}

/// `dbias = sum over positions and samples of doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dbias {
    /// The positions of the output. Where the next layer is a view, the gradient lies under that one's shape.
    pub positions: usize,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Where the gradient of the bias lies, in floats from the start of the gradients.
    pub bias: Range,
}

touches!(Dbias in BatchInnermost {
    reads: doutput;
    gradients: bias;
});

impl Operation for Dbias {
    fn name(&self) -> &'static str {
        "dbias"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        Written {
            formula: format!("d{} = sum({})", words.variable(self.bias), words.tensor(self.doutput)),
            sizes: words.size(self.doutput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let positions = self.positions.max(1);
        let channels = launcher.elements(self.doutput) / positions;
        launch_gradient(launcher, self.doutput, (channels, positions), self.bias);
    }
}

/// Launches the sums of a bias's gradient, over a gradient of so many channels and positions.
pub(super) fn launch_gradient(
    launcher: &mut Launcher<'_>,
    doutput: TensorId,
    (channels, positions): (usize, usize),
    bias: Range,
) {
    let units = channels.div_ceil(4);
    let splits = Splits::of(launcher, units, positions, 5);
    let bias_at = launcher.schedule.partial(bias, splits.parts());
    let places = vec![
        ("BIAS_AT", unsigned(0)),
        ("DBIAS_AT", unsigned(bias_at)),
        ("SPLIT_POSITIONS", unsigned(splits.rows)),
        ("SPLIT_QUADS", unsigned(splits.quads)),
    ];
    let constants = constants(channels, positions, places);
    let kernel = launcher.kernel(File::Bias, "dbias", constants);
    let work = launcher.fixed(units * splits.parts());
    launcher.push_long(kernel, vec![(3, Tensor(doutput)), (4, Gradients)], work, splits.turns);
}
