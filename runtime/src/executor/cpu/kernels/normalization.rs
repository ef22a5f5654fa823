//! Normalization: sets of elements less their mean, divided by their standard deviation, times gamma, plus beta; forward and
//! backward. A set is a group of channels over all positions, or all channels of a position, of one sample, or a channel of
//! the whole batch.
//!
//! input, output, their gradients `[channel][position]`; moments `[set][chunk][mean, spread]`, statistics `[set][mean,
//! 1 / deviation]`, sums `[set][chunk][g, g xhat]`, means `[set][g, g xhat]`, where g = doutput gamma and xhat = (input -
//! mean) / deviation; all of rows of sixteen samples. All write `=`, gradients `=` for the first block of a sum and `+=` for
//! those that follow.

use super::super::memory::{Floats, Output};
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use super::sums::{ONE_SUM, PART, accumulate_into};
use compiler::ops::normalization::Sets;
use std::ops::Range;

/// Mean and sum of squares around it, of each chunk. One item: a chunk.
pub struct ChunkMoments<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub moments: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for ChunkMoments<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let (set, chunk) = (item / self.sets.chunks(), item % self.sets.chunks());
            let elements = || self.sets.elements(set, chunk).map(|at| simd.load(&self.input[at]));
            let mut sum = simd.zero();
            for x in elements() {
                sum = simd.add(sum, x);
            }
            let mean = simd.div(sum, simd.splat(self.sets.chunk_count(chunk) as f32));
            let mut spread = simd.zero();
            for x in elements() {
                let d = simd.sub(x, mean);
                spread = simd.fma(d, d, spread);
            }
            simd.store(self.moments.row(2 * item), mean);
            simd.store(self.moments.row(2 * item + 1), spread);
        }
    }
}

/// Puts chunks together (Chan, Golub, LeVeque 1983). One item: a set.
pub struct SetStatistics<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Read: a row has one element of each sample of a block.
    pub moments: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub statistics: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for SetStatistics<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for set in self.items {
            let (mut mean, mut spread, mut count) = (simd.zero(), simd.zero(), 0);
            for chunk in 0..self.sets.chunks() {
                let at = (set * self.sets.chunks() + chunk) * 2;
                let (more, before) = (self.sets.chunk_count(chunk), count as f32);
                count += more;
                let share = more as f32 / count as f32;
                let d = simd.sub(simd.load(&self.moments[at]), mean);
                mean = simd.fma(d, simd.splat(share), mean);
                spread = simd.add(spread, simd.load(&self.moments[at + 1]));
                spread = simd.fma(simd.mul(d, d), simd.splat(before * share), spread);
            }
            let variance = simd.div(spread, simd.splat(count as f32));
            let deviation = simd.sqrt(simd.add(variance, simd.splat(self.epsilon)));
            simd.store(self.statistics.row(2 * set), mean);
            simd.store(self.statistics.row(2 * set + 1), simd.div(simd.splat(1.0), deviation));
        }
    }
}

/// `output = xhat gamma + beta`. One item: a channel.
pub struct Normalize<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub statistics: &'a [Row],
    /// The scale of each channel; without it, 1.
    pub gamma: Option<&'a [f32]>,
    /// The shift of each channel; without it, 0.
    pub beta: Option<&'a [f32]>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Normalize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let positions = self.sets.positions;
        for channel in self.items {
            let gamma = simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]));
            let beta = simd.splat(self.beta.map_or(0.0, |beta| beta[channel]));
            for at in channel * positions..(channel + 1) * positions {
                let set = 2 * self.sets.set_of(at);
                let x = simd.sub(simd.load(&self.input[at]), simd.load(&self.statistics[set]));
                let xhat = simd.mul(x, simd.load(&self.statistics[set + 1]));
                simd.store(self.output.row(at), simd.fma(xhat, gamma, beta));
            }
        }
    }
}

/// The sums of g and of g xhat over each chunk. One item: a chunk.
pub struct ChunkSums<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// The input of the forward pass.
    pub input: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub statistics: &'a [Row],
    /// The scale of each channel; without it, 1.
    pub gamma: Option<&'a [f32]>,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub sums: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for ChunkSums<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let (set, chunk) = (item / self.sets.chunks(), item % self.sets.chunks());
            let mean = simd.load(&self.statistics[2 * set]);
            let (mut sum, mut product) = (simd.zero(), simd.zero());
            for at in self.sets.elements(set, chunk) {
                let gamma = self.gamma.map_or(1.0, |gamma| gamma[at / self.sets.positions]);
                let g = simd.mul(simd.load(&self.doutput[at]), simd.splat(gamma));
                sum = simd.add(sum, g);
                product = simd.fma(g, simd.sub(simd.load(&self.input[at]), mean), product);
            }
            let inverse = simd.load(&self.statistics[2 * set + 1]);
            simd.store(self.sums.row(2 * item), sum);
            simd.store(self.sums.row(2 * item + 1), simd.mul(product, inverse));
        }
    }
}

/// Their means over each set. One item: a set.
pub struct SetMeans<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// Read: a row has one element of each sample of a block.
    pub sums: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub means: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for SetMeans<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let chunks = self.sets.chunks();
        let share = simd.splat(1.0 / self.sets.count() as f32);
        for set in self.items {
            for which in 0..2 {
                let mut sum = simd.zero();
                for chunk in 0..chunks {
                    sum = simd.add(sum, simd.load(&self.sums[(set * chunks + chunk) * 2 + which]));
                }
                simd.store(self.means.row(2 * set + which), simd.mul(sum, share));
            }
        }
    }
}

/// `dinput = (g - mean of g - xhat mean of g xhat) / deviation`. One item: a channel.
pub struct NormalizeBackward<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// The input of the forward pass.
    pub input: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub statistics: &'a [Row],
    /// The scale of each channel; without it, 1.
    pub gamma: Option<&'a [f32]>,
    /// Read: a row has one element of each sample of a block.
    pub means: &'a [Row],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for NormalizeBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let positions = self.sets.positions;
        for channel in self.items {
            let gamma = simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]));
            for at in channel * positions..(channel + 1) * positions {
                let set = 2 * self.sets.set_of(at);
                let inverse = simd.load(&self.statistics[set + 1]);
                let x = simd.sub(simd.load(&self.input[at]), simd.load(&self.statistics[set]));
                let xhat = simd.mul(x, inverse);
                let g = simd.sub(
                    simd.mul(simd.load(&self.doutput[at]), gamma),
                    simd.load(&self.means[set]),
                );
                let rest = simd.sub(g, simd.mul(xhat, simd.load(&self.means[set + 1])));
                simd.store(self.dinput.row(at), simd.mul(rest, inverse));
            }
        }
    }
}

/// `dgamma = sum of doutput xhat`, `dbeta = sum of doutput`. One item: a channel.
pub struct Dgamma<'a> {
    /// What is normalised by itself.
    pub sets: &'a Sets,
    /// The input of the forward pass.
    pub input: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub statistics: &'a [Row],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Where gamma's and beta's begin.
    pub places: (Option<usize>, Option<usize>),
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dgamma<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let positions = self.sets.positions;
        for channel in self.items {
            let (mut sum, mut product) = (simd.zero(), simd.zero());
            let part = if positions > ONE_SUM { PART } else { ONE_SUM };
            for start in (0..positions).step_by(part) {
                let part = channel * positions + start..channel * positions + positions.min(start + part);
                let (mut sum_of_part, mut product_of_part) = (simd.zero(), simd.zero());
                for at in part {
                    let set = 2 * self.sets.set_of(at);
                    let x = simd.sub(simd.load(&self.input[at]), simd.load(&self.statistics[set]));
                    let xhat = simd.mul(x, simd.load(&self.statistics[set + 1]));
                    let d = simd.load(&self.doutput[at]);
                    sum_of_part = simd.add(sum_of_part, d);
                    product_of_part = simd.fma(d, xhat, product_of_part);
                }
                sum = simd.add(sum, sum_of_part);
                product = simd.add(product, product_of_part);
            }
            for (place, sum) in [(self.places.0, product), (self.places.1, sum)] {
                if let Some(place) = place {
                    let to = self.gradients.part(place + channel..place + channel + 1);
                    accumulate_into(to, &[simd.sum(sum)], self.first);
                }
            }
        }
    }
}

/// `output = (input - moving_mean) / sqrt(moving_variance + epsilon) gamma + beta`. One item: a channel.
pub struct MovingNormalize<'a> {
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Blocks of sixteen channels that a sample has, where those are the items.
    pub blocks: Option<usize>,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The scale of each channel; without it, 1.
    pub gamma: Option<&'a [f32]>,
    /// The shift of each channel; without it, 0.
    pub beta: Option<&'a [f32]>,
    /// The moving mean of each channel.
    pub moving_mean: &'a [f32],
    /// The moving variance of each channel.
    pub moving_variance: &'a [f32],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for MovingNormalize<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let of = |values: &[f32]| of_channels(simd, values, channel, self.blocks);
            let deviation = simd.sqrt(simd.add(of(self.moving_variance), simd.splat(self.epsilon)));
            let scale = simd.div(self.gamma.map_or(simd.splat(1.0), of), deviation);
            let beta = self.beta.map_or(simd.zero(), of);
            let mean = of(self.moving_mean);
            for at in channel * self.positions..(channel + 1) * self.positions {
                let x = simd.sub(simd.load(&self.input[at]), mean);
                simd.store(self.output.row(at), simd.fma(x, scale, beta));
            }
        }
    }
}

/// Its gradient: `dinput = doutput gamma / sqrt(moving_variance + epsilon)`. One item: a channel.
pub struct MovingNormalizeBackward<'a> {
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Added to the variance before its root is taken.
    pub epsilon: f32,
    /// The scale of each channel; without it, 1.
    pub gamma: Option<&'a [f32]>,
    /// The moving variance of each channel.
    pub moving_variance: &'a [f32],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for MovingNormalizeBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let deviation = (self.moving_variance[channel] + self.epsilon).sqrt();
            let scale = simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]) / deviation);
            for at in channel * self.positions..(channel + 1) * self.positions {
                simd.store(self.dinput.row(at), simd.mul(simd.load(&self.doutput[at]), scale));
            }
        }
    }
}
