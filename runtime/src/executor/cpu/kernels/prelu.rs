//! `PReLU`: x above zero, alpha x below; forward, and the gradients of input and alpha. Rows of sixteen samples; all write
//! `=`, gradients `=` for the first block of a sum and `+=` for those that follow.

use super::super::memory::{Floats, Output};
use super::super::simd::{Row, Simd, SimdKernel};
use super::sums::{ONE_SUM, accumulate_into};
use compiler::ops::prelu::PreluGeometry;
use std::ops::Range;

/// One item: one element.
pub struct Prelu<'a> {
    /// Channels, sizes and window of the layer.
    pub geometry: &'a PreluGeometry,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The variable: the slopes below zero, one for each element, or for those that share one.
    pub alpha: &'a [f32],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Prelu<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let x = simd.load(&self.input[item]);
            let below = simd.mul(x, simd.splat(self.alpha[self.geometry.alpha_of(item)]));
            let made = simd.select(simd.greater(x, simd.zero()), x, below);
            simd.store(self.output.row(item), made);
        }
    }
}

/// The gradient of the input, which at zero has none. One item: one element.
pub struct PreluBackward<'a> {
    /// Channels, sizes and window of the layer.
    pub geometry: &'a PreluGeometry,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The variable: the slopes below zero, one for each element, or for those that share one.
    pub alpha: &'a [f32],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for PreluBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let zero = simd.zero();
        for item in self.items {
            let (x, d) = (simd.load(&self.input[item]), simd.load(&self.doutput[item]));
            let below = simd.mul(d, simd.splat(self.alpha[self.geometry.alpha_of(item)]));
            let below = simd.select(simd.greater(zero, x), below, zero);
            simd.store(self.dinput.row(item), simd.select(simd.greater(x, zero), d, below));
        }
    }
}

/// `dalpha = sum of doutput x where x is below zero`. One item: an alpha.
pub struct Dalpha<'a> {
    /// Channels, sizes and window of the layer.
    pub geometry: &'a PreluGeometry,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Where the gradients of alpha begin in `gradients`, in floats.
    pub alpha: usize,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dalpha<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let (mut sum, mut sum_of_part) = (simd.zero(), simd.zero());
            for (place, at) in self.geometry.elements_of(item).enumerate() {
                if place % ONE_SUM == 0 {
                    sum = simd.add(sum, sum_of_part);
                    sum_of_part = simd.zero();
                }
                let below = simd.min(simd.load(&self.input[at]), simd.zero());
                sum_of_part = simd.fma(simd.load(&self.doutput[at]), below, sum_of_part);
            }
            sum = simd.add(sum, sum_of_part);
            let at = self.alpha + self.geometry.place_of(item);
            accumulate_into(self.gradients.part(at..at + 1), &[simd.sum(sum)], self.first);
        }
    }
}
