//! Convolutions in groups of channels, or depthwise ones where a group is one input channel, and their two gradients.

use super::splits::Splits;
use crate::launch::dispatch::Resource::{Gradients, Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::geometry::cells;
use crate::ops::operation::{Operation, Purpose, touches};
use crate::plan::cycles::{Cycles, products};
use crate::plan::parameter::Range;
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written, window};
use crate::window::Grid;
use serde::Serialize;
use shaders::{Constant, File};

/// The channels and the window of a convolution in groups: output channel o sees the input channels of group
/// `o / (out_channels / groups)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct GroupedGeometry {
    /// The number of groups, which divides both numbers of channels.
    pub groups: usize,
    /// Channels of the input, in all groups together.
    pub in_channels: usize,
    /// Channels of the output, in all groups together.
    pub out_channels: usize,
    /// The kernel laid over the input.
    pub grid: Grid,
}

impl GroupedGeometry {
    /// Input channels of a group.
    pub fn group_inputs(&self) -> usize {
        self.in_channels / self.groups.max(1)
    }

    /// Output channels of a group.
    pub fn group_outputs(&self) -> usize {
        self.out_channels / self.groups.max(1)
    }

    fn macs(&self) -> u64 {
        let (vertical, horizontal) = (&self.grid.vertical, &self.grid.horizontal);
        let sizes = [
            self.group_inputs(),
            self.out_channels,
            vertical.size,
            horizontal.size,
            vertical.output,
            horizontal.output,
        ];
        let product = |product: u64, size: usize| product.saturating_mul(size as u64);
        sizes.into_iter().fold(1, product)
    }

    fn written(&self) -> String {
        let window = window(&self.grid, (self.in_channels, self.out_channels));
        format!("{} groups, {window}", self.groups)
    }

    fn constants(&self, more: [(&'static str, Constant); 7]) -> Constants {
        let (vertical, horizontal) = (self.grid.vertical, self.grid.horizontal);
        let mut constants = vec![
            ("GROUPS", unsigned(self.groups)),
            ("IN_C", unsigned(self.in_channels)),
            ("IN_H", unsigned(vertical.input)),
            ("IN_W", unsigned(horizontal.input)),
            ("OUT_C", unsigned(self.out_channels)),
            ("OUT_H", unsigned(vertical.output)),
            ("OUT_W", unsigned(horizontal.output)),
            ("KERNEL_H", unsigned(vertical.size)),
            ("KERNEL_W", unsigned(horizontal.size)),
            ("STRIDE_H", unsigned(vertical.stride)),
            ("STRIDE_W", unsigned(horizontal.stride)),
            ("DILATION_H", unsigned(vertical.dilation)),
            ("DILATION_W", unsigned(horizontal.dilation)),
            ("PAD_TOP", unsigned(vertical.pad_before)),
            ("PAD_LEFT", unsigned(horizontal.pad_before)),
        ];
        constants.extend(more);
        constants
    }
}

/// `output = conv(input, kernel) + bias`, group by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupedConvolution {
    /// Channels, sizes and window of the layer.
    pub geometry: GroupedGeometry,
    /// The tensor of floats that is read.
    pub input: TensorId,
    /// Parameters in the order of a convolution's kernel, with the input channels of one group.
    pub kernel: Range,
    /// Parameters, one for each output channel; None without a bias.
    pub bias: Option<Range>,
    /// The tensor of floats that is written.
    pub output: TensorId,
}

touches!(GroupedConvolution in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
    parameters: kernel, bias;
});

impl Operation for GroupedConvolution {
    fn name(&self) -> &'static str {
        "grouped convolution"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn cycles(&self, tensors: &[Stored]) -> Cycles {
        let macs = self.geometry.macs();
        let geometry = &self.geometry;
        let block = products(macs, 25);
        // Channels of a block that take channels of other blocks are not at hand.
        let is_depthwise = geometry.group_inputs() == 1 && geometry.group_outputs() == 1;
        let channels = geometry.out_channels.max(1) as u64;
        let sample = products(macs / channels * channels.div_ceil(16), 25);
        self.passes(tensors).and(block, is_depthwise.then_some(sample))
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let (input, output) = cells(&self.geometry.grid);
        Some(if tensor == self.input {
            (self.geometry.in_channels, input)
        } else {
            (self.geometry.out_channels, output)
        })
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, kernel) = (words.tensor(self.input), words.variable(self.kernel));
        let formula = format!("grouped_conv({input}, {kernel}){}", words.plus(self.bias));
        Written {
            formula: format!("{} = {formula}", words.tensor(self.output)),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = self.geometry.constants([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("KERNEL_AT", at(Some(self.kernel))),
            ("BIAS_AT", at(self.bias)),
            ("DKERNEL_AT", unsigned(0)),
            ("DBIAS_AT", unsigned(0)),
            ("SPLIT_ROWS", unsigned(1)),
            ("SPLIT_QUADS", unsigned(1)),
        ]);
        let kernel = launcher.kernel(File::GroupedConv2d, "forward", constants);
        let work = launcher.each(launcher.elements(self.output));
        let bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        launcher.push(kernel, bindings, work);
    }
}

/// `dkernel = sum over positions and samples of doutput x input`, `dbias = sum of doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupedConvolutionDkernel {
    /// Channels, sizes and window of the layer.
    pub geometry: GroupedGeometry,
    /// The input of the convolution.
    pub input: TensorId,
    /// The gradient of the convolution's output.
    pub doutput: TensorId,
    /// Where the gradient of the kernel lies, in floats from the start of the gradients.
    pub kernel: Range,
    /// Where the gradient of the bias lies, in floats from the start of the gradients; None without a bias.
    pub bias: Option<Range>,
}

touches!(GroupedConvolutionDkernel in BatchInnermost {
    reads: input, doutput;
    gradients: kernel, bias;
});

impl Operation for GroupedConvolutionDkernel {
    fn name(&self) -> &'static str {
        "grouped convolution dkernel"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dkernel
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let formula = format!("{} * {}", words.tensor(self.input), words.tensor(self.doutput));
        Written {
            formula: format!("{} = {formula}", words.dvariables(self.kernel, self.bias)),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let geometry = &self.geometry;
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        let units = geometry.group_inputs() * vertical.size * horizontal.size * geometry.out_channels.div_ceil(4);
        // Each turn reads four channels, in a loop of its own.
        let splits = Splits::of(launcher, units, vertical.output, horizontal.output * 5);
        let partial = launcher.schedule.partials(self.kernel, self.bias, splits.parts());
        let constants = geometry.constants([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("KERNEL_AT", unsigned(0)),
            ("BIAS_AT", unsigned(0)),
            ("DKERNEL_AT", unsigned(partial.kernel_at)),
            ("DBIAS_AT", unsigned(partial.bias_at)),
            ("SPLIT_ROWS", unsigned(splits.rows)),
            ("SPLIT_QUADS", unsigned(splits.quads)),
        ]);
        let kernel = launcher.kernel(File::GroupedConv2d, "dkernel", constants);
        let work = launcher.fixed(units * splits.parts());
        let bindings = vec![(0, Tensor(self.input)), (3, Tensor(self.doutput)), (5, Gradients)];
        launcher.push_long(kernel, bindings, work, splits.turns);
    }
}

/// `dinput = transposed convolution of doutput`, group by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GroupedConvolutionDinput {
    /// Channels, sizes and window of the layer.
    pub geometry: GroupedGeometry,
    /// The gradient of the convolution's output.
    pub doutput: TensorId,
    /// Where the kernel lies, in floats from the start of the parameters.
    pub kernel: Range,
    /// The gradient of the convolution's input.
    pub dinput: TensorId,
}

touches!(GroupedConvolutionDinput in BatchInnermost {
    reads: doutput;
    writes: dinput;
    parameters: kernel;
});

impl Operation for GroupedConvolutionDinput {
    fn name(&self) -> &'static str {
        "grouped convolution dinput"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dinput
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (doutput, kernel) = (words.tensor(self.doutput), words.variable(self.kernel));
        Written {
            formula: format!(
                "{} = grouped_conv_transposed({doutput}, {kernel})",
                words.tensor(self.dinput)
            ),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let constants = self.geometry.constants([
            ("HAS_BIAS", Constant::Bool(false)),
            ("KERNEL_AT", at(Some(self.kernel))),
            ("BIAS_AT", unsigned(0)),
            ("DKERNEL_AT", unsigned(0)),
            ("DBIAS_AT", unsigned(0)),
            ("SPLIT_ROWS", unsigned(1)),
            ("SPLIT_QUADS", unsigned(1)),
        ]);
        let kernel = launcher.kernel(File::GroupedConv2d, "dinput", constants);
        let work = launcher.each(launcher.elements(self.dinput));
        let bindings = vec![(1, Parameters), (3, Tensor(self.doutput)), (4, Tensor(self.dinput))];
        launcher.push(kernel, bindings, work);
    }
}
