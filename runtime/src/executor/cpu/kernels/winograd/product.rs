//! `output = pool(relu(conv(input, kernel) + bias))`, and `dinput`, which is the same product of the gradient with turned
//! weights. One item: four tiles of some output channels.

use super::super::super::memory::{Codes, Floats, Output, fetch_far};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::{Tiles, with_size};
use super::tiles::{AT_ONCE, Cut, FAR, Map, fetch_ahead, fetch_tile, step, transform};
use super::transforms::{CELLS, MOST_TAPS, Made, POINTS, ROW, SIDE, Spaced, SpacedMade, leave, weigh};
use std::ops::Range;

/// Blocks of sixteen output channels of an item: their points stay in the second-level cache.
const PART: usize = 3;

/// Output channels that stay in registers: four samples' rows by six channels, or one by six.
const TILE: usize = 6;

/// What is the same in every step.
pub struct Product {
    /// Channels that are summed over.
    pub channels: usize,
    /// Where they are read.
    pub map: Map,
    /// The map that is made.
    pub cut: Cut,
    /// Output channels.
    pub filters: usize,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
}

impl Product {
    /// Blocks of sixteen output channels.
    fn blocks(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    /// Blocks of an item.
    fn part(&self) -> usize {
        self.blocks().div_ceil(self.parts())
    }

    fn parts(&self) -> usize {
        self.blocks().div_ceil(PART)
    }

    /// Output channels of a block.
    fn width(&self, block: usize) -> usize {
        LANES.min(self.filters - block * LANES)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.cut.chunks() * self.parts()
    }

    /// Whether maps are too large for the caches to keep.
    fn is_far(&self) -> bool {
        let (size, windows) = (self.cut.size, if self.pool { 4 } else { 1 });
        self.channels * self.map.strided.channel + self.filters * size.0 * size.1 / windows > FAR
    }

    /// Rows from one of the weights' points to the next: a little more than they take, so that points do not fall into the same
    /// lines of a cache.
    fn point(&self) -> usize {
        self.channels * self.blocks() + 1
    }

    /// Floats of the weights' points.
    pub fn packed(&self) -> usize {
        POINTS * self.point() * LANES
    }

    /// How many items packing has.
    pub fn packing(&self) -> usize {
        self.blocks() * self.channels.div_ceil(LANES)
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        POINTS * (step(self.channels) + step(PART * LANES))
    }
}

/// Takes weights to their points: `[point][block of sixteen outputs][input][output of the block]`. One item: sixteen inputs of a block.
pub struct Pack<'a> {
    /// What they are packed for.
    pub plan: &'a Product,
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
        let plan = self.plan;
        let filter = plan.cut.filter;
        #[allow(clippy::large_stack_arrays, reason = "26 KB: no memory is allocated while steps run")]
        let mut taps = [[Row([0.0; LANES]); MOST_TAPS]; LANES];
        for item in self.items.clone() {
            let (block, part) = (
                item / plan.channels.div_ceil(LANES),
                item % plan.channels.div_ceil(LANES),
            );
            let channels = part * LANES..((part + 1) * LANES).min(plan.channels);
            self.gather(simd, block, channels.clone(), &mut taps);
            for (channel, taps) in channels.zip(&taps) {
                let weights = Spaced {
                    rows: taps,
                    width: filter.size(),
                    step: 1,
                };
                let mut made = Weighed {
                    packed: &self.packed,
                    first: (block * plan.channels + channel) * LANES,
                    point: plan.point() * LANES,
                };
                weigh(simd, filter, &weights, &mut made);
            }
        }
    }
}

impl Pack<'_> {
    /// The weights from some inputs to a block of outputs: `[input][tap]`, outputs are the lanes.
    #[inline(always)]
    fn gather<S: Simd>(&self, simd: S, block: usize, channels: Range<usize>, taps: &mut [[Row; MOST_TAPS]; LANES]) {
        let (all, first, width) = (self.plan.cut.filter.taps(), block * LANES, self.plan.width(block));
        for tap in 0..all {
            if !self.turned {
                for (channel, to) in channels.clone().zip(taps.iter_mut()) {
                    let from = &self.weights[(channel * all + tap) * self.stride + first..][..width];
                    simd.store(&mut to[tap], simd.load_part(from));
                }
                continue;
            }
            let mut square = [simd.zero(); LANES];
            for at in 0..LANES {
                if at < width {
                    let from = ((first + at) * all + all - 1 - tap) * self.stride;
                    square[at] = simd.load_part(&self.weights[from..][channels.clone()]);
                }
            }
            let square = simd.transpose(square);
            for at in 0..LANES {
                simd.store(&mut taps[at][tap], square[at]);
            }
        }
    }
}

/// The points of the weights from one channel to a block.
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
pub struct ProductCall<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Product,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Where the input is the gradient of a map that lies behind its pool: the pixels of their windows that the rows belong to.
    pub pixels: Option<&'a [Codes]>,
    /// As [`Pack`] makes them.
    pub weights: &'a [Row],
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
        let is_far = plan.is_far();
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
            let blocks = part * plan.part()..((part + 1) * plan.part()).min(plan.blocks());
            let start = blocks.start * LANES;
            let channels = (blocks.end * LANES).min(plan.filters) - start;
            let ahead = Ahead {
                next: (item + 1 < self.items.end && part + 1 == plan.parts()).then(|| plan.cut.corners(chunk + 1)),
                corners: &corners[..real],
                channels: start..start + channels,
            };
            for point in 0..POINTS {
                if is_far {
                    self.fetch(&ahead, point);
                }
                for block in blocks.clone() {
                    let weights = &self.weights[point * plan.point() + block * plan.channels..][..plan.channels];
                    let tiles = Tiles::of(plan.width(block), TILE);
                    for tile in 0..tiles.count() {
                        let (lane, size) = tiles.tile(tile);
                        let to = point * step(channels) + (block * LANES + lane - start) * AT_ONCE;
                        with_size!(size, [1 2 3 4 5 6], T => simd.call(Multiply::<T> {
                            points: &points[point * step(plan.channels)..][..plan.channels * AT_ONCE],
                            weights,
                            lane,
                            sums: &mut sums[to..to + T * AT_ONCE],
                        }));
                    }
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

/// What is touched after some tiles' points have been multiplied. Memory has nothing else to do meanwhile.
struct Ahead<'a> {
    /// The tiles that are taken to their points next, and how many there are.
    next: Option<([(usize, usize); AT_ONCE], usize)>,
    /// Where the points of these are brought back to.
    corners: &'a [(usize, usize)],
    /// Which of the outputs.
    channels: Range<usize>,
}

impl ProductCall<'_> {
    /// Asks for a point's share of what comes.
    fn fetch(&self, ahead: &Ahead<'_>, point: usize) {
        let plan = self.plan;
        let share = |all: usize| point * all / POINTS..(point + 1) * all / POINTS;
        if let Some((corners, real)) = &ahead.next {
            let channels = share(plan.channels);
            fetch_ahead(
                &plan.map,
                plan.cut.filter,
                (self.input, self.pixels),
                channels,
                &corners[..*real],
            );
        }
        let (rows, columns) = plan.cut.size;
        let (rows, columns, side) = if plan.pool {
            (rows / 2, columns / 2, plan.cut.filter.tile() / 2)
        } else {
            (rows, columns, plan.cut.filter.tile())
        };
        for channel in share(ahead.channels.len()) {
            for &(y, x) in ahead.corners {
                let (y, x) = if plan.pool { (y / 2, x / 2) } else { (y, x) };
                for row in y..rows.min(y + side) {
                    let start = ((ahead.channels.start + channel) * rows + row) * columns;
                    let cells = start + x..start + columns.min(x + side);
                    self.output.fetch(cells.clone());
                    if let Some(mask) = self.mask {
                        for cell in mask.iter().take(cells.end).skip(cells.start) {
                            fetch_far(cell);
                        }
                    }
                }
            }
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
            (self.call.input, self.call.pixels),
            (0, plan.channels),
            self.corners,
            self.points,
        );
    }
}

/// One point of T output channels of four tiles.
struct Multiply<'a, const T: usize> {
    points: &'a [Row],
    /// Of each input, those to a block of outputs, of which the tile's begin at a lane.
    weights: &'a [Row],
    lane: usize,
    sums: &'a mut [Row],
}

impl<const T: usize> SimdKernel for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let points = self.points.as_chunks::<AT_ONCE>().0;
        let lane = self.lane.min(LANES - T);
        if S::WIDE {
            let mut sums = [[simd.zero(); AT_ONCE]; T];
            for (x, w) in points.iter().zip(self.weights) {
                let w = &w.0[lane..lane + T];
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
            for (x, w) in points.iter().zip(self.weights) {
                let w = &w.0[lane..lane + T];
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
        let (step, side) = (step(self.channels.len()), plan.cut.filter.tile());
        let (rows, columns) = plan.cut.size;
        let mut tile = [Row([0.0; LANES]); CELLS];
        for (channel, index) in self.channels.clone().zip(0..) {
            let finish = Finish::of(simd, self.call, channel);
            for (at, &(y, x)) in self.corners.iter().enumerate() {
                if let (Some(mask), true) = (self.call.mask, channel + 1 < self.channels.end) {
                    fetch_tile(mask, (channel + 1) * rows * columns, columns, (y, x), side);
                }
                let points = Spaced {
                    rows: &self.sums[index * AT_ONCE + at..],
                    width: SIDE,
                    step,
                };
                if !plan.pool && y + side <= rows && x + side <= columns {
                    let mut whole = Whole {
                        finish: &finish,
                        first: (channel * rows + y) * columns + x,
                        columns,
                    };
                    leave(simd, plan.cut.filter, &points, &mut whole);
                    continue;
                }
                let mut made = SpacedMade {
                    rows: &mut tile,
                    width: ROW,
                    step: 1,
                };
                leave(simd, plan.cut.filter, &points, &mut made);
                if plan.pool {
                    finish.pooled(simd, channel, (y, x), &tile);
                } else {
                    finish.part(simd, channel, (y, x), &tile);
                }
            }
        }
    }
}

/// What becomes of a channel's sums.
struct Finish<'a, S: Simd> {
    call: &'a ProductCall<'a>,
    bias: Option<S::V>,
}

/// A tile that lies inside of the map.
struct Whole<'a, S: Simd> {
    finish: &'a Finish<'a, S>,
    first: usize,
    columns: usize,
}

impl<S: Simd> Made<S> for Whole<'_, S> {
    #[inline(always)]
    fn put(&mut self, simd: S, row: usize, column: usize, value: S::V) {
        self.finish.put(simd, self.first + row * self.columns + column, value);
    }
}

impl<'a, S: Simd> Finish<'a, S> {
    #[inline(always)]
    fn of(simd: S, call: &'a ProductCall<'a>, channel: usize) -> Self {
        let bias = call.bias.map(|bias| simd.splat(bias[channel]));
        Self { call, bias }
    }

    #[inline(always)]
    fn made(&self, simd: S, sum: S::V) -> S::V {
        let made = self.bias.map_or(sum, |bias| simd.add(sum, bias));
        if self.call.plan.relu {
            simd.max(made, simd.zero())
        } else {
            made
        }
    }

    /// Writes a sum to its place, after bias, relu and mask.
    #[inline(always)]
    fn put(&self, simd: S, at: usize, sum: S::V) {
        let mut made = self.made(simd, sum);
        if let Some(mask) = self.call.mask {
            let open = simd.greater(simd.load(&mask[at]), simd.zero());
            made = simd.select(open, made, simd.zero());
        }
        simd.store(self.call.output.row(at), made);
    }

    /// Writes a tile as far as it lies on the map.
    #[inline(always)]
    fn part(&self, simd: S, channel: usize, (y, x): (usize, usize), tile: &[Row; CELLS]) {
        let (rows, columns) = self.call.plan.cut.size;
        let side = self.call.plan.cut.filter.tile();
        for row in 0..side.min(rows - y) {
            for column in 0..side.min(columns - x) {
                let at = (channel * rows + y + row) * columns + x + column;
                self.put(simd, at, simd.load(&tile[row * ROW + column]));
            }
        }
    }

    /// Keeps the first of the largest of each window; bias and relu commute with the maximum.
    #[inline(always)]
    fn pooled(&self, simd: S, channel: usize, (y, x): (usize, usize), tile: &[Row; CELLS]) {
        let size = self.call.plan.cut.size;
        let (rows, columns) = (size.0 / 2, size.1 / 2);
        let side = self.call.plan.cut.filter.tile() / 2;
        for row in 0..side.min(rows.saturating_sub(y / 2)) {
            for column in 0..side.min(columns.saturating_sub(x / 2)) {
                let first = row * 2 * ROW + column * 2;
                let mut largest = simd.load(&tile[first]);
                let mut code = simd.zero();
                for (place, from) in [first + 1, first + ROW, first + ROW + 1].into_iter().enumerate() {
                    let sum = simd.load(&tile[from]);
                    let greater = simd.greater(sum, largest);
                    largest = simd.select(greater, sum, largest);
                    code = simd.select(greater, simd.splat((place + 1) as f32), code);
                }
                let at = (channel * rows + y / 2 + row) * columns + x / 2 + column;
                if let Some(codes) = self.call.codes {
                    codes.row(at).0 = simd.narrow(code);
                }
                simd.store(self.call.output.row(at), self.made(simd, largest));
            }
        }
    }
}
