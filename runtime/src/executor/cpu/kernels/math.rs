//! Exponential, logarithm and what is made of them, to a few units in the last place.

use super::super::simd::Simd;

/// `exp(x)`: 2^n times a polynomial over half an octave (Cephes, `expf`). Overflows to infinity, underflows to zero.
#[inline(always)]
pub fn exp<S: Simd>(simd: S, x: S::V) -> S::V {
    const LARGEST: f32 = 88.722_84;
    const SMALLEST: f32 = -87.336_54;
    let clipped = simd.max(simd.min(x, simd.splat(LARGEST)), simd.splat(SMALLEST));
    // Adding 1.5 x 2^23 rounds to a whole number.
    let round = simd.splat(12_582_912.0);
    let n = simd.sub(simd.fma(clipped, simd.splat(std::f32::consts::LOG2_E), round), round);
    // ln 2 in two parts, so that the rest is exact.
    let rest = simd.fma(n, simd.splat(-0.693_359_4), clipped);
    let rest = simd.fma(n, simd.splat(2.121_944_4e-4), rest);
    let mut y = simd.splat(1.987_569_1e-4);
    for coefficient in [1.398_199_9e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        y = simd.fma(y, rest, simd.splat(coefficient));
    }
    let y = simd.add(simd.fma(y, simd.mul(rest, rest), rest), simd.splat(1.0));
    // In two halves: 2^128 is no float, and what they make may be.
    let half = simd.sub(simd.fma(n, simd.splat(0.5), round), round);
    let y = simd.mul(
        simd.mul(y, simd.power_of_two(half)),
        simd.power_of_two(simd.sub(n, half)),
    );
    let y = simd.select(simd.greater(simd.splat(SMALLEST), x), simd.zero(), y);
    let y = simd.select(simd.greater(x, simd.splat(LARGEST)), simd.splat(f32::INFINITY), y);
    // Neither comparison is true of NaN, which the clipping would have swallowed.
    simd.select(simd.equal(x, x), y, x)
}

/// `log(x)` of a positive, normal x (Cephes, `logf`).
#[inline(always)]
pub fn log<S: Simd>(simd: S, x: S::V) -> S::V {
    let exponent = simd.map(x, |x| (x.to_bits() >> 23) as f32 - 126.0);
    let fraction = simd.map(x, |x| f32::from_bits(x.to_bits() & 0x007F_FFFF | 0x3F00_0000));
    // A fraction in sqrt(1/2)..sqrt(2).
    let small = simd.greater(simd.splat(std::f32::consts::FRAC_1_SQRT_2), fraction);
    let one = simd.splat(1.0);
    let exponent = simd.select(small, simd.sub(exponent, one), exponent);
    let f = simd.sub(simd.select(small, simd.add(fraction, fraction), fraction), one);
    let square = simd.mul(f, f);
    let mut y = simd.splat(7.037_683_6e-2);
    for coefficient in [
        -0.115_146_1,
        0.116_769_98,
        -0.124_201_41,
        0.142_493_23,
        -0.166_680_57,
        0.200_007_14,
        -0.249_999_94,
        0.333_333_3,
    ] {
        y = simd.fma(y, f, simd.splat(coefficient));
    }
    let y = simd.mul(simd.mul(y, f), square);
    let y = simd.fma(exponent, simd.splat(-2.121_944_4e-4), y);
    let y = simd.fma(square, simd.splat(-0.5), y);
    simd.fma(exponent, simd.splat(0.693_359_4), simd.add(f, y))
}

/// `exp(x) - 1` without losing the digits of a small x (Kahan): `(u - 1) x / log(u)` with `u = exp(x)`.
#[inline(always)]
pub fn exp_m1<S: Simd>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(1.0);
    let u = exp(simd, x);
    let rest = simd.sub(u, one);
    let exact = simd.div(simd.mul(rest, x), log(simd, simd.max(u, simd.splat(1e-30))));
    let large = simd.greater(simd.mul(x, x), simd.splat(16.0));
    simd.select(simd.equal(u, one), x, simd.select(large, rest, exact))
}

/// `log(1 + x)` of a positive x without losing the digits of a small one (Kahan).
#[inline(always)]
pub fn log_1p<S: Simd>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(1.0);
    let u = simd.add(one, x);
    let exact = simd.div(simd.mul(log(simd, u), x), simd.sub(u, one));
    simd.select(simd.equal(u, one), x, exact)
}

/// `1 / (1 + exp(-x))`
#[inline(always)]
pub fn sigmoid<S: Simd>(simd: S, x: S::V) -> S::V {
    let one = simd.splat(1.0);
    simd.div(one, simd.add(one, exp(simd, simd.sub(simd.zero(), x))))
}

/// `tanh(x) = -m / (m + 2)` with `m = exp(-2x) - 1`.
#[inline(always)]
pub fn tanh<S: Simd>(simd: S, x: S::V) -> S::V {
    // Beyond 10 it is one in `f32`, and the exponential would overflow.
    let x = simd.max(simd.min(x, simd.splat(10.0)), simd.splat(-10.0));
    let m = exp_m1(simd, simd.mul(x, simd.splat(-2.0)));
    simd.div(simd.sub(simd.zero(), m), simd.add(m, simd.splat(2.0)))
}

/// `erf(x)`: a rational function over -4..4, where `f32` reaches one (Eigen, `perf`).
#[inline(always)]
pub fn erf<S: Simd>(simd: S, x: S::V) -> S::V {
    let x = simd.max(simd.min(x, simd.splat(4.0)), simd.splat(-4.0));
    let square = simd.mul(x, x);
    let horner = |coefficients: &[f32]| {
        let mut y = simd.zero();
        for &coefficient in coefficients {
            y = simd.fma(y, square, simd.splat(coefficient));
        }
        y
    };
    let above = horner(&[
        -2.726_142e-10,
        2.770_681_4e-8,
        -2.101_024_1e-6,
        -5.692_506_5e-5,
        -7.349_906_3e-4,
        -2.954_6e-3,
        -1.609_603_4e-2,
    ]);
    let below = horner(&[
        -1.456_607_2e-5,
        -2.133_740_5e-4,
        -1.682_827e-3,
        -7.373_329e-3,
        -1.426_473_9e-2,
    ]);
    simd.div(simd.mul(x, above), below)
}
