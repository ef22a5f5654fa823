//! `output = pool(relu(conv(input, kernel) + bias))`, tap by tap. One item: some rows of one or two blocks of filters of a
//! sample.

use super::super::super::memory::Floats;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::abreast;
use super::finish::Finish;
use super::product::{Taps, accumulate, run, with_run};
use std::ops::Range;

/// Rows of an item at most, where there are many.
const ROWS: usize = 8;

/// What is the same in every call.
pub struct Direct {
    /// Where each tap (input channel, row, column) reads, from a pixel's base on, in floats.
    pub taps: Vec<u32>,
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// Floats from a row's first base to the next row's.
    pub row: usize,
    /// Floats from base to base.
    pub step: usize,
    /// Floats of a sample's input.
    pub sample: usize,
    /// How many filters the product has.
    pub filters: usize,
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
    /// Whether there are many registers.
    pub wide: bool,
}

impl Direct {
    fn blocks(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    /// How many groups the blocks of sixteen filters are cut into, a group for an item.
    pub fn groups(&self) -> usize {
        self.blocks().div_ceil(abreast(self.wide))
    }

    /// The first block of a group, and how many it has.
    fn group(&self, group: usize) -> (usize, usize) {
        let first = group * abreast(self.wide);
        (first, abreast(self.wide).min(self.blocks() - first))
    }

    /// Rows and columns of the output.
    fn output(&self) -> (usize, usize) {
        let halves = if self.pool { 2 } else { 1 };
        (self.size.0 / halves, self.size.1 / halves)
    }

    fn chunks(&self) -> usize {
        self.output().0.div_ceil(ROWS)
    }

    /// Items of a sample.
    pub fn items(&self) -> usize {
        self.groups() * self.chunks()
    }

    /// Floats of the packed weights.
    pub fn packed(&self) -> usize {
        self.taps.len() * self.blocks() * LANES
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        2 * self.size.1 * abreast(self.wide)
    }
}

/// Weights `[tap][filter]` into groups: `[group][tap][filter of the group]`, zeros behind the last filter. One item: a group.
pub struct Pack<'a> {
    /// Sizes, taps and strides, the same in every call.
    pub plan: &'a Direct,
    /// Of a gradient's product, whose filters are the parameters' inputs, the taps of one of them: they are turned round.
    pub turned: Option<usize>,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights in the order in which the kernel reads them.
    pub packed: Floats<'a>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl Pack<'_> {
    /// Copies the weights of the items' groups, zeros behind the last filter.
    pub fn run(self) {
        let (filters, taps) = (self.plan.filters, self.plan.taps.len());
        for item in self.items {
            let (first, blocks) = self.plan.group(item);
            let (start, width) = (first * LANES, blocks * LANES);
            let real = width.min(filters - start);
            let packed = self.packed.part(start * taps..(start + width) * taps);
            if let Some(size) = self.turned {
                let stride = (taps / size).next_multiple_of(4);
                for (at, to) in packed.chunks_exact_mut(width).enumerate() {
                    let (channel, tap) = (at / size, size - 1 - at % size);
                    for (filter, to) in to.iter_mut().enumerate() {
                        *to = if filter < real {
                            self.weights[((start + filter) * size + tap) * stride + channel]
                        } else {
                            0.0
                        };
                    }
                }
                continue;
            }
            let stride = filters.next_multiple_of(4);
            for (to, from) in packed.chunks_exact_mut(width).zip(self.weights.chunks(stride)) {
                to[..real].copy_from_slice(&from[start..start + real]);
                to[real..].fill(0.0);
            }
        }
    }
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes, taps and strides, the same in every call.
    pub plan: &'a Direct,
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
        let lines = if plan.pool { 2 } else { 1 };
        for item in self.items.clone() {
            let (sample, place) = (item / plan.items(), item % plan.items());
            let (first, blocks) = plan.group(place / plan.chunks());
            let start = place % plan.chunks() * ROWS;
            let run = run(plan.size.1, S::WIDE, blocks);
            for y in start..(start + ROWS).min(plan.output().0) {
                let (call, sums) = (&self, &mut scratch[..lines * plan.size.1 * blocks]);
                for (line, sums) in sums.chunks_exact_mut(plan.size.1 * blocks).enumerate() {
                    let line = y * lines + line;
                    with_run!(S, run, blocks, (P, N) => if plan.step == LANES {
                        simd.call(Line::<P, N, LANES> { call, sample, first, line, sums });
                    } else {
                        simd.call(Line::<P, N, 0> { call, sample, first, line, sums });
                    });
                }
                let block = sample * plan.blocks() + first;
                let (finish, first) = (&self.finish, (first, block * plan.output().0 + y));
                let (planes, width) = (plan.output(), plan.size.1);
                if plan.pool {
                    simd.call(PutLargest {
                        finish,
                        first,
                        planes,
                        width,
                        sums,
                    });
                } else {
                    simd.call(Put {
                        finish,
                        first,
                        planes,
                        sums,
                    });
                }
            }
        }
    }
}

/// The sums of a line of the map and N blocks of filters, P pixels at a time: `sums[pixel][n]`.
struct Line<'a, const P: usize, const N: usize, const STEP: usize> {
    call: &'a Call<'a>,
    sample: usize,
    first: usize,
    line: usize,
    sums: &'a mut [Row],
}

impl<const P: usize, const N: usize, const STEP: usize> SimdKernel for Line<'_, P, N, STEP> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let (taps, width) = (plan.taps.len(), plan.size.1);
        let weights = self.call.weights[self.first * taps..(self.first + N) * taps]
            .as_chunks::<N>()
            .0;
        let from = Taps {
            input: &bytemuck::cast_slice::<Row, f32>(self.call.input)[self.sample * plan.sample..],
            taps: &plan.taps,
            step: plan.step,
        };
        let made = self.sums.as_chunks_mut::<N>().0;
        for x in (0..width).step_by(P) {
            // The last run repeats pixels of the one before.
            let x = x.min(width - P);
            let base = self.line * plan.row + x * plan.step;
            let sums = accumulate::<S, P, N, STEP>(simd, from, base, weights);
            let made = &mut made[x..][..P];
            for p in 0..P {
                for n in 0..N {
                    simd.store(&mut made[p][n], sums[p][n]);
                }
            }
        }
    }
}

/// A line of sums to its place in the output.
struct Put<'a> {
    finish: &'a Finish<'a>,
    /// The first block of filters, and its line counted over all samples, blocks and lines.
    first: (usize, usize),
    planes: (usize, usize),
    sums: &'a [Row],
}

impl SimdKernel for Put<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (down, across) = self.planes;
        let blocks = self.sums.len() / across;
        for n in 0..blocks {
            let bias = self.finish.bias(simd, self.first.0 + n);
            let line = (self.first.1 + n * down) * across;
            for (x, sum) in self.sums[n..].iter().step_by(blocks).enumerate() {
                self.finish.put(simd, line + x, simd.load(sum), bias);
            }
        }
    }
}

/// The largest of each window of two lines of sums to their place in the output.
struct PutLargest<'a> {
    finish: &'a Finish<'a>,
    first: (usize, usize),
    planes: (usize, usize),
    width: usize,
    sums: &'a [Row],
}

impl SimdKernel for PutLargest<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (down, across) = self.planes;
        let blocks = self.sums.len() / (2 * self.width);
        for n in 0..blocks {
            let bias = self.finish.bias(simd, self.first.0 + n);
            let line = (self.first.1 + n * down) * across;
            for x in 0..across {
                let mut window = [simd.zero(); 4];
                for (at, to) in window.iter_mut().enumerate() {
                    let (row, column) = (at / 2, 2 * x + at % 2);
                    *to = simd.load(&self.sums[(row * self.width + column) * blocks + n]);
                }
                self.finish.put_largest(simd, line + x, window, bias);
            }
        }
    }
}
