//! Values dropped at random. One item: one element of a block.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use crate::random::philox_quads;
use std::ops::Range;

/// Quads of samples in a row.
const QUADS: usize = LANES / 4;

/// `output = input * scale` where the word of element and sample reaches the threshold, else 0.
pub struct Drop<'a> {
    /// The key of the training step, which differs from step to step.
    pub key: [u32; 2],
    /// The stream of the layer, which no other layer draws from.
    pub stream: [u32; 2],
    /// How many elements in a row are dropped or kept together.
    pub together: usize,
    /// The place of the block's first four samples in the batch, counted in quads.
    pub quad: u32,
    /// Below which word a value is dropped.
    pub threshold: u32,
    /// What the others are multiplied by.
    pub scale: f32,
    /// The values, or the gradients of what was made of them.
    pub input: &'a [Row],
    /// What is left of them.
    pub output: Output<'a, Row>,
    /// The elements whose turn it is.
    pub items: Range<usize>,
}

impl SimdKernel for Drop<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let quads: [u32; QUADS] = std::array::from_fn(|place| self.quad + place as u32);
        for item in self.items {
            let words = philox_quads((item / self.together) as u32, quads, self.stream, self.key);
            let input = &self.input[item].0;
            *self.output.row(item) = Row(std::array::from_fn(|lane| {
                if words[lane % 4][lane / 4] < self.threshold {
                    0.0
                } else {
                    input[lane] * self.scale
                }
            }));
        }
    }
}
