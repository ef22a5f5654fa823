//! The numbers that the samples of a block draw, see `compiler/src/ops/draws.rs`.

use super::super::simd::LANES;
use crate::random::philox_pairs;

/// Quads of samples in a row.
const QUADS: usize = LANES / 4;

/// What the random numbers of a block are a function of.
#[derive(Debug, Clone, Copy)]
pub struct Draws {
    /// The key of the training step, which differs from step to step.
    pub key: [u32; 2],
    /// The stream of the layer, which no other layer draws from.
    pub stream: [u32; 2],
    /// The place of the block's first four samples in the batch, counted in quads.
    pub quad: u32,
}

impl Draws {
    /// Those of a block of a batch.
    pub fn of_block(key: [u32; 2], stream: [u32; 2], block: usize) -> Self {
        Self {
            key,
            stream,
            quad: (block * LANES / 4) as u32,
        }
    }

    /// The same from another four samples of the batch on.
    pub fn of_quad(self, quad: u32) -> Self {
        Self { quad, ..self }
    }

    /// Number `index` of each sample, all 32 bits of it.
    #[inline(always)]
    pub fn words(&self, index: u32) -> [u32; LANES] {
        let quads: [u32; QUADS] = std::array::from_fn(|place| self.quad + place as u32);
        let words = philox_pairs([index; QUADS], quads, self.stream, self.key);
        std::array::from_fn(|lane| words[lane % 4][lane / 4])
    }

    /// Number `index` of each sample, from 0 to below 1.
    #[inline(always)]
    pub fn uniforms(&self, index: u32) -> [f32; LANES] {
        self.words(index).map(one)
    }

    /// Number `index` of the first sample of the batch.
    pub fn of_batch(&self, index: u32) -> f32 {
        let [[word], ..] = philox_pairs([index], [0], self.stream, self.key);
        one(word)
    }

    /// Of a mean of 0 and a deviation of 1, from the numbers `index` and `index + 1` (Box and Muller).
    #[inline(always)]
    pub fn normals(&self, index: u32) -> [f32; LANES] {
        let (first, second) = (self.uniforms(index), self.uniforms(index + 1));
        std::array::from_fn(|lane| {
            let radius = (-2.0 * libm::logf(first[lane] + 0.5 * TO_ONE)).sqrt();
            radius * libm::cosf(std::f32::consts::TAU * second[lane])
        })
    }
}

/// 2^-24: what 24 random bits are multiplied by, to lie from 0 to below 1.
pub const TO_ONE: f32 = 1.0 / 16_777_216.0;

/// A word as a number from 0 to below 1.
fn one(word: u32) -> f32 {
    (word >> 8) as f32 * TO_ONE
}

/// A number of a range.
pub fn between([low, high]: [f32; 2], share: f32) -> f32 {
    low + (high - low) * share
}
