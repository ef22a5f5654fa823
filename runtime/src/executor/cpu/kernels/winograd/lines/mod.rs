//! The transforms of F(4x4, 3x3) and F(4x4, 5x5) along one line, each a polynomial's values at the points or back from them.

pub mod five;
pub mod three;

use super::super::super::simd::Simd;

/// `a b + c`, with a constant.
#[inline(always)]
fn add<S: Simd>(simd: S, a: f32, b: S::V, c: S::V) -> S::V {
    simd.fma(simd.splat(a), b, c)
}

#[inline(always)]
fn times<S: Simd>(simd: S, a: f32, b: S::V) -> S::V {
    simd.mul(simd.splat(a), b)
}
