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
use super::sums::{ONE_SUM, PART, accumulate_into};
use compiler::ops::normalization::{CHUNK, Sets};
use std::ops::Range;

/// Chunks that are summed side by side where all of them are whole: each waits for its last sum.
const ABREAST: usize = 4;

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
        // Where chunks lie one behind another, all of them whole, so do those of several sets.
        let whole = self.sets.groups.is_some() && self.sets.count().is_multiple_of(CHUNK);
        let mut item = self.items.start;
        while item < self.items.end {
            if whole && item + ABREAST <= self.items.end {
                self.abreast(simd, item);
                item += ABREAST;
            } else {
                self.one(simd, item);
                item += 1;
            }
        }
    }
}

impl ChunkMoments<'_> {
    #[inline(always)]
    fn one<S: Simd>(&self, simd: S, item: usize) {
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

    /// Whole chunks from `item` on.
    #[inline(always)]
    fn abreast<S: Simd>(&self, simd: S, item: usize) {
        let chunks = &self.input[item * CHUNK..][..ABREAST * CHUNK];
        let mut sums = [simd.zero(); ABREAST];
        for at in 0..CHUNK {
            for of in 0..ABREAST {
                sums[of] = simd.add(sums[of], simd.load(&chunks[of * CHUNK + at]));
            }
        }
        let mut spreads = [simd.zero(); ABREAST];
        let mut means = [simd.zero(); ABREAST];
        for of in 0..ABREAST {
            means[of] = simd.div(sums[of], simd.splat(CHUNK as f32));
        }
        for at in 0..CHUNK {
            for of in 0..ABREAST {
                let d = simd.sub(simd.load(&chunks[of * CHUNK + at]), means[of]);
                spreads[of] = simd.fma(d, d, spreads[of]);
            }
        }
        for of in 0..ABREAST {
            simd.store(self.moments.row(2 * (item + of)), means[of]);
            simd.store(self.moments.row(2 * (item + of) + 1), spreads[of]);
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
        for channel in self.items.clone() {
            let gamma = simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]));
            let beta = simd.splat(self.beta.map_or(0.0, |beta| beta[channel]));
            let places = channel * positions..(channel + 1) * positions;
            if let Some(set) = self.sets.set_of_channel(channel) {
                let statistics = Statistics::of(simd, self.statistics, set);
                for at in places {
                    self.element(simd, at, statistics, (gamma, beta));
                }
            } else {
                for (set, at) in places.enumerate() {
                    let statistics = Statistics::of(simd, self.statistics, set);
                    self.element(simd, at, statistics, (gamma, beta));
                }
            }
        }
    }
}

impl Normalize<'_> {
    #[inline(always)]
    fn element<S: Simd>(&self, simd: S, at: usize, statistics: Statistics<S>, (gamma, beta): (S::V, S::V)) {
        let xhat = statistics.xhat(simd, simd.load(&self.input[at]));
        simd.store(self.output.row(at), simd.fma(xhat, gamma, beta));
    }
}

/// The statistics of a set.
#[derive(Clone, Copy)]
struct Statistics<S: Simd> {
    mean: S::V,
    /// 1 / deviation.
    inverse: S::V,
}

impl<S: Simd> Statistics<S> {
    #[inline(always)]
    fn of(simd: S, statistics: &[Row], set: usize) -> Self {
        Self {
            mean: simd.load(&statistics[2 * set]),
            inverse: simd.load(&statistics[2 * set + 1]),
        }
    }

    #[inline(always)]
    fn xhat(self, simd: S, x: S::V) -> S::V {
        simd.mul(simd.sub(x, self.mean), self.inverse)
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
        for item in self.items.clone() {
            let (set, chunk) = (item / self.sets.chunks(), item % self.sets.chunks());
            let Statistics { mean, inverse } = Statistics::of(simd, self.statistics, set);
            let mut sums = (simd.zero(), simd.zero());
            if self.sets.groups == Some(self.sets.channels) {
                // A set is a channel.
                let gamma = self.gamma(simd, set);
                for at in self.sets.elements(set, chunk) {
                    sums = self.element(simd, at, mean, gamma, sums);
                }
            } else {
                for at in self.sets.elements(set, chunk) {
                    let gamma = self.gamma(simd, at / self.sets.positions);
                    sums = self.element(simd, at, mean, gamma, sums);
                }
            }
            simd.store(self.sums.row(2 * item), sums.0);
            simd.store(self.sums.row(2 * item + 1), simd.mul(sums.1, inverse));
        }
    }
}

impl ChunkSums<'_> {
    #[inline(always)]
    fn gamma<S: Simd>(&self, simd: S, channel: usize) -> S::V {
        simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]))
    }

    /// Adds those of an element to the sums of g and of g (input - mean).
    #[inline(always)]
    fn element<S: Simd>(
        &self,
        simd: S,
        at: usize,
        mean: S::V,
        gamma: S::V,
        (sum, product): (S::V, S::V),
    ) -> (S::V, S::V) {
        let g = simd.mul(simd.load(&self.doutput[at]), gamma);
        let x = simd.sub(simd.load(&self.input[at]), mean);
        (simd.add(sum, g), simd.fma(g, x, product))
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
        for channel in self.items.clone() {
            let gamma = simd.splat(self.gamma.map_or(1.0, |gamma| gamma[channel]));
            let places = channel * positions..(channel + 1) * positions;
            if let Some(set) = self.sets.set_of_channel(channel) {
                let (statistics, means) = self.of_set(simd, set);
                for at in places {
                    self.element(simd, at, gamma, statistics, means);
                }
            } else {
                for (set, at) in places.enumerate() {
                    let (statistics, means) = self.of_set(simd, set);
                    self.element(simd, at, gamma, statistics, means);
                }
            }
        }
    }
}

impl NormalizeBackward<'_> {
    /// The statistics of a set, and its means.
    #[inline(always)]
    fn of_set<S: Simd>(&self, simd: S, set: usize) -> (Statistics<S>, (S::V, S::V)) {
        let means = (simd.load(&self.means[2 * set]), simd.load(&self.means[2 * set + 1]));
        (Statistics::of(simd, self.statistics, set), means)
    }

    #[inline(always)]
    fn element<S: Simd>(
        &self,
        simd: S,
        at: usize,
        gamma: S::V,
        statistics: Statistics<S>,
        (mean, mean_of_product): (S::V, S::V),
    ) {
        let xhat = statistics.xhat(simd, simd.load(&self.input[at]));
        let g = simd.sub(simd.mul(simd.load(&self.doutput[at]), gamma), mean);
        let rest = simd.sub(g, simd.mul(xhat, mean_of_product));
        simd.store(self.dinput.row(at), simd.mul(rest, statistics.inverse));
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
        let part = if positions > ONE_SUM { PART } else { ONE_SUM };
        for channel in self.items.clone() {
            let (mut sum, mut product) = (simd.zero(), simd.zero());
            let of_channel = self
                .sets
                .set_of_channel(channel)
                .map(|set| Statistics::of(simd, self.statistics, set));
            for start in (0..positions).step_by(part) {
                let part = start..positions.min(start + part);
                let first = channel * positions;
                let mut sums = (simd.zero(), simd.zero());
                if let Some(statistics) = of_channel {
                    for position in part {
                        sums = self.element(simd, first + position, statistics, sums);
                    }
                } else {
                    for position in part {
                        let statistics = Statistics::of(simd, self.statistics, position);
                        sums = self.element(simd, first + position, statistics, sums);
                    }
                }
                sum = simd.add(sum, sums.0);
                product = simd.add(product, sums.1);
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

impl Dgamma<'_> {
    /// Adds those of an element to the sums of doutput and of doutput xhat.
    #[inline(always)]
    fn element<S: Simd>(
        &self,
        simd: S,
        at: usize,
        statistics: Statistics<S>,
        (sum, product): (S::V, S::V),
    ) -> (S::V, S::V) {
        let xhat = statistics.xhat(simd, simd.load(&self.input[at]));
        let d = simd.load(&self.doutput[at]);
        (simd.add(sum, d), simd.fma(d, xhat, product))
    }
}
