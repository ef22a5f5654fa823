//! Normalization by moving statistics, forward and backward. Rows of sixteen samples; all write `=`.

use super::super::memory::Output;
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use std::ops::Range;

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
