//! Sixteen samples of sixteen channels, turned: channel by channel, or sample by sample.

use super::super::super::memory::Output;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use std::ops::Range;

/// Samples that are sooner turned one by one.
const FEW: usize = 4;

/// The layout that a tensor is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `[channel][position]`, a row has sixteen samples.
    Innermost,
    /// `[sample][channel / 16][position]`, a row has sixteen channels.
    Blocked,
}

/// Some positions of a block of sixteen channels.
pub struct Turn<'a> {
    /// The layout that the tensor is turned into; it is read in the other.
    pub way: Way,
    /// How many channels the tensor has.
    pub channels: usize,
    /// How many positions the tensor has: height times width.
    pub positions: usize,
    /// Samples; batch-innermost, the lanes behind them become zero.
    pub samples: usize,
    /// The block of channels.
    pub block: usize,
    /// The positions that this call turns.
    pub part: Range<usize>,
    /// Read: the whole tensor, in the layout that it is turned from.
    pub input: &'a [Row],
    /// Written: the whole tensor, in the layout that it is turned into.
    pub output: Output<'a, Row>,
}

impl SimdKernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let blocks = self.channels.div_ceil(LANES);
        let first = self.block * LANES;
        let width = LANES.min(self.channels - first);
        let blocked = |sample: usize, position: usize| (sample * blocks + self.block) * self.positions + position;
        let innermost = |channel: usize, position: usize| (first + channel) * self.positions + position;
        for position in self.part {
            match self.way {
                Way::Innermost if self.samples <= FEW => {
                    // Straight to their places: rows that are put together first are read before the processor has written them.
                    for channel in 0..width {
                        simd.store(self.output.row(innermost(channel, position)), simd.zero());
                    }
                    for sample in 0..self.samples {
                        let from = &self.input[blocked(sample, position)];
                        for channel in 0..width {
                            self.output.row(innermost(channel, position)).0[sample] = from.0[channel];
                        }
                    }
                }
                Way::Innermost => {
                    let mut square = [simd.zero(); LANES];
                    for (sample, lanes) in square.iter_mut().enumerate().take(self.samples) {
                        *lanes = simd.load(&self.input[blocked(sample, position)]);
                    }
                    for (channel, lanes) in simd.transpose(square).into_iter().enumerate().take(width) {
                        simd.store(self.output.row(innermost(channel, position)), lanes);
                    }
                }
                Way::Blocked => {
                    let mut square = [simd.zero(); LANES];
                    for (channel, lanes) in square.iter_mut().enumerate().take(width) {
                        *lanes = simd.load(&self.input[innermost(channel, position)]);
                    }
                    for (sample, lanes) in simd.transpose(square).into_iter().enumerate().take(self.samples) {
                        simd.store(self.output.row(blocked(sample, position)), lanes);
                    }
                }
            }
        }
    }
}
