//! What a layer's output adds to the loss, and the step back.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use std::ops::Range;

/// `sum = l1 |x| + l2 x^2` over the elements of a chunk. One item: one chunk.
pub struct Chunks<'a> {
    /// The factor of absolute values.
    pub l1: f32,
    /// The factor of squares.
    pub l2: f32,
    /// Elements of a chunk; the last may have fewer.
    pub chunk: usize,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Made, one row a chunk.
    pub sums: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Chunks<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (l1, l2) = (simd.splat(self.l1), simd.splat(self.l2));
        for item in self.items {
            let end = ((item + 1) * self.chunk).min(self.input.len());
            let mut sum = simd.zero();
            for row in &self.input[item * self.chunk..end] {
                let x = simd.load(row);
                let absolute = simd.max(x, simd.sub(simd.zero(), x));
                let terms = simd.add(simd.mul(l1, absolute), simd.mul(simd.mul(l2, x), x));
                sum = simd.add(sum, terms);
            }
            simd.store(self.sums.row(item), sum);
        }
    }
}

/// `dinput = doutput + l1 sign(x) + 2 l2 x` for the real samples. One item: one element.
pub struct Backward<'a> {
    /// The factor of absolute values, over the samples of the batch.
    pub l1: f32,
    /// The factor of squares, over the same.
    pub l2: f32,
    /// Real samples of the block.
    pub count: usize,
    /// What the penalty was taken of.
    pub input: &'a [Row],
    /// The gradient without it.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for item in self.items {
            let (x, d) = (&self.input[item].0, &self.doutput[item].0);
            let slope: [f32; LANES] = std::array::from_fn(|lane| {
                let sign = if x[lane] == 0.0 { 0.0 } else { x[lane].signum() };
                self.l1 * sign + 2.0 * self.l2 * x[lane]
            });
            *self.dinput.row(item) = Row(std::array::from_fn(|lane| {
                d[lane] + if lane < self.count { slope[lane] } else { 0.0 }
            }));
        }
    }
}
