//! Values dropped at random. One item: one element of a block.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use crate::random::philox_pairs;
use std::ops::Range;

/// Quads of samples in a row.
const QUADS: usize = LANES / 4;

/// Elements that draw at a time, as many as a quad has words, so that both can be turned.
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
        let scale = simd.splat(self.scale);
        for first in self.items.clone().step_by(ABREAST) {
            let words = self.words(first);
            // Zero where a value is dropped: `[word][quad][element]`.
            let mut kept = [Row([0.0; LANES]); 4];
            for (kept, words) in kept.iter_mut().zip(&words) {
                for lane in 0..LANES {
                    kept.0[lane] = if words[lane] < self.threshold { 0.0 } else { 1.0 };
                }
            }
            let mut turned = [simd.zero(); 4];
            for word in 0..4 {
                turned[word] = simd.load(&kept[word]);
            }
            let kept = simd.turn_quads(turned);
            for (kept, item) in kept.into_iter().zip(first..self.items.end) {
                let made = simd.mul(simd.load(&self.input[item]), scale);
                let open = simd.greater(kept, simd.zero());
                simd.store(self.output.row(item), simd.select(open, made, simd.zero()));
            }
        }
    }
}

impl Drop<'_> {
    /// What some elements draw from `first` on: `[word][quad][element]`.
    #[inline(always)]
    fn words(&self, first: usize) -> [[u32; LANES]; 4] {
        let (mut elements, mut quads) = ([0; LANES], [0; LANES]);
        for at in 0..ABREAST {
            let element = first + at;
            // A division takes as long as a draw.
            let together = if self.together == 1 {
                element
            } else {
                element / self.together
            };
            for quad in 0..QUADS {
                elements[quad * ABREAST + at] = together as u32;
                quads[quad * ABREAST + at] = self.quad + quad as u32;
            }
        }
        philox_pairs(elements, quads, self.stream, self.key)
    }
}
