//! The vectors of 64-bit ARM: NEON.
#![allow(unsafe_code)]

use super::vector::{Row, Simd, SimdKernel};
#[allow(clippy::wildcard_imports)]
use std::arch::aarch64::*;
use std::array::from_fn;

/// 128-bit vectors; a value of this type proves that the CPU has NEON.
#[derive(Debug, Clone, Copy)]
pub struct Neon(());

impl Neon {
    /// The proof, or `None` where the CPU lacks the instructions.
    pub fn detect() -> Option<Self> {
        std::arch::is_aarch64_feature_detected!("neon").then_some(Self(()))
    }
}

// SAFETY of every block in this implementation: `self` proves NEON; pointers come from references to rows of sixteen
// floats.
impl Simd for Neon {
    type V = [float32x4_t; 4];
    type M = [uint32x4_t; 4];
    type R = float32x4_t;
    const WIDE: bool = false;
    const PIECES: usize = 4;

    #[inline(always)]
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output {
        // Kernels call kernels; each keeps the registers to itself.
        #[inline(never)]
        #[target_feature(enable = "neon")]
        fn enabled<K: SimdKernel>(simd: Neon, kernel: K) -> K::Output {
            kernel.run(simd)
        }
        // SAFETY: `self` proves the feature.
        unsafe { enabled(self, kernel) }
    }
    #[inline(always)]
    fn load_piece(self, row: &Row, piece: usize) -> Self::R {
        let piece: &[f32; 4] = &row.0.as_chunks().0[piece];
        unsafe { vld1q_f32(piece.as_ptr()) }
    }
    #[inline(always)]
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R) {
        let piece: &mut [f32; 4] = &mut row.0.as_chunks_mut().0[piece];
        unsafe { vst1q_f32(piece.as_mut_ptr(), r) }
    }
    #[inline(always)]
    fn zero_piece(self) -> Self::R {
        unsafe { vdupq_n_f32(0.0) }
    }
    #[inline(always)]
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        unsafe { vfmaq_f32(c, a, b) }
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        unsafe { [vdupq_n_f32(value); 4] }
    }
    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        from_fn(|i| unsafe { vld1q_f32(row.0.as_ptr().add(4 * i)) })
    }
    #[inline(always)]
    fn store(self, row: &mut Row, v: Self::V) {
        for (i, v) in v.into_iter().enumerate() {
            unsafe { vst1q_f32(row.0.as_mut_ptr().add(4 * i), v) }
        }
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vaddq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vsubq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vmulq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vdivq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        from_fn(|i| unsafe { vfmaq_f32(c[i], a[i], b[i]) })
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vmaxq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        from_fn(|i| unsafe { vminq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        from_fn(|i| unsafe { vsqrtq_f32(a[i]) })
    }
    #[inline(always)]
    fn greater(self, a: Self::V, b: Self::V) -> Self::M {
        from_fn(|i| unsafe { vcgtq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn equal(self, a: Self::V, b: Self::V) -> Self::M {
        from_fn(|i| unsafe { vceqq_f32(a[i], b[i]) })
    }
    #[inline(always)]
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        from_fn(|i| unsafe { vbslq_f32(mask[i], yes[i], no[i]) })
    }
}
