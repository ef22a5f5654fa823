//! Sixteen rows turned into sixteen columns, for AVX-512.
#![allow(unsafe_code)]

use std::arch::x86_64::{
    __m512, _mm512_castpd_ps, _mm512_castps_pd, _mm512_shuffle_f32x4, _mm512_unpackhi_pd, _mm512_unpackhi_ps,
    _mm512_unpacklo_pd, _mm512_unpacklo_ps,
};

/// Lane `i` of line `j` becomes lane `j` of line `i`.
///
/// # Safety
/// The CPU has AVX-512.
#[inline(always)]
pub unsafe fn transpose(lines: [__m512; 16]) -> [__m512; 16] {
    // SAFETY: the caller's promise.
    unsafe {
        // Within each quarter of the lines: four by four.
        let mut quads = lines;
        for four in 0..4 {
            let (a, b) = (lines[four * 4], lines[four * 4 + 1]);
            let (c, d) = (lines[four * 4 + 2], lines[four * 4 + 3]);
            let (ab, ab_high) = (_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
            let (cd, cd_high) = (_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
            let low = (_mm512_castps_pd(ab), _mm512_castps_pd(cd));
            let high = (_mm512_castps_pd(ab_high), _mm512_castps_pd(cd_high));
            quads[four * 4] = _mm512_castpd_ps(_mm512_unpacklo_pd(low.0, low.1));
            quads[four * 4 + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(low.0, low.1));
            quads[four * 4 + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(high.0, high.1));
            quads[four * 4 + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(high.0, high.1));
        }
        // And the quarters among each other.
        let mut turned = quads;
        for lane in 0..4 {
            let (a, b) = (quads[lane], quads[4 + lane]);
            let (c, d) = (quads[8 + lane], quads[12 + lane]);
            let (even, odd) = (_mm512_shuffle_f32x4::<0x88>(a, b), _mm512_shuffle_f32x4::<0xdd>(a, b));
            let (even_high, odd_high) = (_mm512_shuffle_f32x4::<0x88>(c, d), _mm512_shuffle_f32x4::<0xdd>(c, d));
            let made = [
                _mm512_shuffle_f32x4::<0x88>(even, even_high),
                _mm512_shuffle_f32x4::<0x88>(odd, odd_high),
                _mm512_shuffle_f32x4::<0xdd>(even, even_high),
                _mm512_shuffle_f32x4::<0xdd>(odd, odd_high),
            ];
            for (quarter, made) in made.into_iter().enumerate() {
                turned[quarter * 4 + lane] = made;
            }
        }
        turned
    }
}
