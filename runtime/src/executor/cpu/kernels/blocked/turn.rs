//! Sixteen samples of sixteen channels, turned: channel by channel, or sample by sample.

use super::super::super::memory::Output;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use std::ops::Range;

/// Samples that are sooner turned one by one.
const FEW: usize = 4;

/// Into which layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Batch-innermost.
    Innermost,
    /// Channel-blocked.
    Blocked,
}

/// Some positions of a block of sixteen channels.
pub struct Turn<'a> {
    /// Into which layout.
    pub way: Way,
    /// Of the tensor.
    pub channels: usize,
    /// Of the tensor.
    pub positions: usize,
    /// Samples; batch-innermost, the lanes behind them become zero.
    pub samples: usize,
    /// The block of channels.
    pub block: usize,
    /// The positions.
    pub part: Range<usize>,
    /// Taken.
    pub input: &'a [Row],
    /// Made.
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
                    let mut turned = [Row([0.0; LANES]); LANES];
                    for sample in 0..self.samples {
                        for (to, from) in turned.iter_mut().zip(self.input[blocked(sample, position)].0) {
                            to.0[sample] = from;
                        }
                    }
                    for (channel, lanes) in turned.into_iter().enumerate().take(width) {
                        *self.output.row(innermost(channel, position)) = lanes;
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
