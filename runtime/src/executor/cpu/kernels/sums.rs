//! Long sums. Each number that is added rounds a sum by its last bit, and of numbers of one size always the same way, so that
//! sums of many are taken in parts.

use super::super::simd::{Row, Simd};

/// The most positions whose values are added up one by one.
pub const ONE_SUM: usize = 1 << 12;

/// How many of a sum's values are added up among themselves first, where the sum is taken in parts.
pub const PART: usize = 1 << 9;

/// Adds values to a sum, one by one or in parts.
#[inline(always)]
pub fn add_up<S: Simd>(simd: S, mut sum: S::V, values: &[Row], in_parts: bool) -> S::V {
    if !in_parts {
        for value in values {
            sum = simd.add(sum, simd.load(value));
        }
        return sum;
    }
    for part in values.chunks(PART) {
        let mut sum_of_part = simd.zero();
        for value in part {
            sum_of_part = simd.add(sum_of_part, simd.load(value));
        }
        sum = simd.add(sum, sum_of_part);
    }
    sum
}

/// The sum of the values of a channel, in parts where they are many.
#[inline(always)]
pub fn sum_of_channel<S: Simd>(simd: S, values: &[Row]) -> S::V {
    add_up(simd, simd.zero(), values, values.len() > ONE_SUM)
}

/// `=` for the first block of a sum, else `+=`.
#[inline(always)]
pub fn accumulate_into(to: &mut [f32], from: &[f32], first: bool) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = if first { *from } else { *to + *from };
    }
}
