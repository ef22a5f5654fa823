//! A bias for each channel, where the product before it has none of its own. One item: a channel.

use super::super::memory::{Floats, Output};
use super::super::simd::{Kernel, Row, Simd};
use super::blocked::of_channels;
use super::dkernel::accumulate_into;
use std::ops::Range;

/// `output = input + bias`.
pub struct AddBias<'a> {
    /// Elements of a channel.
    pub positions: usize,
    /// Blocks of sixteen channels that a sample has, where those are the items.
    pub blocks: Option<usize>,
    /// Taken.
    pub input: &'a [Row],
    /// One a channel.
    pub bias: &'a [f32],
    /// Made.
    pub output: Output<'a, Row>,
    /// Channels.
    pub items: Range<usize>,
}

impl Kernel for AddBias<'_> {
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
    /// Elements of a channel.
    pub positions: usize,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Where sums go.
    pub gradients: Floats<'a>,
    /// Where the bias's begin.
    pub bias: usize,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// Channels.
    pub items: Range<usize>,
}

impl Kernel for Dbias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let mut sum = simd.zero();
            for d in &self.doutput[channel * self.positions..][..self.positions] {
                sum = simd.add(sum, simd.load(d));
            }
            let to = self.gradients.part(self.bias + channel..self.bias + channel + 1);
            accumulate_into(to, &[simd.sum(sum)], self.first);
        }
    }
}
