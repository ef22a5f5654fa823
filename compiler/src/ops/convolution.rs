//! A convolution and its two gradients.

mod tiles;
mod winograd;

use crate::launch::dispatch::Resource::{Gradients, Nothing, Parameters, Tensor};
use crate::launch::kernel::{at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::geometry::ConvolutionGeometry;
use crate::ops::operation::{Operation, Purpose, Tensors, touches};
use crate::plan::cycles::Cycles;
use crate::plan::method::{self, Method};
use crate::plan::parameter::Range;
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};
use tiles::{ConvolutionTiles, constants_of, unused};

/// The gradient of a convolution's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Doutput {
    /// The gradient, or the gradient of a 2x2 maximum pool's output where the pool is fused.
    pub tensor: TensorId,
    /// With a fused pool: the codes that say which pixel of each window gets the gradient; the other pixels get none.
    pub codes: Option<TensorId>,
}

impl Tensors for Doutput {
    fn tensors(&self, found: &mut Vec<TensorId>) {
        self.tensor.tensors(found);
        self.codes.tensors(found);
    }

    fn tensors_mut<'a>(&'a mut self, found: &mut Vec<&'a mut TensorId>) {
        self.tensor.tensors_mut(found);
        self.codes.tensors_mut(found);
    }
}

impl Doutput {
    fn view(&self, geometry: &ConvolutionGeometry) -> (usize, usize) {
        let [_, map] = geometry.ends();
        if self.codes.is_some() { geometry.pooled() } else { map }
    }

    fn written(&self, words: &Words<'_>) -> String {
        let tensor = words.tensor(self.tensor);
        match self.codes {
            Some(codes) => format!("unpool({tensor}, {})", words.tensor(codes)),
            None => tensor.to_owned(),
        }
    }
}

/// `output = pool(relu(conv(input, kernel) + bias))`; bias, relu and pool each only where set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Convolution {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// Floats of `in_channels` x the grid's input.
    pub input: TensorId,
    /// Parameters in the order [`ParameterLayout::Convolution`](crate::plan::parameter::ParameterLayout).
    pub kernel: Range,
    /// Parameters, one for each output channel; None without a bias.
    pub bias: Option<Range>,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether only the largest of each 2x2 window is kept; windows that do not lie wholly inside are left out.
    pub pool: bool,
    /// The tensor for the place of the largest in each window; only with `pool`.
    pub codes: Option<TensorId>,
    /// Floats of `out_channels` x the grid's output, or half of its height and width with `pool`.
    pub output: TensorId,
}

touches!(Convolution in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output, codes;
    parameters: kernel, bias;
});

impl Operation for Convolution {
    fn name(&self) -> &'static str {
        "convolution"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn cycles(&self, tensors: &[Stored]) -> Cycles {
        let (block, sample) = method::products(&self.geometry);
        // The gradients that take the codes know windows without gaps alone.
        let able = self.codes.is_none() || self.geometry.is_dense();
        self.passes(tensors).and(block, able.then_some(sample))
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let [input, map] = self.geometry.ends();
        let output = if self.pool { self.geometry.pooled() } else { map };
        Some(if tensor == self.input { input } else { output })
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let mut formula = format!("conv({}, {})", words.tensor(self.input), words.variable(self.kernel));
        formula.push_str(&words.plus(self.bias));
        if self.relu {
            formula = format!("relu({formula})");
        }
        if self.pool {
            formula = format!("max2x2({formula})");
        }
        let halved = if self.pool { ", then halved" } else { "" };
        Written {
            formula: format!("{}{} = {formula}", words.tensor(self.output), words.also(self.codes)),
            sizes: format!(
                "{}{halved}{}",
                self.geometry.written(),
                by(method::forward(&self.geometry))
            ),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        if winograd::forward(self, launcher) {
            return;
        }
        let geometry = &self.geometry;
        let tiles = ConvolutionTiles::of(&launcher.tiling, geometry, self.pool, launcher.quads);
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("RELU", Constant::Bool(self.relu)),
        ]);
        constants.extend([("KERNEL_AT", at(Some(self.kernel))), ("BIAS_AT", at(self.bias))]);
        constants.extend(unused(&["UNPOOL", "MASKED", "DKERNEL_AT", "DBIAS_AT"]));
        let mut bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        bindings.extend(self.codes.map(|codes| (3, Tensor(codes))));
        let entry = match (self.pool, self.codes.is_some()) {
            (false, _) => "forward",
            (true, false) => "forward_pool",
            (true, true) => "forward_pool_codes",
        };
        let (height, width) = (geometry.grid.vertical.output, geometry.grid.horizontal.output);
        let (height, width) = if self.pool {
            (height / 2 * 2, width / 2 * 2)
        } else {
            (height, width)
        };
        let tiles_c = geometry.out_channels.div_ceil(tiles.channels);
        let per_quad = height.div_ceil(tiles.height) * width.div_ceil(tiles.width) * tiles_c;
        let kernel = launcher.kernel(File::Conv2d, entry, constants);
        let taps = if tiles.rolled {
            geometry.grid.horizontal.size + 1
        } else {
            1
        };
        let turns = geometry.in_channels * (geometry.grid.vertical.size * taps + 1);
        launcher.push_long(kernel, bindings, launcher.each(per_quad), turns);
    }
}

/// The way in which the CPU computes it; None where it does so directly.
fn by(method: Method) -> String {
    match method {
        Method::Direct => String::new(),
        Method::Winograd { .. } => format!("; cpu: {method}"),
    }
}

/// `dkernel = sum over positions and samples of doutput x input`, `dbias = sum of doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvolutionDkernel {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// The input of the convolution.
    pub input: TensorId,
    /// The gradient of the convolution's output.
    pub doutput: Doutput,
    /// Where the gradient of the kernel lies, in floats from the start of the gradients.
    pub kernel: Range,
    /// Where the gradient of the bias lies, in floats from the start of the gradients; None without a bias.
    pub bias: Option<Range>,
}

touches!(ConvolutionDkernel in BatchInnermost | ChannelBlocked {
    reads: input, doutput;
    gradients: kernel, bias;
});

impl Operation for ConvolutionDkernel {
    fn name(&self) -> &'static str {
        "convolution dkernel"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dkernel
    }

    fn cycles(&self, tensors: &[Stored]) -> Cycles {
        let (block, sample) = method::dkernel_products(&self.geometry);
        let able = self.doutput.codes.is_none() || self.geometry.is_dense();
        self.passes(tensors).and(block, able.then_some(sample))
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let [input, _] = self.geometry.ends();
        Some(if tensor == self.input {
            input
        } else {
            self.doutput.view(&self.geometry)
        })
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let formula = format!("{} * {}", words.tensor(self.input), self.doutput.written(words));
        Written {
            formula: format!("{} = {formula}", words.dvariables(self.kernel, self.bias)),
            sizes: format!("{}{}", self.geometry.written(), by(method::dkernel(&self.geometry))),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        if winograd::dkernel(self, launcher) {
            return;
        }
        let geometry = &self.geometry;
        let tiles = ConvolutionTiles::of(&launcher.tiling, geometry, false, launcher.quads);
        let splits = tiles.split_rows * tiles.split_quads;
        let partial = launcher.schedule.partials(self.kernel, self.bias, splits);
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("UNPOOL", Constant::Bool(self.doutput.codes.is_some())),
            ("DKERNEL_AT", unsigned(partial.kernel_at)),
            ("DBIAS_AT", unsigned(partial.bias_at)),
        ]);
        constants.extend(unused(&["RELU", "MASKED", "KERNEL_AT", "BIAS_AT"]));
        let bindings = vec![
            (0, Tensor(self.input)),
            (4, Tensor(self.doutput.tensor)),
            (5, self.doutput.codes.map_or(Nothing, Tensor)),
            (8, Gradients),
        ];
        let out_c4 = geometry.out_channels.div_ceil(4);
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        let (entry, tiles_k) = if tiles.rolled {
            ("dkernel_rolled", vertical.size * horizontal.size)
        } else {
            ("dkernel", vertical.size.div_ceil(tiles.k))
        };
        let invocations = out_c4 * splits * tiles_k * geometry.in_channels;
        let kernel = launcher.kernel(File::Conv2d, entry, constants);
        let turns = tiles.dkernel_turns(geometry, launcher.quads);
        launcher.push_long(kernel, bindings, launcher.fixed(invocations), turns);
    }
}

/// `dinput = transposed convolution of doutput`, zero where `mask` is not positive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConvolutionDinput {
    /// Channels, sizes and window of the layer.
    pub geometry: ConvolutionGeometry,
    /// The gradient of the convolution's output.
    pub doutput: Doutput,
    /// Where the kernel lies, in floats from the start of the parameters.
    pub kernel: Range,
    /// The output of the relu before the convolution, whose gradient step is included here; None where there is none.
    pub mask: Option<TensorId>,
    /// The gradient of the convolution's input.
    pub dinput: TensorId,
}

touches!(ConvolutionDinput in BatchInnermost | ChannelBlocked {
    reads: doutput, mask;
    writes: dinput;
    parameters: kernel;
});

impl Operation for ConvolutionDinput {
    fn name(&self) -> &'static str {
        "convolution dinput"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dinput
    }

    fn cycles(&self, tensors: &[Stored]) -> Cycles {
        let (block, sample) = method::dinput_products(&self.geometry);
        let able = self.geometry.is_dense();
        self.passes(tensors).and(block, able.then_some(sample))
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let [input, _] = self.geometry.ends();
        let is_doutput = tensor == self.doutput.tensor || Some(tensor) == self.doutput.codes;
        Some(if is_doutput {
            self.doutput.view(&self.geometry)
        } else {
            input
        })
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (doutput, kernel) = (self.doutput.written(words), words.variable(self.kernel));
        let formula = words.masked(format!("conv_transposed({doutput}, {kernel})"), self.mask);
        Written {
            formula: format!("{} = {formula}", words.tensor(self.dinput)),
            sizes: format!("{}{}", self.geometry.written(), by(method::dinput(&self.geometry))),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        if winograd::dinput(self, launcher) {
            return;
        }
        let geometry = &self.geometry;
        let tiles = ConvolutionTiles::of(&launcher.tiling, geometry, false, launcher.quads);
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("UNPOOL", Constant::Bool(self.doutput.codes.is_some())),
            ("MASKED", Constant::Bool(self.mask.is_some())),
            ("KERNEL_AT", at(Some(self.kernel))),
        ]);
        constants.extend(unused(&["HAS_BIAS", "RELU", "BIAS_AT", "DKERNEL_AT", "DBIAS_AT"]));
        let bindings = vec![
            (1, Parameters),
            (4, Tensor(self.doutput.tensor)),
            (5, self.doutput.codes.map_or(Nothing, Tensor)),
            (6, self.mask.map_or(Nothing, Tensor)),
            (7, Tensor(self.dinput)),
        ];
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        let (entry, columns, channels) = if tiles.strided {
            ("dinput_strided", horizontal.input, 4)
        } else {
            ("dinput", horizontal.input.div_ceil(tiles.x), tiles.i)
        };
        let per_quad = vertical.input * columns * geometry.in_channels.div_ceil(channels);
        let kernel = launcher.kernel(File::Conv2d, entry, constants);
        let out_c4 = geometry.out_channels.div_ceil(4);
        let turns = if tiles.strided {
            vertical.size * (horizontal.size * (out_c4 + 1) + 1)
        } else {
            out_c4 * (vertical.size + 1)
        };
        launcher.push_long(kernel, bindings, launcher.each(per_quad), turns);
    }
}
