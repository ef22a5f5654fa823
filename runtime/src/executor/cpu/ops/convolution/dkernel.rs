//! The gradient of the kernel and of the bias.

use super::super::super::kernels::Tiles;
use super::super::super::kernels::dkernel::{Dkernel, DkernelCall};
use super::super::super::maker::Maker;
use super::super::super::run::Share;
use super::super::super::task::Work;
use super::map::{Gradient, gradient, padded_again};
use super::places::{padded_size, taps};
use compiler::ops::{ConvolutionGeometry, Doutput};
use compiler::plan::{self, TensorId};
use std::ops::Range;

/// Rows of doutput that a band may hold: 256 KiB, a part of a second-level cache. Measured on Zen 4 (us a step, first
/// convolutions of LeNet and the pyramid): 16 KiB, which the first-level cache holds, 287 and 110; 64 KiB 231 and 106;
/// 256 KiB 220 and 103. Reading ahead from the second level costs less than setting sums aside.
const BAND_ROWS: usize = 4096;

/// Rows of the input that the taps of a run read, 384 KiB: a part of a second-level cache. They stay there while the filters go by.
const RUN_ROWS: usize = 6144;

/// Elements of a map, a row of samples each, that are spread out for all items at once where it lies behind a pool: 1 MiB, which the
/// caches hold. Measured on Zen 4: so LeNet's first layer saves 3 % of a step.
const SPREAD: usize = 1 << 14;

/// What the gradient is made from, and where it goes.
pub struct Product<'a> {
    pub geometry: &'a ConvolutionGeometry,
    pub input: TensorId,
    pub doutput: Doutput,
    pub kernel: plan::Range,
    pub bias: Option<plan::Range>,
}

struct Summing {
    plan: Dkernel,
    input: Range<usize>,
    doutput: Gradient,
}

/// Adds the tasks of a gradient.
pub fn push(product: &Product<'_>, maker: &mut Maker<'_>) {
    let geometry = product.geometry;
    let grid = &geometry.grid;
    let doutput = gradient(geometry, product.doutput, SPREAD, maker);
    let input = padded_again(geometry, product.input, maker);
    let taps = taps(geometry);
    let registers = maker.instructions.registers();
    let (filters, taps_at_once) = Dkernel::tile(registers, geometry.out_channels, taps.len());
    let (rows, columns) = (grid.vertical.output, grid.horizontal.output);
    let band = (BAND_ROWS / (filters * columns)).clamp(1, rows);
    // Bands of equal height, of whole windows, and none where one more row would do.
    let band = rows.div_ceil(rows.div_ceil(band)).next_multiple_of(2).min(rows);
    let tap_tiles = taps.len().div_ceil(taps_at_once);
    // What lies behind a pool is spread out for each item anew.
    let most = if band < rows || doutput.is_behind_pool() {
        16
    } else {
        tap_tiles.div_ceil(4)
    };
    let (height, width) = padded_size(grid);
    let read = (RUN_ROWS / (height * width)).max(1) * grid.vertical.size * grid.horizontal.size / taps_at_once;
    let plan = Dkernel {
        rows,
        columns,
        input_steps: (grid.vertical.stride * width, grid.horizontal.stride),
        spreads: doutput.is_behind_pool(),
        tiles: Tiles::of(geometry.out_channels, filters),
        taps_at_once,
        run: most.min(read).clamp(1, tap_tiles),
        band,
        stride: geometry.out_channels.next_multiple_of(4),
        kernel: product.kernel.offset,
        bias: product.bias.map(|bias| bias.offset),
        taps,
    };
    maker.made.scratch = maker.made.scratch.max(plan.scratch());
    let items = plan.items();
    let work = Summing { plan, input, doutput };
    maker.push(work, items);
}

impl Work for Summing {
    fn run(&self, share: Share<'_>) {
        let Some(gradients) = share.gradients() else { return };
        share.instructions.call(DkernelCall {
            plan: &self.plan,
            input: share.read(&self.input),
            doutput: self.doutput.read(&share),
            gradients,
            first: share.sets_gradients(),
            scratch: share.scratch,
            items: share.items,
        });
    }
}
