//! The vectors of x86-64 with AVX2.
#![allow(unsafe_code)]

use super::super::vector::{LANES, Row, Simd, SimdKernel};
// Sixty names that all begin with _mm.
#[allow(clippy::wildcard_imports)]
use std::arch::x86_64::*;

/// 256-bit vectors; a value of this type proves that the CPU has AVX2 and FMA.
#[derive(Debug, Clone, Copy)]
pub struct Avx2(());

impl Avx2 {
    /// The proof, or `None` where the CPU lacks the instructions.
    pub fn detect() -> Option<Self> {
        (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Self(()))
    }

    /// Eight registers turned.
    #[inline(always)]
    #[allow(clippy::unused_self, reason = "it proves the instructions")]
    fn transpose_eight(self, rows: [__m256; 8]) -> [__m256; 8] {
        // Pairs of rows, then fours of them, of either half of the lanes.
        let (mut pairs, mut fours, mut made) = (rows, rows, rows);
        for at in [0, 2, 4, 6] {
            // SAFETY: `self` proves AVX2, of whose registers alone this is made.
            unsafe {
                pairs[at] = _mm256_unpacklo_ps(rows[at], rows[at + 1]);
                pairs[at + 1] = _mm256_unpackhi_ps(rows[at], rows[at + 1]);
            }
        }
        for first in [0, 4] {
            for at in 0..2 {
                let (low, high) = (pairs[first + at], pairs[first + at + 2]);
                // SAFETY: as above.
                unsafe {
                    fours[first + 2 * at] = _mm256_shuffle_ps::<0b01_00_01_00>(low, high);
                    fours[first + 2 * at + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(low, high);
                }
            }
        }
        for at in 0..4 {
            // SAFETY: as above.
            unsafe {
                made[at] = _mm256_permute2f128_ps::<0x20>(fours[at], fours[at + 4]);
                made[at + 4] = _mm256_permute2f128_ps::<0x31>(fours[at], fours[at + 4]);
            }
        }
        made
    }
}

// SAFETY of every block in this implementation: `self` proves AVX2 and FMA; pointers come from references to rows of
// sixteen floats that are aligned to 64 bytes.
impl Simd for Avx2 {
    type V = [__m256; 2];
    type M = [__m256; 2];
    type R = __m256;
    const WIDE: bool = false;
    const PIECES: usize = 2;

    #[inline(always)]
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output {
        // Kernels call kernels; each keeps the registers to itself.
        #[inline(never)]
        #[target_feature(enable = "avx2,fma")]
        fn enabled<K: SimdKernel>(simd: Avx2, kernel: K) -> K::Output {
            kernel.run(simd)
        }
        // SAFETY: `self` proves the features.
        unsafe { enabled(self, kernel) }
    }
    #[inline(always)]
    fn load_piece(self, row: &Row, piece: usize) -> Self::R {
        let piece: &[f32; 8] = &row.0.as_chunks().0[piece];
        unsafe { _mm256_load_ps(piece.as_ptr()) }
    }
    #[inline(always)]
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R) {
        let piece: &mut [f32; 8] = &mut row.0.as_chunks_mut().0[piece];
        unsafe { _mm256_store_ps(piece.as_mut_ptr(), r) }
    }
    #[inline(always)]
    fn zero_piece(self) -> Self::R {
        unsafe { _mm256_setzero_ps() }
    }
    #[inline(always)]
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        unsafe { _mm256_fmadd_ps(a, b, c) }
    }
    #[inline(always)]
    fn transpose(self, rows: [Self::V; LANES]) -> [Self::V; LANES] {
        let mut made = rows;
        for down in 0..2 {
            for across in 0..2 {
                let mut square = [rows[0][0]; 8];
                for at in 0..8 {
                    square[at] = rows[down * 8 + at][across];
                }
                let square = self.transpose_eight(square);
                for at in 0..8 {
                    made[across * 8 + at][down] = square[at];
                }
            }
        }
        made
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        unsafe { [_mm256_set1_ps(value); 2] }
    }
    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        unsafe { [_mm256_load_ps(row.0.as_ptr()), _mm256_load_ps(row.0.as_ptr().add(8))] }
    }
    #[inline(always)]
    fn store(self, row: &mut Row, v: Self::V) {
        unsafe {
            _mm256_store_ps(row.0.as_mut_ptr(), v[0]);
            _mm256_store_ps(row.0.as_mut_ptr().add(8), v[1]);
        }
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_add_ps(a[0], b[0]), _mm256_add_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_sub_ps(a[0], b[0]), _mm256_sub_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_div_ps(a[0], b[0]), _mm256_div_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        unsafe { [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])] }
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_max_ps(a[0], b[0]), _mm256_max_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        unsafe { [_mm256_min_ps(a[0], b[0]), _mm256_min_ps(a[1], b[1])] }
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        unsafe { [_mm256_sqrt_ps(a[0]), _mm256_sqrt_ps(a[1])] }
    }
    #[inline(always)]
    fn greater(self, a: Self::V, b: Self::V) -> Self::M {
        unsafe {
            [
                _mm256_cmp_ps::<_CMP_GT_OQ>(a[0], b[0]),
                _mm256_cmp_ps::<_CMP_GT_OQ>(a[1], b[1]),
            ]
        }
    }
    #[inline(always)]
    fn equal(self, a: Self::V, b: Self::V) -> Self::M {
        unsafe {
            [
                _mm256_cmp_ps::<_CMP_EQ_OQ>(a[0], b[0]),
                _mm256_cmp_ps::<_CMP_EQ_OQ>(a[1], b[1]),
            ]
        }
    }
    #[inline(always)]
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        unsafe {
            [
                _mm256_blendv_ps(no[0], yes[0], mask[0]),
                _mm256_blendv_ps(no[1], yes[1], mask[1]),
            ]
        }
    }
    #[inline(always)]
    fn power_of_two(self, n: Self::V) -> Self::V {
        let power = |n| unsafe {
            let biased = _mm256_add_epi32(_mm256_cvttps_epi32(n), _mm256_set1_epi32(127));
            _mm256_castsi256_ps(_mm256_slli_epi32::<23>(biased))
        };
        [power(n[0]), power(n[1])]
    }
    #[inline(always)]
    fn sum(self, v: Self::V) -> f32 {
        unsafe {
            let v = _mm256_add_ps(v[0], v[1]);
            let v = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps::<1>(v));
            let v = _mm_add_ps(v, _mm_movehl_ps(v, v));
            _mm_cvtss_f32(_mm_add_ss(v, _mm_shuffle_ps::<1>(v, v)))
        }
    }
    #[inline(always)]
    fn sum4(self, [a, b, c, d]: [Self::V; 4]) -> [f32; 4] {
        // As for 512 bits: the halves of two vectors are added at once, in the order of `sum`.
        unsafe {
            let (a, b) = (_mm256_add_ps(a[0], a[1]), _mm256_add_ps(b[0], b[1]));
            let (c, d) = (_mm256_add_ps(c[0], c[1]), _mm256_add_ps(d[0], d[1]));
            let ab = _mm256_add_ps(
                _mm256_permute2f128_ps::<0x20>(a, b),
                _mm256_permute2f128_ps::<0x31>(a, b),
            );
            let cd = _mm256_add_ps(
                _mm256_permute2f128_ps::<0x20>(c, d),
                _mm256_permute2f128_ps::<0x31>(c, d),
            );
            let v = _mm256_add_ps(
                _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd),
                _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd),
            );
            let v = _mm256_add_ps(v, _mm256_permute_ps::<0b10_11_00_01>(v));
            let mut row = Row([0.0; LANES]);
            _mm256_store_ps(row.0.as_mut_ptr(), v);
            [row.0[0], row.0[4], row.0[2], row.0[6]]
        }
    }
    #[inline(always)]
    fn load_part(self, part: &[f32]) -> Self::V {
        let count = i32::from(part.len().min(LANES) as u8);
        unsafe {
            let lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let low = _mm256_cmpgt_epi32(_mm256_set1_epi32(count), lanes);
            let high = _mm256_cmpgt_epi32(_mm256_set1_epi32(count - 8), lanes);
            // A masked load never touches what its mask leaves out, wherever that points.
            [
                _mm256_maskload_ps(part.as_ptr(), low),
                _mm256_maskload_ps(part.as_ptr().wrapping_add(8), high),
            ]
        }
    }
    #[inline(always)]
    fn store_part(self, part: &mut [f32], v: Self::V) {
        // Masked stores take a dozen cycles on AMD's processors; quarters of a row do not.
        let (quarters, rest) = part.as_chunks_mut::<4>();
        if rest.is_empty() {
            for (at, to) in quarters.iter_mut().take(4).enumerate() {
                let half = if at < 2 { v[0] } else { v[1] };
                unsafe {
                    let quarter = if at % 2 == 0 {
                        _mm256_castps256_ps128(half)
                    } else {
                        _mm256_extractf128_ps::<1>(half)
                    };
                    _mm_storeu_ps(to.as_mut_ptr(), quarter);
                }
            }
            return;
        }
        for (to, from) in part.iter_mut().zip(self.lanes(v)) {
            *to = from;
        }
    }
    #[inline(always)]
    fn widen(self, bytes: &[u8; LANES]) -> Self::V {
        unsafe {
            let bytes = _mm_loadu_si128(bytes.as_ptr().cast());
            [
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)),
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128::<8>(bytes))),
            ]
        }
    }
    #[inline(always)]
    fn turn_quads(self, rows: [Self::V; 4]) -> [Self::V; 4] {
        let mut made = rows;
        for half in 0..2 {
            let [p, q, r, s] = rows.map(|row| row[half]);
            unsafe {
                let (a, b) = (
                    _mm256_castps_pd(_mm256_unpacklo_ps(p, q)),
                    _mm256_castps_pd(_mm256_unpackhi_ps(p, q)),
                );
                let (c, d) = (
                    _mm256_castps_pd(_mm256_unpacklo_ps(r, s)),
                    _mm256_castps_pd(_mm256_unpackhi_ps(r, s)),
                );
                made[0][half] = _mm256_castpd_ps(_mm256_unpacklo_pd(a, c));
                made[1][half] = _mm256_castpd_ps(_mm256_unpackhi_pd(a, c));
                made[2][half] = _mm256_castpd_ps(_mm256_unpacklo_pd(b, d));
                made[3][half] = _mm256_castpd_ps(_mm256_unpackhi_pd(b, d));
            }
        }
        made
    }
    #[inline(always)]
    fn narrow(self, v: Self::V) -> [u8; LANES] {
        let mut bytes = [0; LANES];
        unsafe {
            let words = _mm256_packs_epi32(_mm256_cvttps_epi32(v[0]), _mm256_cvttps_epi32(v[1]));
            let words = _mm256_permute4x64_epi64::<0b11_01_10_00>(words);
            let narrow = _mm_packus_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256::<1>(words));
            _mm_storeu_si128(bytes.as_mut_ptr().cast(), narrow);
        }
        bytes
    }
}
