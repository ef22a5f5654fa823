//! A bias for each channel, where the product before it has none of its own. One item: a channel.

use super::super::memory::{Floats, Output};
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use super::sums::{accumulate_into, sum_of_channel};
use std::ops::Range;

/// `output = input + bias`.
pub struct AddBias<'a> {
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Blocks of sixteen channels that a sample has, where those are the items.
    pub blocks: Option<usize>,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The bias of each channel.
    pub bias: &'a [f32],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for AddBias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let bias = of_channels(simd, self.bias, channel, self.blocks);
            for at in channel * self.positions..(channel + 1) * self.positions {
                simd.store(self.output.row(at), simd.add(simd.load(&self.input[at]), bias));
            }
        }
    }
}

/// `dbias = sum over positions and samples of doutput`; `=` for the first block of a sum, then `+=`.
pub struct Dbias<'a> {
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Where the bias's begin.
    pub bias: usize,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dbias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let sum = sum_of_channel(simd, &self.doutput[channel * self.positions..][..self.positions]);
            let to = self.gradients.part(self.bias + channel..self.bias + channel + 1);
            accumulate_into(to, &[simd.sum(sum)], self.first);
        }
    }
}
