//! Arrays in place of vectors.

use super::vector::{Kernel, LANES, Row, Simd};

/// Arrays, for any CPU.
#[derive(Debug, Clone, Copy)]
pub struct Portable;

#[inline(always)]
fn zip(a: [f32; LANES], b: [f32; LANES], f: impl Fn(f32, f32) -> f32) -> [f32; LANES] {
    let mut made = a;
    for (a, b) in made.iter_mut().zip(b) {
        *a = f(*a, b);
    }
    made
}

impl Simd for Portable {
    type V = [f32; LANES];
    type M = [u32; LANES];
    type R = [f32; 4];
    const WIDE: bool = false;
    const PIECES: usize = 4;

    #[inline(never)]
    fn call<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }
    #[inline(always)]
    fn load_piece(self, row: &Row, piece: usize) -> Self::R {
        row.0.as_chunks().0[piece]
    }
    #[inline(always)]
    fn store_piece(self, row: &mut Row, piece: usize, r: Self::R) {
        row.0.as_chunks_mut().0[piece] = r;
    }
    #[inline(always)]
    fn zero_piece(self) -> Self::R {
        [0.0; 4]
    }
    #[inline(always)]
    fn fma_piece(self, a: Self::R, b: Self::R, c: Self::R) -> Self::R {
        let mut made = c;
        for lane in 0..4 {
            made[lane] += a[lane] * b[lane];
        }
        made
    }
    #[inline(always)]
    fn splat(self, value: f32) -> Self::V {
        [value; LANES]
    }
    #[inline(always)]
    fn load(self, row: &Row) -> Self::V {
        row.0
    }
    #[inline(always)]
    fn store(self, row: &mut Row, v: Self::V) {
        row.0 = v;
    }
    #[inline(always)]
    fn add(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| a / b)
    }
    #[inline(always)]
    fn fma(self, a: Self::V, b: Self::V, c: Self::V) -> Self::V {
        // `mul_add` is a library call where the instruction is not assumed.
        self.add(self.mul(a, b), c)
    }
    #[inline(always)]
    fn max(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a > b { a } else { b })
    }
    #[inline(always)]
    fn min(self, a: Self::V, b: Self::V) -> Self::V {
        zip(a, b, |a, b| if a < b { a } else { b })
    }
    #[inline(always)]
    fn sqrt(self, a: Self::V) -> Self::V {
        a.map(f32::sqrt)
    }
    #[inline(always)]
    fn greater(self, a: Self::V, b: Self::V) -> Self::M {
        zip(a, b, |a, b| f32::from_bits(u32::from(a > b).wrapping_neg())).map(f32::to_bits)
    }
    #[inline(always)]
    #[allow(clippy::float_cmp)]
    fn equal(self, a: Self::V, b: Self::V) -> Self::M {
        zip(a, b, |a, b| f32::from_bits(u32::from(a == b).wrapping_neg())).map(f32::to_bits)
    }
    #[inline(always)]
    fn select(self, mask: Self::M, yes: Self::V, no: Self::V) -> Self::V {
        let mut made = no;
        for ((to, yes), mask) in made.iter_mut().zip(yes).zip(mask) {
            *to = if mask == 0 { *to } else { yes };
        }
        made
    }
}
