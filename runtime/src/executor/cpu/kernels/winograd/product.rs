//! `output = pool(relu(conv(input, kernel) + bias))`, and `dinput`, which is the same product of the gradient with turned
//! weights. One item: four tiles of some output channels.

use super::super::super::memory::{Codes, Floats, Output};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::{Tiles, with_size};
use super::tiles::{AT_ONCE, Cut, Map, step, transform};
use super::transforms::{CELLS, Filter, MOST_TAPS, POINTS, ROW, leave, weigh};
use std::ops::Range;

/// Output channels of an item: their points stay in the second-level cache.
const PART: usize = 48;

/// What is the same in every step.
pub struct Product {
    /// Channels that are summed over.
    pub channels: usize,
    /// Where they are read.
    pub map: Map,
    /// The map that is made.
    pub cut: Cut,
    /// Output channels in tiles of registers.
    pub tiles: Tiles,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
}

impl Product {
    /// Output channels in tiles that stay in registers: four samples' rows by six channels, or one by six.
    pub fn tiles(channels: usize) -> Tiles {
        Tiles::of(channels, 6)
    }

    /// Tiles of channels of an item.
    fn part(&self) -> usize {
        let most = PART / 6;
        let parts = self.tiles.count().div_ceil(most);
        self.tiles.count().div_ceil(parts)
    }

    fn parts(&self) -> usize {
        self.tiles.count().div_ceil(self.part())
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.cut.chunks() * self.parts()
    }

    /// Floats of the weights' points.
    pub fn packed(&self) -> usize {
        POINTS * self.channels * self.tiles.channels()
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        POINTS * (step(self.channels) + step(PART))
    }
}

/// Takes weights to their points: `[point][tile][input][output of the tile]`. One item: a tile.
pub struct Pack<'a> {
    /// Which filtering.
    pub filter: Filter,
    /// Tiles of output channels.
    pub tiles: Tiles,
    /// Channels that are summed over.
    pub channels: usize,
    /// Floats from tap to tap.
    pub stride: usize,
    /// Whether the product is that of the gradient: the parameters' inputs are its outputs, and the taps are turned round.
    pub turned: bool,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights' points, in the order in which the product reads them.
    pub packed: Floats<'a>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Pack<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (point, all) = (self.channels * self.tiles.channels(), self.filter.taps());
        for item in self.items {
            let (first, size) = self.tiles.tile(item);
            for channel in 0..self.channels {
                let mut taps = [simd.zero(); MOST_TAPS];
                for (tap, to) in taps.iter_mut().enumerate().take(all) {
                    *to = if self.turned {
                        let mut row = Row([0.0; LANES]);
                        for (at, to) in row.0.iter_mut().enumerate().take(size) {
                            *to = self.weights[((first + at) * all + all - 1 - tap) * self.stride + channel];
                        }
                        simd.load(&row)
                    } else {
                        simd.load_part(&self.weights[(channel * all + tap) * self.stride + first..][..size])
                    };
                }
                let start = first * self.channels + channel * size;
                for (at, value) in weigh(simd, self.filter, &taps).into_iter().enumerate() {
                    let start = at * point + start;
                    simd.store_part(self.packed.part(start..start + size), value);
                }
            }
        }
    }
}

/// What one call of the kernel is given.
pub struct ProductCall<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Product,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// As [`Pack`] makes them.
    pub weights: &'a [f32],
    /// The bias of each output channel.
    pub bias: Option<&'a [f32]>,
    /// The output of the relu before, where the product is a gradient: zero where that is not positive.
    pub mask: Option<&'a [Row]>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// Which pixel of a window was the maximum.
    pub codes: Option<Output<'a, Codes>>,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl WithSimd for ProductCall<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let plan = self.plan;
        let scratch = std::mem::take(&mut self.scratch);
        let (points, sums) = scratch.split_at_mut(POINTS * step(plan.channels));
        let mut entered = None;
        for item in self.items.clone() {
            let (chunk, part) = (item / plan.parts(), item % plan.parts());
            let (corners, real) = plan.cut.corners(chunk);
            if entered != Some(chunk) {
                simd.call(Enter {
                    call: &self,
                    corners: &corners,
                    points,
                });
                entered = Some(chunk);
            }
            let tiles = part * plan.part()..((part + 1) * plan.part()).min(plan.tiles.count());
            let (start, _) = plan.tiles.tile(tiles.start);
            let (last, size) = plan.tiles.tile(tiles.end - 1);
            let channels = last + size - start;
            for point in 0..POINTS {
                for tile in tiles.clone() {
                    let (first, size) = plan.tiles.tile(tile);
                    let to = point * step(channels) + (first - start) * AT_ONCE;
                    with_size!(size, [1 2 3 4 5 6], T => simd.call(Multiply::<T> {
                        points: &points[point * step(plan.channels)..][..plan.channels * AT_ONCE],
                        weights: &self.weights[plan.channels * (point * plan.tiles.channels() + first)..],
                        sums: &mut sums[to..to + T * AT_ONCE],
                    }));
                }
            }
            simd.call(Leave {
                call: &self,
                corners: &corners[..real],
                channels: start..start + channels,
                sums,
            });
        }
    }
}

struct Enter<'a> {
    call: &'a ProductCall<'a>,
    corners: &'a [(usize, usize); AT_ONCE],
    points: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        transform(
            simd,
            &plan.map,
            self.call.input,
            (0, plan.channels),
            self.corners,
            self.points,
        );
    }
}

/// One point of T output channels of four tiles.
struct Multiply<'a, const T: usize> {
    points: &'a [Row],
    weights: &'a [f32],
    sums: &'a mut [Row],
}

impl<const T: usize> SimdKernel for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let points = self.points.as_chunks::<AT_ONCE>().0;
        let weights = self.weights.as_chunks::<T>().0;
        if S::WIDE {
            let mut sums = [[simd.zero(); AT_ONCE]; T];
            for (x, w) in points.iter().zip(weights) {
                let x = [simd.load(&x[0]), simd.load(&x[1]), simd.load(&x[2]), simd.load(&x[3])];
                for t in 0..T {
                    let w = simd.splat(w[t]);
                    for at in 0..AT_ONCE {
                        sums[t][at] = simd.fma(x[at], w, sums[t][at]);
                    }
                }
            }
            for (to, sums) in self.sums.as_chunks_mut::<AT_ONCE>().0.iter_mut().zip(sums) {
                for at in 0..AT_ONCE {
                    simd.store(&mut to[at], sums[at]);
                }
            }
            return;
        }
        for at in 0..AT_ONCE {
            let mut sums = [simd.zero(); T];
            for (x, w) in points.iter().zip(weights) {
                let x = simd.load(&x[at]);
                for t in 0..T {
                    sums[t] = simd.fma(x, simd.splat(w[t]), sums[t]);
                }
            }
            for (to, sum) in self.sums.as_chunks_mut::<AT_ONCE>().0.iter_mut().zip(sums) {
                simd.store(&mut to[at], sum);
            }
        }
    }
}

/// From points to outputs.
struct Leave<'a> {
    call: &'a ProductCall<'a>,
    corners: &'a [(usize, usize)],
    channels: Range<usize>,
    sums: &'a [Row],
}

impl SimdKernel for Leave<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let step = step(self.channels.len());
        for (channel, index) in self.channels.clone().zip(0..) {
            for (at, &corner) in self.corners.iter().enumerate() {
                let mut points = [simd.zero(); POINTS];
                for (point, to) in points.iter_mut().enumerate() {
                    *to = simd.load(&self.sums[point * step + index * AT_ONCE + at]);
                }
                let tile = leave(simd, plan.cut.filter, &points);
                if plan.pool {
                    self.pooled(simd, channel, corner, &tile);
                } else {
                    self.whole(simd, channel, corner, &tile);
                }
            }
        }
    }
}

impl Leave<'_> {
    #[inline(always)]
    fn finish<S: Simd>(&self, simd: S, channel: usize, sum: S::V) -> S::V {
        let mut made = sum;
        if let Some(bias) = self.call.bias {
            made = simd.add(made, simd.splat(bias[channel]));
        }
        if self.call.plan.relu {
            made = simd.max(made, simd.zero());
        }
        made
    }

    #[inline(always)]
    fn whole<S: Simd>(&self, simd: S, channel: usize, (y, x): (usize, usize), tile: &[S::V; CELLS]) {
        let (rows, columns) = self.call.plan.cut.size;
        let side = self.call.plan.cut.filter.tile();
        for row in 0..ROW {
            for column in 0..ROW {
                if row >= side || column >= side || y + row >= rows || x + column >= columns {
                    continue;
                }
                let at = (channel * rows + y + row) * columns + x + column;
                let mut made = self.finish(simd, channel, tile[row * ROW + column]);
                if let Some(mask) = self.call.mask {
                    let open = simd.greater(simd.load(&mask[at]), simd.zero());
                    made = simd.select(open, made, simd.zero());
                }
                simd.store(self.call.output.row(at), made);
            }
        }
    }

    /// Keeps the first of the largest of each window; bias and relu commute with the maximum.
    #[inline(always)]
    fn pooled<S: Simd>(&self, simd: S, channel: usize, (y, x): (usize, usize), tile: &[S::V; CELLS]) {
        let size = self.call.plan.cut.size;
        let (rows, columns) = (size.0 / 2, size.1 / 2);
        let side = self.call.plan.cut.filter.tile() / 2;
        for row in 0..ROW / 2 {
            for column in 0..ROW / 2 {
                let (down, right) = (y / 2 + row, x / 2 + column);
                if row >= side || column >= side || down >= rows || right >= columns {
                    continue;
                }
                let first = row * 2 * ROW + column * 2;
                let mut largest = tile[first];
                let mut code = simd.zero();
                for (place, from) in [first + 1, first + ROW, first + ROW + 1].into_iter().enumerate() {
                    let greater = simd.greater(tile[from], largest);
                    largest = simd.select(greater, tile[from], largest);
                    code = simd.select(greater, simd.splat((place + 1) as f32), code);
                }
                let at = (channel * rows + down) * columns + right;
                if let Some(codes) = self.call.codes {
                    codes.row(at).0 = simd.narrow(code);
                }
                simd.store(self.call.output.row(at), self.finish(simd, channel, largest));
            }
        }
    }
}
