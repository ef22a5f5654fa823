//! The gradient of a kernel by Winograd's F(4x4, 3x3) or F(4x4, 5x5), turned round: tiles of inputs go to their points as in the forward
//! product, tiles of the map's gradient to theirs, point by point their products are summed over all tiles and samples, and the
//! sums go back to weights (Lavin and Gray, 2015, section 4). 36 multiplications for 144, or 64 for 400.
//!
//! One item: some input channels and some filters, whose sums stay in the second-level cache while the tiles of a segment go
//! by. This file has what the two layouts share.

use super::super::super::memory::{Floats, Output};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::super::sums::accumulate_into;
use super::transforms::{Filter, MOST_TAPS, Plane, Spaced, SpacedMade, TILE, unweigh};
use std::ops::Range;

/// Items that there are at least, so that several workers can share a layer of few channels.
const ITEMS: usize = 4;

/// What is the same in every step.
pub struct Gradient {
    /// Which filtering.
    pub filter: Filter,
    /// Channels of the input.
    pub channels: usize,
    /// How many filters the convolution has.
    pub filters: usize,
    /// Rows and columns of the input.
    pub input: (usize, usize),
    /// Rows and columns of zeros before the first.
    pub before: (usize, usize),
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// The first float of the kernel's gradients.
    pub kernel: usize,
    /// The first float of the bias's gradients; None where there is no bias.
    pub bias: Option<usize>,
    /// Blocks of sixteen channels, and of sixteen filters, of an item at most.
    pub most: (usize, usize),
}

/// The blocks of sixteen channels and filters of an item, and its segment.
pub struct Part {
    pub channels: Range<usize>,
    pub filters: Range<usize>,
    pub segment: usize,
}

impl Gradient {
    /// Tiles from left to right.
    pub fn across(&self) -> usize {
        self.size.1.div_ceil(TILE)
    }

    /// Tiles of a sample.
    pub fn tiles(&self) -> usize {
        self.size.0.div_ceil(TILE) * self.across()
    }

    /// The first row and column of a tile of the map.
    pub fn corner(&self, tile: usize) -> (usize, usize) {
        (tile / self.across() * TILE, tile % self.across() * TILE)
    }

    /// A channel of the input.
    #[inline(always)]
    pub fn plane<'a>(&self, input: &'a [Row], channel: usize) -> Plane<'a> {
        let cells = self.input.0 * self.input.1;
        Plane {
            cells: &input[channel * cells..][..cells],
            size: self.input,
            before: self.before,
            row: self.input.1,
        }
    }

    /// Blocks of sixteen channels.
    pub fn inputs(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// Blocks of sixteen filters.
    pub fn outputs(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    fn parts(&self) -> usize {
        self.inputs().div_ceil(self.most.0) * self.outputs().div_ceil(self.most.1)
    }

    /// Into how many segments the tiles are cut, each with sums of its own.
    pub fn segments(&self) -> usize {
        (ITEMS / self.parts()).clamp(1, self.tiles())
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.parts() * self.segments()
    }

    /// What an item computes.
    pub fn part(&self, item: usize) -> Part {
        let (segment, part) = (item / self.parts(), item % self.parts());
        let across = self.inputs().div_ceil(self.most.0);
        let of = |place: usize, most: usize, all: usize| place * most..((place + 1) * most).min(all);
        Part {
            channels: of(part % across, self.most.0, self.inputs()),
            filters: of(part / across, self.most.1, self.outputs()),
            segment,
        }
    }

    /// Blocks of channels and of filters of the largest item.
    pub fn largest(&self) -> (usize, usize) {
        (self.most.0.min(self.inputs()), self.most.1.min(self.outputs()))
    }

    /// Which of so many tiles a segment has.
    pub fn segment(&self, segment: usize, tiles: usize) -> Range<usize> {
        segment * tiles / self.segments()..(segment + 1) * tiles / self.segments()
    }

    /// Rows of a segment's weights; none where there is one segment, whose weights go where the gradient is.
    pub fn kept(&self) -> usize {
        if self.segments() == 1 {
            0
        } else {
            self.channels * self.filter.taps() * self.outputs()
        }
    }

    /// The sixteen weights of a tap, in the order of the parameters, and how many of them there are.
    fn weights(&self, tap: usize, block: usize) -> (Range<usize>, usize) {
        let start = self.kernel + tap * self.filters.next_multiple_of(4) + block * LANES;
        let width = LANES.min(self.filters - block * LANES);
        (start..start + width, width)
    }
}

/// The sums of an item `[point][group of blocks of filters][channel][block of the group]` back to weights.
pub struct Put<'a> {
    pub plan: &'a Gradient,
    pub part: &'a Part,
    pub sums: &'a [Row],
    /// Blocks of filters of a group.
    pub together: usize,
    /// Where the weights of segments go.
    pub kept: Output<'a, Row>,
    /// Where the weights go where there is one segment.
    pub gradients: Floats<'a>,
    /// Whether gradients begin here; else they go on.
    pub first: bool,
}

impl SimdKernel for Put<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (plan, part) = (self.plan, self.part);
        let (channels, filters) = (part.channels.len() * LANES, part.filters.len());
        let (first, taps) = (part.channels.start * LANES, plan.filter.taps());
        let mut weights = [Row([0.0; LANES]); MOST_TAPS];
        for (place, block) in part.filters.clone().enumerate() {
            let group = place / self.together * self.together;
            let width = self.together.min(filters - group);
            for channel in 0..channels.min(plan.channels - first) {
                let start = group * channels + channel * width + place - group;
                let points = Spaced {
                    rows: &self.sums[start..],
                    step: channels * filters,
                };
                let mut made = SpacedMade {
                    rows: &mut weights,
                    step: 1,
                };
                unweigh(simd, plan.filter, &points, &mut made);
                for (tap, weights) in weights.iter().enumerate().take(taps) {
                    let tap = (first + channel) * taps + tap;
                    if plan.segments() == 1 {
                        let (to, width) = plan.weights(tap, block);
                        accumulate_into(self.gradients.part(to), &weights.0[..width], self.first);
                    } else {
                        let row = (part.segment * plan.channels * taps + tap) * plan.outputs() + block;
                        simd.store(self.kept.row(row), simd.load(weights));
                    }
                }
            }
        }
    }
}

/// Adds up the weights of the segments. One item: an input channel.
pub struct Gather<'a> {
    pub plan: &'a Gradient,
    pub kept: &'a [Row],
    pub gradients: Floats<'a>,
    /// Whether gradients begin here; else they go on.
    pub first: bool,
    pub items: Range<usize>,
}

impl SimdKernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let taps = plan.filter.taps();
        for tap in self.items.start * taps..self.items.end * taps {
            for block in 0..plan.outputs() {
                let mut sum = simd.zero();
                for segment in self.kept.chunks_exact(plan.kept()) {
                    sum = simd.add(sum, simd.load(&segment[tap * plan.outputs() + block]));
                }
                let (to, width) = plan.weights(tap, block);
                accumulate_into(self.gradients.part(to), &simd.lanes(sum)[..width], self.first);
            }
        }
    }
}
