//! `output = pool(relu(conv(input, kernel) + bias))`, and `dinput`, which is the same product of the gradient with turned
//! weights. One item: four tiles of some output channels.

use super::super::super::memory::{Codes, Output, fetch_far};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::{Tiles, with_size};
use super::few;
use super::finish::Finish;
use super::tiles::{AT_ONCE, Cut, FAR, Map, fetch_ahead, step, transform};
use super::transforms::Spaced;
use compiler::plan::method::FEW;
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

    /// Points of a tile.
    fn points(&self) -> usize {
        self.cut.filter.points()
    }

    /// Blocks of an item.
    fn part(&self) -> usize {
        self.blocks().div_ceil(self.parts())
    }

    fn parts(&self) -> usize {
        self.blocks().div_ceil(PART)
    }

    /// Output channels of a block.
    pub fn width(&self, block: usize) -> usize {
        LANES.min(self.filters - block * LANES)
    }

    /// Whether channels are so few that their points are multiplied on the way back to outputs.
    pub fn is_of_few(&self) -> bool {
        self.channels <= FEW
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        let parts = if self.is_of_few() { 1 } else { self.parts() };
        self.cut.chunks() * parts
    }

    /// Whether maps are too large for the caches to keep.
    pub fn is_far(&self) -> bool {
        let (size, windows) = (self.cut.size, if self.pool { 4 } else { 1 });
        self.channels * self.map.strided.channel + self.filters * size.0 * size.1 / windows > FAR
    }

    /// What becomes of the sums.
    pub fn finish<'a>(
        &self,
        bias: Option<&'a [f32]>,
        mask: Option<&'a [Row]>,
        output: Output<'a, Row>,
        codes: Option<Output<'a, Codes>>,
    ) -> Finish<'a> {
        Finish {
            cut: self.cut,
            relu: self.relu,
            pool: self.pool,
            bias,
            mask,
            output,
            codes,
        }
    }

    /// Rows from one of the weights' points to the next: a little more than they take, so that points do not fall into the same
    /// lines of a cache.
    pub fn point(&self) -> usize {
        self.channels * self.blocks() + 1
    }

    /// Floats of the weights' points.
    pub fn packed(&self) -> usize {
        if self.is_of_few() {
            return self.filters * few::POINTS * self.channels;
        }
        self.points() * self.point() * LANES
    }

    /// How many items packing has.
    pub fn packing(&self) -> usize {
        self.blocks() * self.channels.div_ceil(LANES)
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        if self.is_of_few() {
            return few::POINTS * FEW;
        }
        self.points() * (step(self.channels) + step(PART * LANES))
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
    /// As [`super::pack::Pack`] makes them.
    pub weights: &'a [Row],
    /// What becomes of the sums.
    pub finish: Finish<'a>,
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
        let (points, sums) = scratch.split_at_mut(plan.points() * step(plan.channels));
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
            for point in 0..plan.points() {
                if is_far {
                    self.fetch(&ahead, point);
                }
                for block in blocks.clone() {
                    let weights = self.weights(point, block);
                    let mut ahead = self.weights_behind((point, block), &blocks);
                    let tiles = Tiles::of(plan.width(block), TILE);
                    for tile in 0..tiles.count() {
                        let (lane, size) = tiles.tile(tile);
                        let to = point * step(channels) + (block * LANES + lane - start) * AT_ONCE;
                        with_size!(size, [1 2 3 4 5 6], T => simd.call(Multiply::<T> {
                            points: &points[point * step(plan.channels)..][..plan.channels * AT_ONCE],
                            weights,
                            ahead: std::mem::replace(&mut ahead, weights),
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
    /// A point's weights to a block of outputs.
    fn weights(&self, point: usize, block: usize) -> &[Row] {
        &self.weights[point * self.plan.point() + block * self.plan.channels..][..self.plan.channels]
    }

    /// The weights that are read after those of a block: the next block's, or the next point's of the first of `blocks`.
    fn weights_behind(&self, (point, block): (usize, usize), blocks: &Range<usize>) -> &[Row] {
        if block + 1 < blocks.end {
            self.weights(point, block + 1)
        } else if point + 1 < self.plan.points() {
            self.weights(point + 1, blocks.start)
        } else {
            self.weights(point, block)
        }
    }

    /// Asks for a point's share of what comes.
    fn fetch(&self, ahead: &Ahead<'_>, point: usize) {
        let plan = self.plan;
        let share = |all: usize| point * all / plan.points()..(point + 1) * all / plan.points();
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
        for channel in share(ahead.channels.len()) {
            for &corner in ahead.corners {
                for line in self.finish.lines(ahead.channels.start + channel, corner) {
                    self.finish.output.fetch(line.clone());
                    for cell in self.finish.mask.iter().flat_map(|mask| &mask[line.clone()]) {
                        fetch_far(cell);
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
            (&plan.map, plan.cut.filter),
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
    /// As many rows that are read later, asked for meanwhile.
    ahead: &'a [Row],
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
            for ((x, w), ahead) in points.iter().zip(self.weights).zip(self.ahead) {
                fetch_far(ahead);
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
        let step = step(self.channels.len());
        for (channel, index) in self.channels.clone().zip(0..) {
            let finish = self.call.finish.of(simd, channel);
            for (at, &corner) in self.corners.iter().enumerate() {
                if channel + 1 < self.channels.end {
                    finish.fetch_next(corner);
                }
                let points = Spaced {
                    rows: &self.sums[index * AT_ONCE + at..],
                    step,
                };
                finish.leave(simd, corner, &points);
            }
        }
    }
}
