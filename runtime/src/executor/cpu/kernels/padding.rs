//! Maps moved within larger or smaller ones: zeros around them, or parts of them.

use super::super::memory::Output;
use super::super::simd::{Row, Simd, SimdKernel};
use std::ops::Range;

/// `output[row][column] = input[row - top][column - left]`, zero where there is no such cell. One item: a row of a channel
/// of the output.
pub struct Shift<'a> {
    /// Rows and columns of the input.
    pub from: (usize, usize),
    /// Rows and columns of the output.
    pub to: (usize, usize),
    /// Rows and columns before the input's first; negative where that many are left out.
    pub before: (isize, isize),
    /// Read: `[channel][row][column]`, of the sizes `from`.
    pub input: &'a [Row],
    /// Written: `[channel][row][column]`, of the sizes `to`.
    pub output: Output<'a, Row>,
    /// Rows of the output, over all channels.
    pub items: Range<usize>,
}

impl SimdKernel for Shift<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let inside = |at: usize, before: isize, size: usize| at.checked_add_signed(-before).filter(|&at| at < size);
        for item in self.items {
            let (channel, row) = (item / self.to.0, item % self.to.0);
            let row = inside(row, self.before.0, self.from.0);
            let from = row.map(|row| &self.input[(channel * self.from.0 + row) * self.from.1..][..self.from.1]);
            for column in 0..self.to.1 {
                let cell = inside(column, self.before.1, self.from.1);
                let value = match (from, cell) {
                    (Some(from), Some(cell)) => simd.load(&from[cell]),
                    _ => simd.zero(),
                };
                simd.store(self.output.row(item * self.to.1 + column), value);
            }
        }
    }
}
