//! What becomes of a product's sums: bias, relu, the maxima of windows, the gradient step of a relu before it.

use super::super::super::memory::{Codes, Output};
use super::super::super::simd::{Row, Simd};
use super::super::elementwise::Rectifier;
use super::block_of;

/// What is done to sums on their way to memory.
#[derive(Clone, Copy)]
pub struct Finish<'a> {
    /// The bias of each filter.
    pub bias: Option<&'a [f32]>,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// A rectifier that is no part of the product.
    pub rectifier: Option<Rectifier>,
    /// The output of the relu before, where the product is a gradient: zero where that is not positive.
    pub mask: Option<&'a [Row]>,
    /// Written: `[sample][channel / 16][position]`, a row has sixteen channels.
    pub output: Output<'a, Row>,
    /// Which pixel of a window was the maximum.
    pub codes: Option<Output<'a, Codes>>,
}

impl Finish<'_> {
    /// Sixteen biases, zeros where there are none.
    #[inline(always)]
    pub fn bias<S: Simd>(&self, simd: S, block: usize) -> S::V {
        match self.bias {
            Some(bias) => block_of(simd, bias, block),
            None => simd.zero(),
        }
    }

    /// Writes the sum of sixteen filters at a place of the output, after bias, relu, rectifier and mask.
    #[inline(always)]
    pub fn put<S: Simd>(&self, simd: S, place: usize, sum: S::V, bias: S::V) {
        self.put_plain(simd, place, sum, bias);
        // Of a gradient, which has a mask, there is none.
        if let Some(rectifier) = self.rectifier {
            let made = self.output.row(place);
            let rectified = rectifier.of(simd, simd.load(made));
            simd.store(made, rectified);
        }
    }

    /// The same where there is no rectifier, short enough to be written out many times.
    #[inline(always)]
    pub fn put_plain<S: Simd>(&self, simd: S, place: usize, sum: S::V, bias: S::V) {
        let mut made = sum;
        if self.bias.is_some() {
            made = simd.add(made, bias);
        }
        if self.relu {
            made = simd.max(made, simd.zero());
        }
        if let Some(mask) = self.mask {
            let open = simd.greater(simd.load(&mask[place]), simd.zero());
            made = simd.select(open, made, simd.zero());
        }
        simd.store(self.output.row(place), made);
    }

    /// Writes the first of the largest of a window's sums; bias and relu commute with the maximum.
    #[inline(always)]
    pub fn put_largest<S: Simd>(&self, simd: S, place: usize, window: [S::V; 4], bias: S::V) {
        let mut largest = window[0];
        if let Some(codes) = self.codes {
            let mut code = simd.zero();
            for (at, sum) in window.into_iter().enumerate().skip(1) {
                let greater = simd.greater(sum, largest);
                largest = simd.select(greater, sum, largest);
                code = simd.select(greater, simd.splat(at as f32), code);
            }
            codes.row(place).0 = simd.narrow(code);
        } else {
            for sum in &window[1..] {
                largest = simd.max(*sum, largest);
            }
        }
        self.put(simd, place, largest, bias);
    }
}
