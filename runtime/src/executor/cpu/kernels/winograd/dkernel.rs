//! `dkernel`, `dbias`: the points of the input times the points of the gradient, summed over tiles and samples. For that,
//! the gradient is turned so that its lanes are channels: a sum is then a lane of its own, and none are added up.
//!
//! One item: some input channels by some output channels.

use super::super::super::memory::Floats;
use super::super::super::simd::{Kernel, LANES, Row, Simd, WithSimd};
use super::super::dkernel::Strided;
use super::super::{Tiles, with_size};
use super::tiles::{AT_ONCE, Cut, Map, step, transform};
use super::transforms::{POINTS, gather, spread};
use std::ops::Range;

/// Input channels of an item.
const INPUTS: usize = 48;

/// Rows of sixteen output channels of an item.
const BLOCKS: usize = 2;

/// Rows of a point of the gradient: a sample of a tile by the output channels.
const GRADIENTS: usize = AT_ONCE * LANES * BLOCKS;

/// Rows from one point of the gradient to the next: a little more, so that points do not fall into the same lines of a
/// cache.
const GRADIENT_STEP: usize = GRADIENTS + 4;

/// What is the same in every step.
pub struct Dkernel {
    /// Where the input is read.
    pub map: Map,
    /// The map of outputs.
    pub cut: Cut,
    /// Where its gradient lies.
    pub doutput: Strided,
    /// Input channels, a tile an item.
    pub inputs: Tiles,
    /// Output channels.
    pub outputs: usize,
    /// Where the kernel's gradient goes, in floats.
    pub kernel: usize,
    /// Where the bias's gradient goes.
    pub bias: Option<usize>,
}

impl Dkernel {
    /// Input channels, a tile an item.
    pub fn inputs(channels: usize) -> Tiles {
        Tiles::of(channels, INPUTS)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.inputs.count() * self.outputs.div_ceil(BLOCKS * LANES)
    }

    /// Rows of scratch.
    pub fn scratch() -> usize {
        POINTS * (step(INPUTS) + GRADIENT_STEP + INPUTS * BLOCKS) + TURNED
    }
}

/// Rows of a tile of the gradient of sixteen channels, turned.
const TURNED: usize = 16 * LANES;

/// A call.
pub struct Call<'a> {
    /// The geometry.
    pub plan: &'a Dkernel,
    /// Taken.
    pub input: &'a [Row],
    /// Taken.
    pub doutput: &'a [Row],
    /// Made.
    pub gradients: Floats<'a>,
    /// Whether gradients are set, not added to.
    pub first: bool,
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
        let (points, scratch) = scratch.split_at_mut(POINTS * step(INPUTS));
        let (gradients, scratch) = scratch.split_at_mut(POINTS * GRADIENT_STEP);
        let (sums, turned) = scratch.split_at_mut(POINTS * INPUTS * BLOCKS);
        let groups = plan.outputs.div_ceil(BLOCKS * LANES);
        for item in self.items.clone() {
            let (first, count) = plan.inputs.tile(item / groups);
            let output = item % groups * BLOCKS * LANES;
            let tiles = Tiles::of(count, if S::WIDE { 12 } else { 6 });
            sums[..POINTS * count * BLOCKS].fill(Row([0.0; LANES]));
            for chunk in 0..plan.cut.chunks() {
                let (corners, real) = plan.cut.corners(chunk);
                simd.call(Enter {
                    call: &self,
                    inputs: (first, count),
                    output,
                    corners: &corners,
                    real,
                    points,
                    gradients,
                    turned,
                });
                for point in 0..POINTS {
                    for tile in 0..tiles.count() {
                        let (start, size) = tiles.tile(tile);
                        let to = (point * count + start) * BLOCKS;
                        with_size!(size, [1 2 3 4 5 6 7 8 9 10 11 12], T => simd.call(Multiply::<T> {
                            points: &points[point * step(count) + start * AT_ONCE..][..T * AT_ONCE],
                            gradients: &gradients[point * GRADIENT_STEP..][..real * LANES * BLOCKS],
                            sums: &mut sums[to..to + T * BLOCKS],
                        }));
                    }
                }
            }
            simd.call(Leave {
                call: &self,
                inputs: (first, count),
                output,
                sums,
            });
        }
    }
}

/// The points of four tiles of the input and of its gradient.
struct Enter<'a> {
    call: &'a Call<'a>,
    inputs: (usize, usize),
    output: usize,
    corners: &'a [(usize, usize); AT_ONCE],
    real: usize,
    points: &'a mut [Row],
    gradients: &'a mut [Row],
    turned: &'a mut [Row],
}

impl Kernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        transform(simd, &plan.map, self.call.input, self.inputs, self.corners, self.points);
        let (rows, columns) = plan.cut.size;
        for (at, &(y, x)) in self.corners.iter().enumerate().take(self.real) {
            for block in 0..BLOCKS {
                let first = self.output + block * LANES;
                let channels = plan.outputs.saturating_sub(first).min(LANES);
                for (place, turned) in self.turned.as_chunks_mut::<LANES>().0.iter_mut().enumerate() {
                    let (row, column) = (y + place / 4, x + place % 4);
                    let mut lines = [simd.zero(); LANES];
                    if row < rows && column < columns {
                        let from = plan.doutput.offset + row * plan.doutput.row + column;
                        for (channel, line) in lines.iter_mut().enumerate().take(channels) {
                            *line = simd.load(&self.call.doutput[from + (first + channel) * plan.doutput.channel]);
                        }
                    }
                    simd.transpose(lines, turned);
                }
                for sample in 0..LANES {
                    let mut tile = [simd.zero(); 16];
                    for (place, to) in tile.iter_mut().enumerate() {
                        *to = simd.load(&self.turned[place * LANES + sample]);
                    }
                    for (point, value) in spread(simd, &tile).into_iter().enumerate() {
                        let to = point * GRADIENT_STEP + (at * LANES + sample) * BLOCKS + block;
                        simd.store(&mut self.gradients[to], value);
                    }
                }
            }
        }
    }
}

/// One point: T input channels by the output channels, of all samples of four tiles.
struct Multiply<'a, const T: usize> {
    points: &'a [Row],
    gradients: &'a [Row],
    sums: &'a mut [Row],
}

impl<const T: usize> Kernel for Multiply<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Some(points) = self.points.as_chunks::<AT_ONCE>().0.first_chunk::<T>() else {
            return;
        };
        let Some(to) = self.sums.as_chunks_mut::<BLOCKS>().0.first_chunk_mut::<T>() else {
            return;
        };
        let tiles = self.gradients.as_chunks::<BLOCKS>().0.as_chunks::<LANES>().0;
        if S::WIDE {
            let mut sums = [[simd.zero(); BLOCKS]; T];
            for t in 0..T {
                sums[t] = [simd.load(&to[t][0]), simd.load(&to[t][1])];
            }
            for (at, gradients) in tiles.iter().enumerate().take(AT_ONCE) {
                for sample in 0..LANES {
                    let d = [simd.load(&gradients[sample][0]), simd.load(&gradients[sample][1])];
                    for t in 0..T {
                        let x = simd.splat(points[t][at].0[sample]);
                        sums[t][0] = simd.fma(x, d[0], sums[t][0]);
                        sums[t][1] = simd.fma(x, d[1], sums[t][1]);
                    }
                }
            }
            for t in 0..T {
                simd.store(&mut to[t][0], sums[t][0]);
                simd.store(&mut to[t][1], sums[t][1]);
            }
            return;
        }
        for block in 0..BLOCKS {
            let mut sums = [simd.zero(); T];
            for t in 0..T {
                sums[t] = simd.load(&to[t][block]);
            }
            for (at, gradients) in tiles.iter().enumerate().take(AT_ONCE) {
                for sample in 0..LANES {
                    let d = simd.load(&gradients[sample][block]);
                    for t in 0..T {
                        sums[t] = simd.fma(simd.splat(points[t][at].0[sample]), d, sums[t]);
                    }
                }
            }
            for t in 0..T {
                simd.store(&mut to[t][block], sums[t]);
            }
        }
    }
}

/// From points to gradients.
struct Leave<'a> {
    call: &'a Call<'a>,
    inputs: (usize, usize),
    output: usize,
    sums: &'a [Row],
}

impl Kernel for Leave<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            call,
            inputs: (first, count),
            output,
            sums,
        } = self;
        let plan = call.plan;
        let stride = plan.outputs.next_multiple_of(4);
        for block in 0..BLOCKS {
            let start = output + block * LANES;
            let width = stride.saturating_sub(start).min(LANES);
            if width == 0 {
                continue;
            }
            for input in 0..count {
                let mut points = [simd.zero(); POINTS];
                for (point, to) in points.iter_mut().enumerate() {
                    *to = simd.load(&sums[(point * count + input) * BLOCKS + block]);
                }
                for (tap, value) in gather(simd, &points).into_iter().enumerate() {
                    let at = plan.kernel + ((first + input) * 9 + tap) * stride + start;
                    let to = call.gradients.part(at..at + width);
                    let value = if call.first {
                        value
                    } else {
                        simd.add(simd.load_part(to), value)
                    };
                    simd.store_part(to, value);
                }
            }
            if let Some(bias) = plan.bias.filter(|_| first == 0) {
                for channel in start..(start + LANES).min(plan.outputs) {
                    let mut sum = simd.zero();
                    let plane = plan.doutput.offset + channel * plan.doutput.channel;
                    for row in 0..plan.cut.size.0 {
                        for cell in &call.doutput[plane + row * plan.doutput.row..][..plan.cut.size.1] {
                            sum = simd.add(sum, simd.load(cell));
                        }
                    }
                    let to = call.gradients.part(bias + channel..bias + channel + 1);
                    let sum = simd.sum(sum);
                    to[0] = if call.first { sum } else { to[0] + sum };
                }
            }
        }
    }
}
