//! 3x3 convolutions on a GPU by Winograd's F(4x4, 3x3): the launches of `winograd.wgsl`, by way of scratch memory.

use super::operands::{Convolution, ConvolutionDinput, ConvolutionDkernel, Doutput};
use crate::launch::dispatch::Extent;
use crate::launch::dispatch::Resource::{self, Gradients, Nothing, Parameters, Tensor};
use crate::launch::kernel::{Constants, at, unsigned};
use crate::launch::launcher::Launcher;
use crate::ops::bias;
use crate::ops::geometry::ConvolutionGeometry;
use crate::plan::method::{self, Method};
use crate::plan::tensor::TensorId;
use shaders::{Constant, File};

/// Points of a tile.
const POINTS: usize = 36;

/// Rows and columns of the outputs that a tile covers.
const SIDE: usize = 4;

/// The most that a piece of scratch memory may take, in vec4s: the 128 MiB that every WebGPU device binds
/// (`maxStorageBufferBindingSize`), and what a texture of 1,024 x 8,192 texels holds.
const MOST: usize = (128 << 20) / 16;

/// The places of pieces of scratch memory: weights' points or those of the map's gradient, inputs' points, and products.
const WEIGHTS: usize = 0;
const INPUTS: usize = 1;
const PRODUCTS: usize = 2;

/// Which of a convolution's products is computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    Forward,
    Dinput,
    Dkernel,
}

/// A product that is computed by the points of its tiles.
struct Filtered<'a> {
    geometry: &'a ConvolutionGeometry,
    pass: Pass,
    /// Tiles of a sample.
    tiles: usize,
    /// Channels that are summed over, and channels that are made.
    channels: (usize, usize),
    /// Of `multiply`: columns and channels of an invocation.
    multiplied: (usize, usize),
    /// Of `correlate`: input channels of an invocation, output channels in fours, and parts of the columns.
    correlated: (usize, usize, usize),
}

impl<'a> Filtered<'a> {
    /// None where the product is computed directly: where the plan or the class of device says so, and where scratch
    /// memory would be larger than every device can bind.
    fn of(launcher: &Launcher<'_>, geometry: &'a ConvolutionGeometry, pass: Pass) -> Option<Self> {
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        let (method, sides, channels) = match pass {
            Pass::Forward => (
                method::forward(geometry),
                [vertical.output, horizontal.output],
                (geometry.in_channels, geometry.out_channels),
            ),
            Pass::Dinput => (
                method::dinput(geometry),
                [vertical.input, horizontal.input],
                (geometry.out_channels, geometry.in_channels),
            ),
            Pass::Dkernel => (
                method::dkernel(geometry),
                [vertical.output, horizontal.output],
                (geometry.in_channels, geometry.out_channels),
            ),
        };
        // The plan filters 5x5 kernels and pictures' as well, which have no WGSL.
        let known = vertical.size == 3 && horizontal.size == 3 && method != Method::Direct;
        let tiling = &launcher.tiling;
        let least = match pass {
            Pass::Forward => tiling.winograd,
            Pass::Dinput | Pass::Dkernel => tiling.winograd / 2,
        };
        let wide = channels.0.min(channels.1) >= least.max(method::FEW + 1);
        if !(tiling.winograd > 0 && known && wide) {
            return None;
        }
        let tiles = sides.into_iter().map(|side| side.div_ceil(SIDE)).product();
        // An invocation that reads a column for few channels reads more than it multiplies.
        let wide = if tiling.sums >= 32 { 8 } else { 4 };
        let mut filtered = Self {
            geometry,
            pass,
            tiles,
            channels,
            multiplied: (tiling.sums / 4, wide),
            correlated: (wide, wide / 4, 1),
        };
        filtered.correlated.2 = filtered.splits(launcher);
        filtered.fits(launcher).then_some(filtered)
    }

    /// Parts that the columns of a dkernel are divided into: for invocations enough, and for loops short enough.
    fn splits(&self, launcher: &Launcher<'_>) -> usize {
        let (columns, tiling) = (self.tiles * launcher.quads, &launcher.tiling);
        let wanted = tiling.dkernel_invocations.div_ceil(self.units()).min(self.tiles);
        let needed = columns.div_ceil(tiling.most_turns.max(1));
        wanted.max(needed)
    }

    /// Invocations of `correlate` for all columns together.
    fn units(&self) -> usize {
        let (rows, fours, _) = self.correlated;
        let outputs = self.channels.1.div_ceil(4).div_ceil(fours);
        POINTS * self.channels.0.div_ceil(rows) * outputs
    }

    /// Whether scratch memory and loops stay within what the device allows.
    fn fits(&self, launcher: &Launcher<'_>) -> bool {
        let (sizes, turns) = (self.sizes(launcher), self.turns(launcher));
        sizes.into_iter().all(|vec4s| vec4s <= MOST) && turns <= launcher.tiling.most_turns
    }

    /// Turns of the longest loop: over the channels that are summed over, over columns, or over parts.
    fn turns(&self, launcher: &Launcher<'_>) -> usize {
        match self.pass {
            Pass::Forward | Pass::Dinput => self.channels.0,
            Pass::Dkernel => {
                let splits = self.correlated.2;
                (self.tiles * launcher.quads).div_ceil(splits).max(POINTS / 6 * splits)
            }
        }
    }

    /// The vec4s of the pieces of scratch memory, in the order of their places.
    fn sizes(&self, launcher: &Launcher<'_>) -> [usize; 3] {
        let (made_of, made) = self.channels;
        let of = |count: usize, each: usize| POINTS.saturating_mul(count).saturating_mul(each);
        let columns = self.tiles.saturating_mul(launcher.quads);
        // Rows and points are padded, as the file says.
        let row = columns.next_multiple_of(8) + 4;
        let padded = |channels: usize| of(channels, row).saturating_add(POINTS * 4);
        let pairs = of(made_of, made.div_ceil(4));
        match self.pass {
            Pass::Forward | Pass::Dinput => [pairs, padded(made_of), padded(made)],
            Pass::Dkernel => [padded(made), padded(made_of), pairs.saturating_mul(self.correlated.2)],
        }
    }

    /// All constants of the file; those that an entry point does not read are the same, so that texts are, too.
    fn constants(&self, own: &[(&str, Constant)]) -> Constants {
        let (vertical, horizontal) = (self.geometry.grid.vertical, self.geometry.grid.horizontal);
        let mut constants = vec![
            ("IN_C", unsigned(self.geometry.in_channels)),
            ("IN_H", unsigned(vertical.input)),
            ("IN_W", unsigned(horizontal.input)),
            ("OUT_C", unsigned(self.geometry.out_channels)),
            ("OUT_H", unsigned(vertical.output)),
            ("OUT_W", unsigned(horizontal.output)),
            ("PAD_TOP", unsigned(vertical.pad_before)),
            ("PAD_LEFT", unsigned(horizontal.pad_before)),
            ("TURNED", Constant::Bool(self.pass == Pass::Dinput)),
            ("COLUMNS", unsigned(self.multiplied.0)),
            ("CHANNELS", unsigned(self.multiplied.1)),
            ("ROWS", unsigned(self.correlated.0)),
            ("FOURS", unsigned(self.correlated.1)),
            ("SPLITS", unsigned(self.correlated.2)),
        ];
        for name in ["HAS_BIAS", "RELU", "UNPOOL", "MASKED"] {
            constants.push((name, Constant::Bool(false)));
        }
        for name in ["KERNEL_AT", "BIAS_AT", "DKERNEL_AT", "ELEMENTS"] {
            constants.push((name, unsigned(0)));
        }
        for (name, value) in &mut constants {
            if let Some((_, given)) = own.iter().find(|(of, _)| of == name) {
                *value = *given;
            }
        }
        constants
    }

    /// The pieces of scratch memory.
    fn scratch(&self, launcher: &mut Launcher<'_>) -> [Resource; 3] {
        let [weights, inputs, products] = self.sizes(launcher);
        [(WEIGHTS, weights), (INPUTS, inputs), (PRODUCTS, products)]
            .map(|(place, vec4s)| launcher.scratch(place, vec4s))
    }

    /// An invocation for each tile of so many channels of each quad.
    fn each_tile(&self, launcher: &Launcher<'_>, channels: usize) -> Extent {
        launcher.each(self.tiles * channels)
    }

    /// The products of a forward pass or a dinput, of weights and inputs that are at their points.
    fn multiply(
        &self,
        launcher: &mut Launcher<'_>,
        [weights, inputs, products]: [Resource; 3],
        batch: TensorId,
        constants: &Constants,
    ) {
        let (columns, channels) = self.multiplied;
        let work = Extent::Columns {
            positions: self.tiles,
            tile: columns,
            rows: POINTS * self.channels.1.div_ceil(channels),
            workgroup: launcher.tiling.workgroup,
        };
        let kernel = launcher.kernel(File::Winograd, "multiply", constants.clone());
        let turns = self.turns(launcher);
        let bindings = vec![(9, weights), (10, inputs), (12, products), (13, Tensor(batch))];
        launcher.push_long(kernel, bindings, work, turns);
    }
}

/// The elements of a sample of the tensor that tells the size of the batch, of its channels and cells.
fn elements((channels, cells): (usize, usize)) -> Constant {
    unsigned(channels * cells)
}

/// The map's gradient and its codes, as every kernel binds them.
fn bound(doutput: &Doutput) -> [(u32, Resource); 2] {
    [(4, Tensor(doutput.tensor)), (5, doutput.codes.map_or(Nothing, Tensor))]
}

/// Launches a convolution by its points; false where it is computed directly.
pub(super) fn forward(op: &Convolution, launcher: &mut Launcher<'_>) -> bool {
    let Some(filtered) = Filtered::of(launcher, &op.geometry, Pass::Forward) else {
        return false;
    };
    let geometry = &op.geometry;
    let constants = filtered.constants(&[
        ("HAS_BIAS", Constant::Bool(op.bias.is_some())),
        ("RELU", Constant::Bool(op.relu)),
        ("ELEMENTS", elements(geometry.ends()[0])),
        ("KERNEL_AT", at(Some(op.kernel))),
        ("BIAS_AT", at(op.bias)),
    ]);
    let scratch = filtered.scratch(launcher);
    let [weights, inputs, products] = scratch;
    let kernel = launcher.kernel(File::Winograd, "weigh", constants.clone());
    let work = launcher.fixed(geometry.in_channels * geometry.out_channels.div_ceil(4));
    launcher.push(kernel, vec![(1, Parameters), (12, weights)], work);
    let kernel = launcher.kernel(File::Winograd, "enter", constants.clone());
    let work = filtered.each_tile(launcher, geometry.in_channels);
    launcher.push(kernel, vec![(0, Tensor(op.input)), (12, inputs)], work);
    filtered.multiply(launcher, scratch, op.input, &constants);
    let mut bindings = vec![(1, Parameters), (2, Tensor(op.output))];
    bindings.extend(op.codes.map(|codes| (3, Tensor(codes))));
    bindings.push((11, products));
    let entry = match (op.pool, op.codes.is_some()) {
        (false, _) => "leave",
        (true, false) => "leave_pool",
        (true, true) => "leave_pool_codes",
    };
    let kernel = launcher.kernel(File::Winograd, entry, constants);
    let work = filtered.each_tile(launcher, geometry.out_channels);
    launcher.push(kernel, bindings, work);
    true
}

/// Launches the gradient of a convolution's input by its points; false where it is computed directly.
pub(super) fn dinput(op: &ConvolutionDinput, launcher: &mut Launcher<'_>) -> bool {
    let Some(filtered) = Filtered::of(launcher, &op.geometry, Pass::Dinput) else {
        return false;
    };
    let geometry = &op.geometry;
    let constants = filtered.constants(&[
        ("UNPOOL", Constant::Bool(op.doutput.codes.is_some())),
        ("MASKED", Constant::Bool(op.mask.is_some())),
        ("ELEMENTS", elements(op.doutput.view(geometry))),
        ("KERNEL_AT", at(Some(op.kernel))),
    ]);
    let scratch = filtered.scratch(launcher);
    let [weights, inputs, products] = scratch;
    let kernel = launcher.kernel(File::Winograd, "weigh_turned", constants.clone());
    let work = launcher.fixed(geometry.out_channels * geometry.in_channels.div_ceil(4));
    launcher.push(kernel, vec![(1, Parameters), (12, weights)], work);
    let kernel = launcher.kernel(File::Winograd, "enter_gradient", constants.clone());
    let work = filtered.each_tile(launcher, geometry.out_channels);
    let [gradient, codes] = bound(&op.doutput);
    launcher.push(
        kernel,
        vec![gradient, codes, (12, inputs), (13, Tensor(op.doutput.tensor))],
        work,
    );
    filtered.multiply(launcher, scratch, op.doutput.tensor, &constants);
    let kernel = launcher.kernel(File::Winograd, "leave_dinput", constants);
    let work = filtered.each_tile(launcher, geometry.in_channels);
    let mask = op.mask.map_or(Nothing, Tensor);
    launcher.push(kernel, vec![(6, mask), (7, Tensor(op.dinput)), (11, products)], work);
    true
}

/// Launches the gradients of a convolution's kernel and bias by their points; false where they are computed directly.
pub(super) fn dkernel(op: &ConvolutionDkernel, launcher: &mut Launcher<'_>) -> bool {
    let Some(filtered) = Filtered::of(launcher, &op.geometry, Pass::Dkernel) else {
        return false;
    };
    let geometry = &op.geometry;
    let kernel_at = launcher.schedule.partial(op.kernel, 1);
    let constants = filtered.constants(&[
        ("UNPOOL", Constant::Bool(op.doutput.codes.is_some())),
        ("DKERNEL_AT", unsigned(kernel_at)),
        ("ELEMENTS", elements(op.doutput.view(geometry))),
    ]);
    let [weights, inputs, products] = filtered.scratch(launcher);
    let kernel = launcher.kernel(File::Winograd, "enter", constants.clone());
    let work = filtered.each_tile(launcher, geometry.in_channels);
    launcher.push(kernel, vec![(0, Tensor(op.input)), (12, inputs)], work);
    let kernel = launcher.kernel(File::Winograd, "spread", constants.clone());
    let work = filtered.each_tile(launcher, geometry.out_channels);
    let [gradient, codes] = bound(&op.doutput);
    launcher.push(
        kernel,
        vec![gradient, codes, (12, weights), (13, Tensor(op.doutput.tensor))],
        work,
    );
    let kernel = launcher.kernel(File::Winograd, "correlate", constants.clone());
    let work = launcher.fixed(filtered.units() * filtered.correlated.2);
    let turns = filtered.turns(launcher);
    let bindings = vec![
        (9, weights),
        (10, inputs),
        (12, products),
        (13, Tensor(op.doutput.tensor)),
    ];
    launcher.push_long(kernel, bindings, work, turns);
    let kernel = launcher.kernel(File::Winograd, "unweigh", constants);
    let work = launcher.fixed(geometry.in_channels * geometry.out_channels.div_ceil(4));
    launcher.push_long(kernel, vec![(8, Gradients), (11, products)], work, turns);
    if let Some(bias) = op.bias {
        let (channels, positions) = op.doutput.view(geometry);
        bias::launch_gradient(launcher, op.doutput.tensor, (channels, positions), bias);
    }
    true
}
