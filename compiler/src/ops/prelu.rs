//! `PReLU`: x above zero, alpha x below, with an alpha for each element or shared along axes; and its gradients.

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

/// The sizes of a map, and of the alphas that its elements share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct PreluGeometry {
    /// Channels, rows and columns of the map.
    pub sizes: [usize; 3],
    /// Channels, rows and columns of alpha: 1 along a shared axis, otherwise those of the map.
    pub alpha: [usize; 3],
}

impl PreluGeometry {
    /// The number of different alphas.
    pub fn alphas(&self) -> usize {
        self.alpha.iter().product()
    }

    /// The offset of an alpha in its variable, whose channels are padded to a multiple of four; alphas are counted by
    /// row, column, channel as in Keras.
    pub fn place_of(&self, alpha: usize) -> usize {
        let channels = self.alpha[0].max(1);
        alpha / channels * channels.next_multiple_of(4) + alpha % channels
    }

    /// The offset of an element's alpha in its variable; elements are counted by channel, row, column.
    #[inline]
    pub fn alpha_of(&self, element: usize) -> usize {
        let ([_, height, width], [channels, rows, columns]) = (self.sizes, self.alpha);
        let channel = element / (height * width) % channels;
        let (row, column) = (element / width % height % rows, element % width % columns);
        (row * columns + column) * channels.next_multiple_of(4) + channel
    }

    /// The elements that share an alpha.
    pub fn elements_of(&self, alpha: usize) -> impl Iterator<Item = usize> + use<> {
        let ([all_channels, height, width], [channels, rows, columns]) = (self.sizes, self.alpha);
        let (channel, column, row) = (
            alpha % channels,
            alpha / channels % columns,
            alpha / (channels * columns),
        );
        let channels = (channel..all_channels).step_by(channels);
        channels.flat_map(move |channel| {
            let rows = (row..height).step_by(rows);
            rows.flat_map(move |row| {
                let columns = (column..width).step_by(columns);
                columns.map(move |column| (channel * height + row) * width + column)
            })
        })
    }

    fn constants(&self, places: [(&'static str, shaders::Constant); 4]) -> Constants {
        let ([channels, height, width], [alpha_c, alpha_h, alpha_w]) = (self.sizes, self.alpha);
        let mut constants = vec![
            ("CHANNELS", unsigned(channels)),
            ("HEIGHT", unsigned(height)),
            ("WIDTH", unsigned(width)),
            ("ALPHA_C", unsigned(alpha_c)),
            ("ALPHA_H", unsigned(alpha_h)),
            ("ALPHA_W", unsigned(alpha_w)),
        ];
        constants.extend(places);
        constants
    }

    fn places(&self, alpha: Range) -> Constants {
        self.constants([
            ("ALPHA_AT", at(Some(alpha))),
            ("DALPHA_AT", unsigned(0)),
            ("SPLIT_ROWS", unsigned(1)),
            ("SPLIT_QUADS", unsigned(1)),
        ])
    }
}

/// `output = input where input > 0, else alpha input`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Prelu {
    /// The sizes of the map and of its alphas.
    pub geometry: PreluGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Parameters, in Keras's order.
    pub alpha: Range,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(Prelu in BatchInnermost {
    reads: input;
    writes: output;
    parameters: alpha;
});

impl Operation for Prelu {
    fn name(&self) -> &'static str {
        "prelu"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (output, input) = (words.tensor(self.output), words.tensor(self.input));
        Written {
            formula: format!("{output} = prelu({input}, {})", words.variable(self.alpha)),
            sizes: words.size(self.output),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let kernel = launcher.kernel(File::Prelu, "forward", self.geometry.places(self.alpha));
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        launcher.push(kernel, bindings, work);
    }
}

/// The gradient of the input; it is zero where the input is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PreluBackward {
    /// The sizes of the map and of its alphas.
    pub geometry: PreluGeometry,
    /// The input of the forward pass.
    pub input: TensorId,
    /// Where the alpha lies, in floats from the start of the parameters.
    pub alpha: Range,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// The gradient of the input.
    pub dinput: TensorId,
}

touches!(PreluBackward in BatchInnermost {
    reads: input, doutput;
    writes: dinput;
    parameters: alpha;
});

impl Operation for PreluBackward {
    fn name(&self) -> &'static str {
        "prelu backward"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, alpha) = (words.tensor(self.input), words.variable(self.alpha));
        let (dinput, doutput) = (words.tensor(self.dinput), words.tensor(self.doutput));
        Written {
            formula: format!("{dinput} = prelu'({input}, {alpha}, {doutput})"),
            sizes: words.size(self.dinput),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let kernel = launcher.kernel(File::Prelu, "backward", self.geometry.places(self.alpha));
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![
            (0, Tensor(self.input)),
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (4, Tensor(self.dinput)),
        ];
        launcher.push(kernel, bindings, work);
    }
}

/// `dalpha = sum of doutput input where input < 0`, over samples and over the elements that share an alpha.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dalpha {
    /// The sizes of the map and of its alphas.
    pub geometry: PreluGeometry,
    /// The input of the forward pass.
    pub input: TensorId,
    /// The gradient of the output.
    pub doutput: TensorId,
    /// Where the gradient of the alpha lies, in floats from the start of the gradients.
    pub alpha: Range,
}

touches!(Dalpha in BatchInnermost {
    reads: input, doutput;
    gradients: alpha;
});

impl Operation for Dalpha {
    fn name(&self) -> &'static str {
        "dalpha"
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, doutput) = (words.tensor(self.input), words.tensor(self.doutput));
        Written {
            formula: format!("d{} = sum({doutput} * min({input}, 0))", words.variable(self.alpha)),
            sizes: words.size(self.input),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let ([channels, height, width], [alpha_c, alpha_h, alpha_w]) = (self.geometry.sizes, self.geometry.alpha);
        let units = alpha_h * alpha_w * alpha_c.div_ceil(4);
        // Four channels, and the elements of a row that share their alphas, one after another.
        let turns = 4 * (channels / alpha_c.max(1)) * (width / alpha_w.max(1));
        let splits = Splits::of(launcher, units, height / alpha_h.max(1), turns);
        let alpha_at = launcher.schedule.partial(self.alpha, splits.parts());
        let constants = self.geometry.constants([
            ("ALPHA_AT", unsigned(0)),
            ("DALPHA_AT", unsigned(alpha_at)),
            ("SPLIT_ROWS", unsigned(splits.rows)),
            ("SPLIT_QUADS", unsigned(splits.quads)),
        ]);
        let kernel = launcher.kernel(File::Prelu, "dalpha", constants);
        let work = launcher.fixed(units * splits.parts());
        let bindings = vec![(0, Tensor(self.input)), (3, Tensor(self.doutput)), (5, Gradients)];
        launcher.push_long(kernel, bindings, work, splits.turns);
    }
}
