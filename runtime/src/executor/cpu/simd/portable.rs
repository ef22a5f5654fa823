//! Arrays in place of vectors.
//!
//! A multiply-add is rounded once, as with the other instruction sets, so that all of them give the same bits. Where the CPU
//! is not known to have the instruction, it is made of double precision, at several times the cost of a product and a sum.

use super::vector::{LANES, Row, Simd, SimdKernel};

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

/// Whether every CPU that this is compiled for multiplies and adds in one instruction.
const FUSES: bool = cfg!(any(
    target_feature = "fma",
    target_arch = "aarch64",
    target_arch = "powerpc64",
    target_arch = "s390x"
));

/// `a b + c`, each rounded once.
#[inline(always)]
fn fused<const N: usize>(a: [f32; N], b: [f32; N], c: [f32; N]) -> [f32; N] {
    if FUSES {
        return std::array::from_fn(|lane| a[lane].mul_add(b[lane], c[lane]));
    }
    // The product is exact in double precision. Its sum is rounded there and once more to single precision, which differs
    // from one rounding only where the first ends in the middle of two floats: those of the lanes are looked at again.
    let mut made = c;
    let mut doubtful = 0_u32;
    for lane in 0..N {
        let sum = f64::from(a[lane]) * f64::from(b[lane]) + f64::from(c[lane]);
        made[lane] = sum as f32;
        let middle = sum.to_bits() as u32 & 0x1fff_ffff == 0x1000_0000;
        // Below the normal numbers the middle is elsewhere.
        let small = made[lane].to_bits() & 0x7fff_ffff <= 0x0080_0000;
        let zero = sum.to_bits() << 1 == 0;
        doubtful |= u32::from(middle) | (u32::from(small) & u32::from(!zero));
    }
    if doubtful != 0 {
        for lane in 0..N {
            made[lane] = rounded_once(a[lane], b[lane], c[lane]);
        }
    }
    made
}

/// `a b + c` by rounding to odd: an inexact sum takes the neighbour whose last bit is set, and so is never in the middle of
/// two floats. Source: Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008.
#[inline(never)]
fn rounded_once(a: f32, b: f32, c: f32) -> f32 {
    let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
    let sum = product + c;
    // What the sum lost (Knuth).
    let part = sum - product;
    let lost = (product - (sum - part)) + (c - part);
    let bits = sum.to_bits();
    if !sum.is_finite() || lost == 0.0 || bits & 1 == 1 {
        return sum as f32;
    }
    let odd = if (lost > 0.0) == (sum > 0.0) {
        bits + 1
    } else {
        bits - 1
    };
    f64::from_bits(odd) as f32
}

impl Simd for Portable {
    type V = [f32; LANES];
    type M = [u32; LANES];
    type R = [f32; 4];
    const WIDE: bool = false;
    const PIECES: usize = 4;

    #[inline(never)]
    fn call<K: SimdKernel>(self, kernel: K) -> K::Output {
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
        fused(a, b, c)
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
        fused(a, b, c)
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

#[cfg(test)]
mod tests {
    use super::{fused, rounded_once};

    /// Numbers of all magnitudes, many with few bits, so that sums end in the middle of two floats.
    fn numbers(seed: u64, count: usize) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        (0..count)
            .map(|at| {
                let bits = next() as u32;
                let exponent = [127 + bits % 4, 100 + bits % 60, 1 + bits % 90, bits % 255][at % 4];
                let mask = [0x007f_ffff, 0x007f_0000, 0x0000_0003, 0x0078_0001][(next() % 4) as usize];
                f32::from_bits((bits & 0x8000_0000) | (exponent << 23) | ((next() as u32) & mask))
            })
            .collect()
    }

    #[test]
    fn products_and_sums_are_rounded_once() {
        let count = 400_000;
        let (a, b, c) = (numbers(1, count), numbers(2, count), numbers(3, count));
        for at in 0..count {
            let right = a[at].mul_add(b[at], c[at]).to_bits();
            let [made] = fused([a[at]], [b[at]], [c[at]]);
            assert_eq!(made.to_bits(), right, "{:e} * {:e} + {:e}", a[at], b[at], c[at]);
            assert_eq!(rounded_once(a[at], b[at], c[at]).to_bits(), right);
        }
    }

    #[test]
    fn a_sum_near_the_middle_of_two_floats_goes_to_the_nearer() {
        // a b = 2^-24 - 2^-60: a double keeps the first part, and half a unit in the last place would go up to the even.
        let power = |n: i32| 2.0_f32.powi(n);
        let (a, b) = (power(-12) * (1.0 + power(-18)), power(-12) * (1.0 - power(-18)));
        let c = 1.0 + power(-23);
        let twice = (f64::from(a) * f64::from(b) + f64::from(c)) as f32;
        assert_eq!(twice.to_bits(), (1.0 + power(-22)).to_bits());
        assert_eq!(fused([a], [b], [c])[0].to_bits(), c.to_bits());
    }
}
