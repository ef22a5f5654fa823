//! Sixteen samples of sixteen channels, turned: channel by channel, or sample by sample.

use super::super::super::memory::Output;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use std::ops::Range;

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
    fn run<S: Simd>(self, _: S) {
        let blocks = self.channels.div_ceil(LANES);
        let first = self.block * LANES;
        let width = LANES.min(self.channels - first);
        let blocked = |sample: usize, position: usize| (sample * blocks + self.block) * self.positions + position;
        let innermost = |channel: usize, position: usize| (first + channel) * self.positions + position;
        for position in self.part {
            let mut tile = [[0.0; LANES]; LANES];
            match self.way {
                Way::Innermost => {
                    for (sample, lanes) in tile.iter_mut().enumerate().take(self.samples) {
                        *lanes = self.input[blocked(sample, position)].0;
                    }
                    let turned = if self.samples > 4 {
                        transposed(tile)
                    } else {
                        columns(&tile, self.samples)
                    };
                    for (channel, lanes) in turned.into_iter().enumerate().take(width) {
                        self.output.row(innermost(channel, position)).0 = lanes;
                    }
                }
                Way::Blocked => {
                    for (channel, lanes) in tile.iter_mut().enumerate().take(width) {
                        *lanes = self.input[innermost(channel, position)].0;
                    }
                    let turned = transposed(tile);
                    for (sample, lanes) in turned.into_iter().enumerate().take(self.samples) {
                        self.output.row(blocked(sample, position)).0 = lanes;
                    }
                }
            }
        }
    }
}

/// Few rows become columns.
#[inline(always)]
fn columns(tile: &[[f32; LANES]; LANES], rows: usize) -> [[f32; LANES]; LANES] {
    let mut turned = [[0.0; LANES]; LANES];
    for (row, lanes) in tile.iter().enumerate().take(rows) {
        for column in 0..LANES {
            turned[column][row] = lanes[column];
        }
    }
    turned
}

/// Rows become columns, in four rounds of interleaving the upper half with the lower.
#[inline(always)]
fn transposed(mut tile: [[f32; LANES]; LANES]) -> [[f32; LANES]; LANES] {
    for _ in 0..4 {
        let mut next = [[0.0; LANES]; LANES];
        for row in 0..LANES / 2 {
            for column in 0..LANES / 2 {
                next[2 * row][2 * column] = tile[row][column];
                next[2 * row][2 * column + 1] = tile[row + LANES / 2][column];
                next[2 * row + 1][2 * column] = tile[row][column + LANES / 2];
                next[2 * row + 1][2 * column + 1] = tile[row + LANES / 2][column + LANES / 2];
            }
        }
        tile = next;
    }
    tile
}
