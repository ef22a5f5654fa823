//! A convolution and its two gradients.

mod operands;
mod tiles;
mod winograd;

pub use operands::{Convolution, ConvolutionDinput, ConvolutionDkernel, Doutput};

use crate::launch::dispatch::Resource::{Gradients, Nothing, Parameters, Tensor};
use crate::launch::kernel::{at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::operation::{Operation, Purpose};
use crate::plan::cycles::Cycles;
use crate::plan::method::{self, Method};
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written};
use shaders::{Constant, File};
use tiles::{ConvolutionTiles, constants_of, unused};

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
