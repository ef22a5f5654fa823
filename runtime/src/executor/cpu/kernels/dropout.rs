//! Values dropped at random. One item: one element of a block.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use crate::random::philox_pairs;
use std::ops::Range;

/// Quads of samples in a row.
const QUADS: usize = LANES / 4;

/// Elements that draw at a time.
const ABREAST: usize = 4;

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
    fn run<S: Simd>(self, simd: S) {
        let (threshold, scale) = (self.threshold, simd.splat(self.scale));
        for first in self.items.clone().step_by(ABREAST) {
            let elements = std::array::from_fn(|at| ((first + at / QUADS) / self.together) as u32);
            let quads = std::array::from_fn(|at| self.quad + (at % QUADS) as u32);
            let words: [[u32; ABREAST * QUADS]; 4] = philox_pairs(elements, quads, self.stream, self.key);
            for (place, item) in (first..self.items.end).take(ABREAST).enumerate() {
                let mut kept = Row([0.0; LANES]);
                for quad in 0..QUADS {
                    for word in 0..4 {
                        let drawn = words[word][place * QUADS + quad];
                        kept.0[quad * 4 + word] = if drawn < threshold { 0.0 } else { 1.0 };
                    }
                }
                let open = simd.greater(simd.load(&kept), simd.zero());
                let made = simd.mul(simd.load(&self.input[item]), scale);
                simd.store(self.output.row(item), simd.select(open, made, simd.zero()));
            }
        }
    }
}
