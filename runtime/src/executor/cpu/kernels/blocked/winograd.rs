//! 3x3 and 5x5 convolutions by Winograd's minimal filtering, see `kernels::winograd`; channels are the lanes. One item: one or two
//! blocks of filters of some tiles, which may be several samples'.

use super::super::super::memory::Floats;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::winograd::transforms::{
    CELLS, Filter, MOST_TAPS, Made, POINTS, Plane, ROW, SIDE, Spaced, SpacedMade, enter, leave, weigh,
};
use super::abreast;
use super::finish::Finish;
use super::product::{Taps, accumulate, run, with_run};
use std::ops::Range;

/// Rows of the points of a chunk's inputs that stay in the second-level cache.
const POINTS_AT_ONCE: usize = 12_000;

/// What is the same in every call.
pub struct Filtering {
    /// Which filtering.
    pub filter: Filter,
    /// Channels that are summed over.
    pub channels: usize,
    /// How many filters the product has.
    pub filters: usize,
    /// Rows and columns of the input.
    pub input: (usize, usize),
    /// Rows and columns of zeros before the first.
    pub before: (usize, usize),
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
    /// Whether there are many registers.
    pub wide: bool,
}

impl Filtering {
    fn blocks(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    fn inputs(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// How many groups the blocks of sixteen filters are cut into, a group for an item.
    pub fn groups(&self) -> usize {
        self.blocks().div_ceil(abreast(self.wide))
    }

    fn group(&self, group: usize) -> (usize, usize) {
        let first = group * abreast(self.wide);
        (first, abreast(self.wide).min(self.blocks() - first))
    }

    fn across(&self) -> usize {
        self.size.1.div_ceil(self.filter.tile())
    }

    /// Tiles of a sample.
    pub fn tiles(&self) -> usize {
        self.size.0.div_ceil(self.filter.tile()) * self.across()
    }

    /// Tiles of a chunk.
    pub fn chunk(&self) -> usize {
        let most = POINTS_AT_ONCE / (POINTS * self.inputs());
        [28, 14].into_iter().find(|&tiles| tiles <= most).unwrap_or(7)
    }

    /// Rows from one point of the inputs to the next: a little more than a chunk's, so that points do not fall into the same
    /// lines of a cache.
    fn entered(&self) -> usize {
        self.inputs() * self.chunk() + 1
    }

    fn left(&self) -> usize {
        abreast(self.wide) * self.chunk() + 1
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        POINTS * (self.entered() + self.left())
    }

    /// Floats of the weights' points.
    pub fn packed(&self) -> usize {
        POINTS * self.channels * self.blocks() * LANES
    }

    /// Where each channel's points lie in those of a tile, in floats.
    pub fn taps(&self) -> Vec<u32> {
        let place = |channel: usize| channel / LANES * self.chunk() * LANES + channel % LANES;
        (0..self.channels).map(|channel| place(channel) as u32).collect()
    }
}

/// Takes weights to their points: `[group][point][input][filter of the group]`. One item: a group.
pub struct Pack<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Filtering,
    /// Whether the product is that of a gradient: its filters are the parameters' inputs, and the taps are turned round.
    pub turned: bool,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights' points, in the order in which the kernel reads them.
    pub packed: Floats<'a>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl SimdKernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let rows = if self.turned { plan.channels } else { plan.filters };
        let stride = rows.next_multiple_of(4);
        let all = plan.filter.taps();
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps = [[Row([0.0; LANES]); LANES]; MOST_TAPS];
        let mut of = [Row([0.0; LANES]); MOST_TAPS];
        for item in self.items {
            let (first, blocks) = plan.group(item);
            let point = plan.channels * blocks * LANES;
            for block in 0..blocks {
                let filter = (first + block) * LANES;
                let width = LANES.min(plan.filters - filter);
                for start in (0..plan.channels).step_by(LANES) {
                    let channels = start..(start + LANES).min(plan.channels);
                    for (tap, to) in taps.iter_mut().enumerate().take(all) {
                        if !self.turned {
                            for (channel, to) in channels.clone().zip(to) {
                                let from = (channel * all + tap) * stride + filter;
                                simd.store(to, simd.load_part(&self.weights[from..][..width]));
                            }
                            continue;
                        }
                        let mut square = [simd.zero(); LANES];
                        for at in 0..LANES {
                            if at < width {
                                let from = ((filter + at) * all + all - 1 - tap) * stride;
                                square[at] = simd.load_part(&self.weights[from..][channels.clone()]);
                            }
                        }
                        let square = simd.transpose(square);
                        for at in 0..LANES {
                            simd.store(&mut to[at], square[at]);
                        }
                    }
                    for channel in channels.clone() {
                        for tap in 0..all {
                            simd.store(&mut of[tap], simd.load(&taps[tap][channel - start]));
                        }
                        let weights = Spaced {
                            rows: &of,
                            width: plan.filter.size(),
                            step: 1,
                        };
                        let mut made = Weighed {
                            packed: &self.packed,
                            first: first * LANES * POINTS * plan.channels + (channel * blocks + block) * LANES,
                            point,
                        };
                        weigh(simd, plan.filter, &weights, &mut made);
                    }
                }
            }
        }
    }
}

/// The points of the weights from one channel to a block of filters.
struct Weighed<'a> {
    packed: &'a Floats<'a>,
    /// Where the first point's lie, and from point to point.
    first: usize,
    point: usize,
}

impl<S: Simd> Made<S> for Weighed<'_> {
    #[inline(always)]
    fn put(&mut self, simd: S, row: usize, column: usize, value: S::V) {
        let start = (row * SIDE + column) * self.point + self.first;
        simd.store_part(self.packed.part(start..start + LANES), value);
    }
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Filtering,
    /// As [`Filtering::taps`] gives them.
    pub taps: &'a [u32],
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// Read: `[sample][channel / 16][position]`, a row has sixteen channels.
    pub input: &'a [Row],
    /// As [`Pack`] makes them.
    pub weights: &'a [Row],
    /// What becomes of the sums.
    pub finish: Finish<'a>,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl WithSimd for Call<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let plan = self.plan;
        let scratch = std::mem::take(&mut self.scratch);
        let (points, sums) = scratch.split_at_mut(POINTS * plan.entered());
        let mut entered = None;
        for item in self.items.clone() {
            let (chunk, group) = (item / plan.groups(), item % plan.groups());
            let first = chunk * plan.chunk();
            let tiles = first..(first + plan.chunk()).min(plan.tiles() * self.samples);
            if entered != Some(chunk) {
                simd.call(Enter {
                    call: &self,
                    tiles: tiles.clone(),
                    points,
                });
                entered = Some(chunk);
            }
            let (block, blocks) = plan.group(group);
            let run = run(tiles.len(), S::WIDE, blocks);
            with_run!(S, run, blocks, (P, N) => {
                simd.call(Multiply::<P, N> { call: &self, tiles: tiles.len(), block, points, sums });
            });
            simd.call(Leave {
                call: &self,
                tiles,
                blocks: block..block + blocks,
                sums,
            });
        }
    }
}

/// From tiles of the input to points.
struct Enter<'a> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    points: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let cells = plan.input.0 * plan.input.1;
        for (at, tile) in self.tiles.enumerate() {
            let (sample, tile) = (tile / plan.tiles(), tile % plan.tiles());
            let side = plan.filter.tile();
            let corner = (tile / plan.across() * side, tile % plan.across() * side);
            for block in 0..plan.inputs() {
                let plane = Plane {
                    cells: &self.call.input[(sample * plan.inputs() + block) * cells..][..cells],
                    size: plan.input,
                    before: plan.before,
                    row: plan.input.1,
                };
                let mut made = SpacedMade {
                    rows: &mut self.points[block * plan.chunk() + at..],
                    width: SIDE,
                    step: plan.entered(),
                };
                enter(simd, plane, corner, &mut made);
            }
        }
    }
}

/// All points of some tiles and N blocks of filters, P tiles at a time.
struct Multiply<'a, const P: usize, const N: usize> {
    call: &'a Call<'a>,
    tiles: usize,
    block: usize,
    points: &'a [Row],
    sums: &'a mut [Row],
}

impl<const P: usize, const N: usize> SimdKernel for Multiply<'_, P, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let start = self.block * POINTS * plan.channels;
        let weights = self.call.weights[start..start + N * POINTS * plan.channels]
            .as_chunks::<N>()
            .0;
        for (point, weights) in weights.chunks_exact(plan.channels).enumerate() {
            let from = Taps {
                input: bytemuck::cast_slice(&self.points[point * plan.entered()..][..plan.inputs() * plan.chunk()]),
                taps: self.call.taps,
                step: LANES,
            };
            for tile in (0..self.tiles).step_by(P) {
                // The last run repeats tiles of the one before.
                let tile = tile.min(self.tiles - P);
                let sums = accumulate::<S, P, N, LANES>(simd, from, tile * LANES, weights);
                for (p, sums) in sums.into_iter().enumerate() {
                    for (n, sum) in sums.into_iter().enumerate() {
                        let place = point * plan.left() + n * plan.chunk() + tile + p;
                        simd.store(&mut self.sums[place], sum);
                    }
                }
            }
        }
    }
}

/// From points to outputs.
struct Leave<'a> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    sums: &'a [Row],
}

impl SimdKernel for Leave<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let whole = !plan.pool && self.call.finish.rectifier.is_none();
        let mut cells = [Row([0.0; LANES]); CELLS];
        for (n, block) in self.blocks.clone().enumerate() {
            let bias = self.call.finish.bias(simd, block);
            for (at, tile) in self.tiles.clone().enumerate() {
                let (sample, tile) = (tile / plan.tiles(), tile % plan.tiles());
                let side = plan.filter.tile();
                let corner = (tile / plan.across() * side, tile % plan.across() * side);
                let points = Spaced {
                    rows: &self.sums[n * plan.chunk() + at..],
                    width: SIDE,
                    step: plan.left(),
                };
                let plane = sample * plan.blocks() + block;
                let ((y, x), (rows, columns)) = (corner, plan.size);
                if whole && y + side <= rows && x + side <= columns {
                    let mut whole = Whole {
                        finish: &self.call.finish,
                        first: (plane * rows + y) * columns + x,
                        columns,
                        bias,
                    };
                    leave(simd, plan.filter, &points, &mut whole);
                    continue;
                }
                let mut made = SpacedMade {
                    rows: &mut cells,
                    width: ROW,
                    step: 1,
                };
                leave(simd, plan.filter, &points, &mut made);
                self.write(simd, plane, corner, &cells, bias);
            }
        }
    }
}

/// A tile that lies inside of the map.
struct Whole<'a, S: Simd> {
    finish: &'a Finish<'a>,
    first: usize,
    columns: usize,
    bias: S::V,
}

impl<S: Simd> Made<S> for Whole<'_, S> {
    #[inline(always)]
    fn put(&mut self, simd: S, row: usize, column: usize, value: S::V) {
        let place = self.first + row * self.columns + column;
        self.finish.put_plain(simd, place, value, self.bias);
    }
}

impl Leave<'_> {
    /// Writes a tile, or the maxima of its windows, as far as it lies on the map.
    #[inline(always)]
    fn write<S: Simd>(&self, simd: S, plane: usize, (y, x): (usize, usize), tile: &[Row; CELLS], bias: S::V) {
        let plan = self.call.plan;
        let ((rows, columns), side) = (plan.size, plan.filter.tile());
        if plan.pool {
            let (rows, columns) = (rows / 2, columns / 2);
            for row in 0..ROW / 2 {
                for column in 0..ROW / 2 {
                    let (down, right) = (y / 2 + row, x / 2 + column);
                    if row < side / 2 && column < side / 2 && down < rows && right < columns {
                        let first = row * 2 * ROW + column * 2;
                        let mut window = [simd.zero(); 4];
                        for (at, to) in window.iter_mut().enumerate() {
                            *to = simd.load(&tile[first + at / 2 * ROW + at % 2]);
                        }
                        let place = (plane * rows + down) * columns + right;
                        self.call.finish.put_largest(simd, place, window, bias);
                    }
                }
            }
            return;
        }
        for row in 0..ROW {
            for column in 0..ROW {
                if row < side && column < side && y + row < rows && x + column < columns {
                    let place = (plane * rows + y + row) * columns + x + column;
                    self.call
                        .finish
                        .put(simd, place, simd.load(&tile[row * ROW + column]), bias);
                }
            }
        }
    }
}
