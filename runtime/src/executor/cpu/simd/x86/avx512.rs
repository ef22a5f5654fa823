//! The vectors of x86-64 with AVX-512.
#![allow(unsafe_code)]

use super::super::vector::{LANES, Row, Simd, SimdKernel};
// Sixty names that all begin with _mm.
#[allow(clippy::wildcard_imports)]
use std::arch::x86_64::*;

/// 512-bit vectors; a value of this type proves that the CPU has AVX-512 F, BW and VL, which all but the Xeon Phi have
/// together.
#[derive(Debug, Clone, Copy)]
pub struct Avx512(());

impl Avx512 {
    /// The proof, or `None` where the CPU lacks the instructions.
    pub fn detect() -> Option<Self> {
        let all = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        all.then_some(Self(()))
    }
}

// SAFETY of every block in this implementation: `self` proves AVX-512 F, BW and VL; pointers come from references to rows of
// sixteen floats that are aligned to 64 bytes, and masks keep partial accesses inside their slices.
impl Simd for Avx512 {
    type V = __m512;
    type M = __mmask16;
    type R = __m512;
    const WIDE: bool = true;
    const PIECES: usize = 1;

    #[inline(always)]
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output {
        // Kernels call kernels; each keeps the registers to itself.
        #[inline(never)]
        #[target_feature(enable = "avx512f,avx512bw,avx512vl")]
        fn enabled<K: SimdKernel>(simd: Avx512, kernel: K) -> K::Output {
            kernel.run(simd)
        }
        // SAFETY: `self` proves the features.
        unsafe { enabled(self, kernel) }
    }
    #[inline(always)]
    fn load_piece(self, row: &Row, _: usize) -> Self::R {
        self.load(row)
    }
    #[inline(always)]
    fn store_piece(self, row: &mut Row, _: usize, r: Self::R) {
        self.store(row, r);
    }
    #[inline(always)]
    fn zero_piece(self) -> Self::R {
        self.zero()
    }
    #[inline(always)]
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        self.fma(a, b, c)
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        unsafe { _mm512_set1_ps(value) }
    }
    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        unsafe { _mm512_load_ps(row.0.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, row: &mut Row, v: Self::V) {
        unsafe { _mm512_store_ps(row.0.as_mut_ptr(), v) }
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_add_ps(a, b) }
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_sub_ps(a, b) }
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_mul_ps(a, b) }
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_div_ps(a, b) }
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { _mm512_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_max_ps(a, b) }
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { _mm512_min_ps(a, b) }
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        unsafe { _mm512_sqrt_ps(a) }
    }
    #[inline(always)]
    fn greater(self, a: Self::V, b: Self::V) -> Self::M {
        unsafe { _mm512_cmp_ps_mask::<_CMP_GT_OQ>(a, b) }
    }
    #[inline(always)]
    fn equal(self, a: Self::V, b: Self::V) -> Self::M {
        unsafe { _mm512_cmp_ps_mask::<_CMP_EQ_OQ>(a, b) }
    }
    #[inline(always)]
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        unsafe { _mm512_mask_blend_ps(mask, no, yes) }
    }
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        unsafe {
            let v = _mm512_add_ps(v, _mm512_shuffle_f32x4::<0b00_00_11_10>(v, v));
            let v = _mm512_add_ps(v, _mm512_shuffle_f32x4::<0b00_00_00_01>(v, v));
            let v = _mm512_castps512_ps128(v);
            let v = _mm_add_ps(v, _mm_movehl_ps(v, v));
            _mm_cvtss_f32(_mm_add_ss(v, _mm_shuffle_ps::<1>(v, v)))
        }
    }
    #[inline(always)]
    fn sum4(self, [a, b, c, d]: [Self::V; 4]) -> [f32; 4] {
        // The halves of two vectors are added at once; the order within a sum is that of `sum`.
        unsafe {
            let ab = _mm512_add_ps(
                _mm512_shuffle_f32x4::<0b01_00_01_00>(a, b),
                _mm512_shuffle_f32x4::<0b11_10_11_10>(a, b),
            );
            let cd = _mm512_add_ps(
                _mm512_shuffle_f32x4::<0b01_00_01_00>(c, d),
                _mm512_shuffle_f32x4::<0b11_10_11_10>(c, d),
            );
            let v = _mm512_add_ps(
                _mm512_shuffle_f32x4::<0b10_00_10_00>(ab, cd),
                _mm512_shuffle_f32x4::<0b11_01_11_01>(ab, cd),
            );
            let v = _mm512_add_ps(v, _mm512_permute_ps::<0b01_00_11_10>(v));
            let v = _mm512_add_ps(v, _mm512_permute_ps::<0b10_11_00_01>(v));
            let mut row = Row([0.0; LANES]);
            _mm512_store_ps(row.0.as_mut_ptr(), v);
            [row.0[0], row.0[4], row.0[8], row.0[12]]
        }
    }
    #[inline(always)]
    fn turn_quads(self, rows: [Self::V; 4]) -> [Self::V; 4] {
        unsafe {
            let (a, b) = (
                _mm512_castps_pd(_mm512_unpacklo_ps(rows[0], rows[1])),
                _mm512_castps_pd(_mm512_unpackhi_ps(rows[0], rows[1])),
            );
            let (c, d) = (
                _mm512_castps_pd(_mm512_unpacklo_ps(rows[2], rows[3])),
                _mm512_castps_pd(_mm512_unpackhi_ps(rows[2], rows[3])),
            );
            [
                _mm512_castpd_ps(_mm512_unpacklo_pd(a, c)),
                _mm512_castpd_ps(_mm512_unpackhi_pd(a, c)),
                _mm512_castpd_ps(_mm512_unpacklo_pd(b, d)),
                _mm512_castpd_ps(_mm512_unpackhi_pd(b, d)),
            ]
        }
    }
    #[inline(always)]
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES] {
        let mut made = rows;
        unsafe {
            let mut quads = rows;
            for first in (0..LANES).step_by(4) {
                // Of four rows: quarter q of `quads[first + k]` becomes column 4 q + k.
                let of = [rows[first], rows[first + 1], rows[first + 2], rows[first + 3]];
                [quads[first], quads[first + 1], quads[first + 2], quads[first + 3]] = self.turn_quads(of);
            }
            for k in 0..4 {
                let [a, b, c, d] = [quads[k], quads[4 + k], quads[8 + k], quads[12 + k]];
                let (even, odd) = (
                    _mm512_shuffle_f32x4::<0b10_00_10_00>(a, b),
                    _mm512_shuffle_f32x4::<0b11_01_11_01>(a, b),
                );
                let (even_after, odd_after) = (
                    _mm512_shuffle_f32x4::<0b10_00_10_00>(c, d),
                    _mm512_shuffle_f32x4::<0b11_01_11_01>(c, d),
                );
                made[k] = _mm512_shuffle_f32x4::<0b10_00_10_00>(even, even_after);
                made[4 + k] = _mm512_shuffle_f32x4::<0b10_00_10_00>(odd, odd_after);
                made[8 + k] = _mm512_shuffle_f32x4::<0b11_01_11_01>(even, even_after);
                made[12 + k] = _mm512_shuffle_f32x4::<0b11_01_11_01>(odd, odd_after);
            }
        }
        made
    }
    #[inline(always)]
    fn load_part(self, part: &[f32]) -> Self::V {
        let mask = ((1_u32 << part.len().min(LANES)) - 1) as __mmask16;
        unsafe { _mm512_maskz_loadu_ps(mask, part.as_ptr()) }
    }
    #[inline(always)]
    fn store_part(self, part: &mut [f32], v: Self::V) {
        let mask = ((1_u32 << part.len().min(LANES)) - 1) as __mmask16;
        unsafe { _mm512_mask_storeu_ps(part.as_mut_ptr(), mask, v) }
    }
    #[inline(always)]
    fn power_of_two(self, n: Self::V) -> Self::V {
        unsafe { _mm512_scalef_ps(_mm512_set1_ps(1.0), n) }
    }
    #[inline(always)]
    fn widen(self, bytes: &[u8; LANES]) -> Self::V {
        unsafe { _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128(bytes.as_ptr().cast()))) }
    }
    #[inline(always)]
    fn pick(self, row: &Row, bytes: &[u8; LANES], byte: u8) -> Self::V {
        unsafe {
            let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
            let here = _mm_cmpeq_epi8_mask(bytes, _mm_set1_epi8(byte.cast_signed()));
            // Loads have time to leave lanes out, where arithmetic has none.
            _mm512_maskz_load_ps(here, row.0.as_ptr())
        }
    }
    #[inline(always)]
    fn narrow(self, v: Self::V) -> [u8; LANES] {
        let mut bytes = [0; LANES];
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(_mm512_cvttps_epi32(v))) };
        bytes
    }
}
