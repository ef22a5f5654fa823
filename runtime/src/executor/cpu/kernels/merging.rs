//! Two tensors value by value, the gradients of what takes the larger or the smaller, and one tensor times a factor. One item:
//! one element, where nothing else is said.

use super::super::memory::Output;
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use compiler::ops::merge::Merging;
use std::ops::Range;

/// `output = left (function) right`.
pub struct Merge<'a> {
    /// What is made of the two.
    pub function: Merging,
    /// Read: a row has one element of each sample of a block.
    pub left: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub right: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Merge<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let (a, b) = (simd.load(&self.left[item]), simd.load(&self.right[item]));
            let made = match self.function {
                Merging::Multiply => simd.mul(a, b),
                Merging::Subtract => simd.sub(a, b),
                Merging::Maximum => simd.select(simd.greater(b, a), b, a),
                Merging::Minimum => simd.select(simd.greater(a, b), b, a),
            };
            simd.store(self.output.row(item), made);
        }
    }
}

/// The gradient of one of the two where the larger or the smaller is taken: it goes to the one that was, of equals to the
/// left one.
pub struct MergeBackward<'a> {
    /// Whether the larger is taken; else the smaller.
    pub largest: bool,
    /// Whether the gradient of the left one is made.
    pub of_left: bool,
    /// Read: a row has one element of each sample of a block.
    pub left: &'a [Row],
    /// Read: a row has one element of each sample of a block.
    pub right: &'a [Row],
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for MergeBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for item in self.items {
            let (a, b) = (simd.load(&self.left[item]), simd.load(&self.right[item]));
            let right = if self.largest {
                simd.greater(b, a)
            } else {
                simd.greater(a, b)
            };
            let d = simd.load(&self.doutput[item]);
            let made = if self.of_left {
                simd.select(right, simd.zero(), d)
            } else {
                simd.select(right, d, simd.zero())
            };
            simd.store(self.dinput.row(item), made);
        }
    }
}

/// `output = scale input + offset`. One item: a channel.
pub struct Rescale<'a> {
    /// Scales and offsets, one a channel.
    pub factors: [&'a [f32]; 2],
    /// Blocks of sixteen channels that a sample has, where those are the items.
    pub blocks: Option<usize>,
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Rescale<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for channel in self.items {
            let [scale, offset] = self
                .factors
                .map(|values| of_channels(simd, values, channel, self.blocks));
            for at in channel * self.positions..(channel + 1) * self.positions {
                let made = simd.add(simd.mul(simd.load(&self.input[at]), scale), offset);
                simd.store(self.output.row(at), made);
            }
        }
    }
}
