//! What the tests of the executors share.
// Each test takes what it needs; a failure here is a failed test.
#![allow(
    dead_code,
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    clippy::unused_self
)]

pub mod augmentations;
pub mod compare;
pub mod convolutions;
pub mod losses;
pub mod networks;
pub mod optimizers;
pub mod programs;
pub mod regularizers;
pub mod vocabulary;

pub use cnnc_runtime::reference;

/// A small generator for test data (xorshift64*): the same numbers on every machine.
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % limit
    }

    /// Between -1 and 1, exact in `f32`.
    pub fn number(&mut self) -> f64 {
        self.below(1 << 20) as f64 / f64::from(1 << 19) - 1.0
    }
}
