//! The inverse cosine transform, from coefficients to samples, as libjpeg-turbo computes it: `jidctfst.c`, which TensorFlow asks
//! for, and `jidctint.c`, which Pillow asks for.

use super::accuracy::Accuracy;

/// The factors of coefficients for [`fast`]: the steps of quantization times the cosines that it leaves out, with two fractional
/// bits.
fn factors(quantization: &[u16; 64]) -> [i32; 64] {
    // Products of the scales of row and column, times 2^14.
    const PRODUCTS: [i32; 64] = [
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520, 22725, 31521, 29692, 26722, 22725, 17855, 12299, 6270,
        21407, 29692, 27969, 25172, 21407, 16819, 11585, 5906, 19266, 26722, 25172, 22654, 19266, 15137, 10426, 5315,
        16384, 22725, 21407, 19266, 16384, 12873, 8867, 4520, 12873, 17855, 16819, 15137, 12873, 10114, 6967, 3552,
        8867, 12299, 11585, 10426, 8867, 6967, 4799, 2446, 4520, 6270, 5906, 5315, 4520, 3552, 2446, 1247,
    ];
    let mut factors = [0; 64];
    for ((factor, &step), &product) in factors.iter_mut().zip(quantization).zip(&PRODUCTS) {
        *factor = (i32::from(step) * product + (1 << 11)) >> 12;
    }
    factors
}

/// The transform of the blocks of one component.
pub(super) struct Transform {
    accuracy: Accuracy,
    factors: [i32; 64],
}

impl Transform {
    pub(super) fn new(accuracy: Accuracy, quantization: &[u16; 64]) -> Self {
        Self {
            accuracy,
            factors: match accuracy {
                Accuracy::Fast => factors(quantization),
                Accuracy::Exact => quantization.map(i32::from),
            },
        }
    }

    /// The samples of a block, row by row.
    pub(super) fn block(&self, coefficients: &[i16; 64]) -> [u8; 64] {
        let mut values = [0; 64];
        for ((value, &coefficient), &factor) in values.iter_mut().zip(coefficients).zip(&self.factors) {
            *value = i32::from(coefficient).wrapping_mul(factor);
        }
        let pass = match self.accuracy {
            Accuracy::Fast => fast,
            Accuracy::Exact => exact,
        };
        for column in 0..8 {
            let line = std::array::from_fn(|row| values[row * 8 + column]);
            for (row, value) in pass(line, false).into_iter().enumerate() {
                values[row * 8 + column] = value;
            }
        }
        let mut samples = [0; 64];
        for row in 0..8 {
            let line = std::array::from_fn(|column| values[row * 8 + column]);
            for (column, value) in pass(line, true).into_iter().enumerate() {
                samples[row * 8 + column] = (value + 128).clamp(0, 255) as u8;
            }
        }
        samples
    }
}

/// One row or column of `jidctfst.c`, after Arai, Agui and Nakajima. Products are truncated, which makes the difference.
fn fast(line: [i32; 8], is_last: bool) -> [i32; 8] {
    let times = |value: i32, factor: i32| value.wrapping_mul(factor) >> 8;
    let [a0, a1, a2, a3, a4, a5, a6, a7] = line;
    let (sum, difference) = (a0.wrapping_add(a4), a0.wrapping_sub(a4));
    let outer = a2.wrapping_add(a6);
    let inner = times(a2.wrapping_sub(a6), 362).wrapping_sub(outer);
    let even = [
        sum.wrapping_add(outer),
        difference.wrapping_add(inner),
        difference.wrapping_sub(inner),
        sum.wrapping_sub(outer),
    ];
    let (z13, z10) = (a5.wrapping_add(a3), a5.wrapping_sub(a3));
    let (z11, z12) = (a1.wrapping_add(a7), a1.wrapping_sub(a7));
    let o7 = z11.wrapping_add(z13);
    let z5 = times(z10.wrapping_add(z12), 473);
    let o6 = times(z10, -669).wrapping_add(z5).wrapping_sub(o7);
    let o5 = times(z11.wrapping_sub(z13), 362).wrapping_sub(o6);
    let o4 = times(z12, 277).wrapping_sub(z5).wrapping_add(o5);
    let made = [
        even[0].wrapping_add(o7),
        even[1].wrapping_add(o6),
        even[2].wrapping_add(o5),
        even[3].wrapping_sub(o4),
        even[3].wrapping_add(o4),
        even[2].wrapping_sub(o5),
        even[1].wrapping_sub(o6),
        even[0].wrapping_sub(o7),
    ];
    if is_last { made.map(|value| value >> 5) } else { made }
}

/// One row or column of `jidctint.c`, after Loeffler, Ligtenberg and Moschytz, with 13 fractional bits.
fn exact(line: [i32; 8], is_last: bool) -> [i32; 8] {
    let line = line.map(i64::from);
    let [a0, a1, a2, a3, a4, a5, a6, a7] = line;
    let z1 = (a2 + a6) * 4433;
    let (t2, t3) = (z1 - a6 * 15137, z1 + a2 * 6270);
    let (t0, t1) = ((a0 + a4) << 13, (a0 - a4) << 13);
    let even = [t0 + t3, t1 + t2, t1 - t2, t0 - t3];
    let (z1, z2, z3, z4) = (a7 + a1, a5 + a3, a7 + a3, a5 + a1);
    let z5 = (z3 + z4) * 9633;
    let (z1, z2) = (-z1 * 7373, -z2 * 20995);
    let (z3, z4) = (z5 - z3 * 16069, z5 - z4 * 3196);
    let odd = [
        a1 * 12299 + z1 + z4,
        a3 * 25172 + z2 + z3,
        a5 * 16819 + z2 + z4,
        a7 * 2446 + z1 + z3,
    ];
    let shift = if is_last { 18 } else { 11 };
    let down = |value: i64| ((value + (1 << (shift - 1))) >> shift) as i32;
    [
        down(even[0] + odd[0]),
        down(even[1] + odd[1]),
        down(even[2] + odd[2]),
        down(even[3] + odd[3]),
        down(even[3] - odd[3]),
        down(even[2] - odd[2]),
        down(even[1] - odd[1]),
        down(even[0] - odd[0]),
    ]
}
