//! Matrix products and their two gradients.

use crate::launch::dispatch::Extent;
use crate::launch::dispatch::Resource::{Gradients, Nothing, Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::launch::tiling::{Tiling, even};
use crate::numbers::thousands;
use crate::ops::operation::{Operation, Purpose, touches};
use crate::plan::cycles::{Cycles, products, streaming};
use crate::plan::parameter::Range;
use crate::plan::tensor::{Tensor as Stored, TensorId};
use crate::plan::words::{Words, Written};
use serde::Serialize;
use shaders::{Constant, File};

/// The sizes of a matrix product, which each sample has `positions` columns of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct DenseGeometry {
    /// Inputs: the channels of the input tensor, or all its elements where it is flattened.
    pub inputs: usize,
    /// Outputs, one for each column of the kernel.
    pub units: usize,
    /// Columns of a sample: 1, or height x width where a map is taken pixel by pixel.
    pub positions: usize,
}

impl DenseGeometry {
    /// Multiply-adds of the product, and of each of its two gradients.
    pub(super) fn macs(&self) -> u64 {
        let sizes = [self.inputs, self.units, self.positions];
        let product = |product: u64, size: usize| product.saturating_mul(size as u64);
        sizes.into_iter().fold(1, product)
    }

    /// The sizes in printed plans: `5,184 -> 10`.
    pub(super) fn written(&self) -> String {
        let columns = match self.positions {
            1 => String::new(),
            positions => format!(", {} columns", thousands(positions)),
        };
        format!("{} -> {}{columns}", thousands(self.inputs), thousands(self.units))
    }
}

/// `output = relu(kernel^T input + bias)`; bias and relu each only where set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dense {
    /// Inputs, units and columns.
    pub geometry: DenseGeometry,
    /// Floats: `inputs` for each column.
    pub input: TensorId,
    /// Parameters in the order [`ParameterLayout::Dense`](crate::plan::parameter::ParameterLayout).
    pub kernel: Range,
    /// Parameters, one for each unit; None without a bias.
    pub bias: Option<Range>,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Floats: `units` for each column.
    pub output: TensorId,
}

touches!(Dense in BatchInnermost | ChannelBlocked {
    reads: input;
    writes: output;
    parameters: kernel, bias;
});

impl Operation for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn cycles(&self, tensors: &[Stored]) -> Cycles {
        let macs = self.macs();
        let weights = (self.geometry.inputs as u64).saturating_mul(self.geometry.units as u64);
        let padded = macs / self.geometry.units.max(1) as u64 * self.geometry.units.div_ceil(16) as u64;
        let block = products(macs, 85).saturating_add(streaming(weights));
        // Four samples share what is read of the weights.
        let sample = products(padded, 60).saturating_add(streaming(weights) / 4);
        self.passes(tensors).and(block, Some(sample))
    }

    fn view(&self, tensor: TensorId, _: &[Stored]) -> Option<(usize, usize)> {
        let DenseGeometry {
            inputs,
            units,
            positions,
        } = self.geometry;
        match positions {
            // A flattened map is read as it lies.
            1 if tensor == self.input => None,
            _ if tensor == self.input => Some((inputs, positions)),
            _ => Some((units, positions)),
        }
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (input, kernel) = (words.tensor(self.input), words.variable(self.kernel));
        let mut formula = format!("{input} @ {kernel}{}", words.plus(self.bias));
        if self.relu {
            formula = format!("relu({formula})");
        }
        Written {
            formula: format!("{} = {formula}", words.tensor(self.output)),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let geometry = &self.geometry;
        let tiles = DenseTiles::of(&launcher.tiling, geometry, launcher.quads);
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("RELU", Constant::Bool(self.relu)),
            ("MASKED", Constant::Bool(false)),
            ("KERNEL_AT", at(Some(self.kernel))),
            ("BIAS_AT", at(self.bias)),
            ("DKERNEL_AT", unsigned(0)),
            ("DBIAS_AT", unsigned(0)),
        ]);
        let bindings = vec![(0, Tensor(self.input)), (1, Parameters), (2, Tensor(self.output))];
        let work = Extent::Strips {
            positions: geometry.positions,
            lanes: tiles.lanes * tiles.n,
            tiles: geometry.units.div_ceil(4).div_ceil(tiles.c4),
        };
        let turns = geometry.inputs.div_ceil(tiles.split_inputs) + tiles.split_inputs;
        launcher.push_long(
            launcher.kernel(File::Dense, "forward", constants),
            bindings,
            work,
            turns,
        );
    }
}

/// `dkernel = input doutput^T`, `dbias = sum of doutput`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DenseDkernel {
    /// Inputs, units and columns.
    pub geometry: DenseGeometry,
    /// The input of the layer.
    pub input: TensorId,
    /// The gradient of the layer's output.
    pub doutput: TensorId,
    /// Where the gradient of the kernel lies, in floats from the start of the gradients.
    pub kernel: Range,
    /// Where the gradient of the bias lies, in floats from the start of the gradients; None without a bias.
    pub bias: Option<Range>,
}

touches!(DenseDkernel in BatchInnermost {
    reads: input, doutput;
    gradients: kernel, bias;
});

impl Operation for DenseDkernel {
    fn name(&self) -> &'static str {
        "dense dkernel"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dkernel
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let formula = format!("{}^T @ {}", words.tensor(self.input), words.tensor(self.doutput));
        Written {
            formula: format!("{} = {formula}", words.dvariables(self.kernel, self.bias)),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let geometry = &self.geometry;
        let tiles = DenseTiles::of(&launcher.tiling, geometry, launcher.quads);
        let partial = launcher.schedule.partials(self.kernel, self.bias, tiles.split_columns);
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("HAS_BIAS", Constant::Bool(self.bias.is_some())),
            ("RELU", Constant::Bool(false)),
            ("MASKED", Constant::Bool(false)),
            ("KERNEL_AT", unsigned(0)),
            ("BIAS_AT", unsigned(0)),
            ("DKERNEL_AT", unsigned(partial.kernel_at)),
            ("DBIAS_AT", unsigned(partial.bias_at)),
        ]);
        let bindings = vec![(0, Tensor(self.input)), (3, Tensor(self.doutput)), (6, Gradients)];
        // The bias is computed as one more input, which is always 1.
        let rows = (geometry.inputs + 1).div_ceil(tiles.i);
        let invocations = rows * geometry.units.div_ceil(4).div_ceil(tiles.c4) * tiles.split_columns;
        let kernel = launcher.kernel(File::Dense, "dkernel", constants);
        let turns = (geometry.positions * launcher.quads).div_ceil(tiles.split_columns);
        launcher.push_long(kernel, bindings, launcher.fixed(invocations), turns);
    }
}

/// `dinput = kernel doutput`, zero where `mask` is not positive.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DenseDinput {
    /// Inputs, units and columns.
    pub geometry: DenseGeometry,
    /// The gradient of the layer's output.
    pub doutput: TensorId,
    /// Where the kernel lies, in floats from the start of the parameters.
    pub kernel: Range,
    /// The output of the relu before the layer, whose gradient step is included here; None where there is none.
    pub mask: Option<TensorId>,
    /// The gradient of the layer's input.
    pub dinput: TensorId,
}

touches!(DenseDinput in BatchInnermost {
    reads: doutput, mask;
    writes: dinput;
    parameters: kernel;
});

impl Operation for DenseDinput {
    fn name(&self) -> &'static str {
        "dense dinput"
    }

    fn macs(&self) -> u64 {
        self.geometry.macs()
    }

    fn purpose(&self) -> Purpose {
        Purpose::Dinput
    }

    fn written(&self, words: &Words<'_>) -> Written {
        let (doutput, kernel) = (words.tensor(self.doutput), words.variable(self.kernel));
        let formula = words.masked(format!("{doutput} @ {kernel}^T"), self.mask);
        Written {
            formula: format!("{} = {formula}", words.tensor(self.dinput)),
            sizes: self.geometry.written(),
        }
    }

    fn launch(&self, launcher: &mut Launcher<'_>) {
        let geometry = &self.geometry;
        let tiles = DenseTiles::of(&launcher.tiling, geometry, launcher.quads);
        let tiles = DenseTiles {
            n: tiles.dinput_n,
            ..tiles
        };
        let mut constants = constants_of(geometry, &tiles);
        constants.extend([
            ("HAS_BIAS", Constant::Bool(false)),
            ("RELU", Constant::Bool(false)),
            ("MASKED", Constant::Bool(self.mask.is_some())),
            ("KERNEL_AT", at(Some(self.kernel))),
            ("BIAS_AT", unsigned(0)),
            ("DKERNEL_AT", unsigned(0)),
            ("DBIAS_AT", unsigned(0)),
        ]);
        let bindings = vec![
            (1, Parameters),
            (3, Tensor(self.doutput)),
            (4, self.mask.map_or(Nothing, Tensor)),
            (5, Tensor(self.dinput)),
        ];
        let work = Extent::Columns {
            positions: geometry.positions,
            tile: tiles.n,
            rows: geometry.inputs.div_ceil(4 * tiles.x4),
            workgroup: launcher.tiling.workgroup,
        };
        let turns = geometry.units.div_ceil(4);
        launcher.push_long(launcher.kernel(File::Dense, "dinput", constants), bindings, work, turns);
    }
}

fn constants_of(geometry: &DenseGeometry, tiles: &DenseTiles) -> Constants {
    vec![
        ("INPUTS", unsigned(geometry.inputs)),
        ("UNITS", unsigned(geometry.units)),
        ("TILE_C4", unsigned(tiles.c4)),
        ("TILE_I", unsigned(tiles.i)),
        ("TILE_X4", unsigned(tiles.x4)),
        ("SPLIT_INPUTS", unsigned(tiles.split_inputs)),
        ("LANES", unsigned(tiles.lanes)),
        ("TILE_N", unsigned(tiles.n)),
        ("SPLIT_COLUMNS", unsigned(tiles.split_columns)),
    ]
}

/// Groups of four units that one tile of a dense layer makes, at most.
pub const DENSE_GROUPS: usize = 3;

/// The pieces of work that invocations of a dense layer's kernels take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct DenseTiles {
    /// Forward and dkernel: groups of four units that an invocation computes.
    pub c4: usize,
    /// dkernel: inputs that an invocation computes.
    pub i: usize,
    /// dinput: groups of four inputs that an invocation computes.
    pub x4: usize,
    /// Forward: columns that an invocation computes.
    pub n: usize,
    /// dinput: columns that an invocation computes.
    pub dinput_n: usize,
    /// Forward: invocations side by side in a workgroup, each with columns of its own.
    pub lanes: usize,
    /// Forward: invocations that share the sums of a column.
    pub split_inputs: usize,
    /// dkernel: parts that the columns of a batch are divided into.
    pub split_columns: usize,
}

impl DenseTiles {
    /// The tiles of a dense layer for batches of `quads` times four samples.
    pub fn of(tiling: &Tiling, geometry: &DenseGeometry, quads: usize) -> Self {
        // Wide tiles make a small product faster by much less than the time that they take to compile.
        let small = geometry.inputs * geometry.units < 32_768;
        let (columns, inputs, i) = if small {
            (1, tiling.dense_inputs.min(4), 4)
        } else {
            (tiling.dense_columns, tiling.dense_inputs, 8)
        };
        let c4 = even(geometry.units.div_ceil(4), DENSE_GROUPS);
        let rows = (geometry.inputs + 1).div_ceil(i) * geometry.units.div_ceil(4).div_ceil(c4);
        // A map taken pixel by pixel has many columns and few rows.
        let split_columns = (tiling.dkernel_invocations / rows).clamp(1, geometry.positions);
        let split_columns = split_columns.max((geometry.positions * quads).div_ceil(tiling.most_turns));
        // A long sum is shared by many invocations, and then few stand side by side. DENSE_GROUPS and these products keep
        // the shared sums within 12 KiB of the 16 that WebGPU grants, and what a head makes of them within 1.5 KiB more.
        let shared = 64 / columns;
        let shares = shared / (8 / (columns * columns)).max(1);
        if geometry.inputs / shares > tiling.most_turns / 2 && columns > 1 {
            // The same sums of a single column leave room for all invocations to share one sum.
            return Self {
                n: 1,
                lanes: 1,
                c4,
                i,
                x4: inputs.min(geometry.inputs).div_ceil(4),
                dinput_n: 1,
                split_inputs: 64,
                split_columns,
            };
        }
        let lanes = if geometry.inputs >= 64 {
            (8 / (columns * columns)).max(1)
        } else {
            8 / columns
        };
        Self {
            n: columns,
            lanes,
            c4,
            i,
            x4: inputs.min(geometry.inputs).div_ceil(4),
            dinput_n: columns.min(2),
            split_inputs: shared / lanes,
            split_columns,
        }
    }
}
