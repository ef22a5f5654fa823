//! The tasks of a convolution's forward pass: packing of the weights, where it pays, and the product.

use super::super::super::kernels::Tiles;
use super::super::super::kernels::convolution::{Forward, ForwardCall};
use super::super::super::kernels::data;
use super::super::super::maker::{Maker, floats};
use super::super::super::run::Share;
use super::super::super::task::Work;
use super::map::padded;
use super::places::{bases, taps};
use compiler::ops::ConvolutionGeometry;
use compiler::plan::{self, TensorId};
use std::ops::Range;

/// What a convolution takes and makes.
pub struct Product<'a> {
    pub geometry: &'a ConvolutionGeometry,
    pub input: TensorId,
    pub kernel: plan::Range,
    pub bias: Option<plan::Range>,
    pub relu: bool,
    pub pool: bool,
    pub codes: Option<TensorId>,
    /// Rows of the arena.
    pub output: Range<usize>,
}

/// Packs weights tile by tile.
struct Packing {
    tiles: Tiles,
    taps: usize,
    stride: usize,
    weights: Range<usize>,
    packed: Range<usize>,
}

/// Where weights are read.
enum Weights {
    /// In the parameter buffer.
    Parameters(Range<usize>),
    /// Where a task has packed them.
    Packed(Range<usize>),
}

struct Convolving {
    plan: Forward,
    input: Range<usize>,
    weights: Weights,
    bias: Option<Range<usize>>,
    output: Range<usize>,
    codes: Option<Range<usize>>,
}

/// Adds the tasks of a product.
pub fn push(product: &Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let grid = &geometry.grid;
    let wide = maker.instructions.wide();
    let input = padded(geometry, product.input, maker);
    let taps = taps(geometry);
    let (bases, pixels) = bases(grid, product.pool);
    let tiles = Tiles::of(geometry.out_channels, Forward::limit(wide, pixels));
    let stride = geometry.out_channels.next_multiple_of(4);
    maker.made.work += taps.len() * geometry.out_channels * grid.vertical.output * grid.horizontal.output;
    maker.made.products += 1;
    // Packed tiles keep out of the first-level cache what a tile does not use; with one tile, or little use of it, nothing
    // is won.
    let is_packed = tiles.count() > 1 && pixels > 8;
    let weights = if is_packed {
        let packed = maker.pack(taps.len() * geometry.out_channels);
        let work = Packing {
            tiles,
            taps: taps.len(),
            stride,
            weights: floats(product.kernel),
            packed: packed.clone(),
        };
        maker.push_once(work, tiles.count());
        Weights::Packed(packed)
    } else {
        Weights::Parameters(floats(product.kernel))
    };
    let (units, unit) = Forward::units(wide, &taps);
    let plan = Forward {
        units,
        unit,
        groups: (bases.len() / 4).div_ceil(8).max(1),
        bases,
        pixels,
        tiles,
        stride: (!is_packed).then_some(stride),
        relu: product.relu,
        pool: product.pool,
    };
    let items = plan.items();
    let work = Convolving {
        plan,
        input,
        weights,
        bias: product.bias.map(floats),
        output: product.output.clone(),
        codes: maker.maybe(product.codes),
    };
    maker.push(work, items);
}

impl Work for Packing {
    fn run(&self, share: Share<'_>) {
        data::PackForward {
            tiles: self.tiles,
            taps: self.taps,
            stride: self.stride,
            weights: share.parameters(&self.weights),
            packed: share.write_packed(&self.packed),
            items: share.items,
        }
        .run();
    }
}

impl Work for Convolving {
    fn run(&self, share: Share<'_>) {
        let weights = match &self.weights {
            Weights::Parameters(range) => share.parameters(range),
            Weights::Packed(range) => share.packed(range),
        };
        share.instructions.call(ForwardCall {
            plan: &self.plan,
            input: share.read(&self.input),
            weights,
            bias: self.bias.as_ref().map(|bias| share.parameters(bias)),
            output: share.write(&self.output),
            codes: self.codes.as_ref().map(|codes| share.write_codes(codes)),
            items: share.items,
        });
    }
}
