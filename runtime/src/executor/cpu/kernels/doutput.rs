//! The gradient of a convolution's map as it lies in memory: whole, or behind the map's 2x2 maximum pool, with the pixel that
//! each number belongs to. Kernels that take it in the second form spread out no more than they use at a time, so that a map
//! four times as large, most of it zeros, is neither written nor read.

use super::super::memory::{Codes, fetch, fetch_far};
use super::super::simd::{LANES, Row, Simd};
use super::sums::{ONE_SUM, PART, add_up};
use std::ops::Range;

/// How a map lies in memory.
#[derive(Debug, Clone, Copy)]
pub struct Strided {
    /// Elements before the first.
    pub offset: usize,
    /// From row to row.
    pub row: usize,
    /// From channel to channel.
    pub channel: usize,
}

/// The gradient of a map.
#[derive(Clone, Copy)]
pub struct Doutput<'a> {
    /// Its elements, or those behind the pool.
    pub rows: &'a [Row],
    /// Where they lie, whole or behind the pool.
    pub strided: Strided,
    /// Rows and columns of the map itself.
    pub size: (usize, usize),
    /// The pixels of their windows that the elements behind a pool belong to; None where the map is whole.
    pub codes: Option<&'a [Codes]>,
}

impl Doutput<'_> {
    /// The sum of a channel's elements, row by row; the same bits in both forms.
    #[inline(always)]
    pub fn sum<S: Simd>(&self, simd: S, channel: usize) -> S::V {
        let (rows, columns) = self.size;
        let in_parts = rows * columns > ONE_SUM;
        let start = self.strided.offset + channel * self.strided.channel;
        let mut sum = simd.zero();
        let Some(codes) = self.codes else {
            for row in 0..rows {
                let values = &self.rows[start + row * self.strided.row..][..columns];
                sum = add_up(simd, sum, values, in_parts);
            }
            return sum;
        };
        // Windows whose pixels are added up among themselves first.
        let part = if in_parts { PART / 2 } else { ONE_SUM };
        for row in 0..rows / 2 {
            let places = start + row * self.strided.row..start + row * self.strided.row + columns / 2;
            let (values, codes) = (&self.rows[places.clone()], &codes[places]);
            for lower in [false, true] {
                for (values, codes) in values.chunks(part).zip(codes.chunks(part)) {
                    let mut sum_of_part = if in_parts { simd.zero() } else { sum };
                    for (value, code) in values.iter().zip(codes) {
                        // The pixels 0 and 1 are the upper row. Of a window's two pixels in a row, one is zero at least.
                        let (code, between) = (simd.widen(&code.0), simd.splat(1.5));
                        let here = if lower {
                            simd.greater(code, between)
                        } else {
                            simd.greater(between, code)
                        };
                        sum_of_part = simd.add(sum_of_part, simd.select(here, simd.load(value), simd.zero()));
                    }
                    sum = if in_parts {
                        simd.add(sum, sum_of_part)
                    } else {
                        sum_of_part
                    };
                }
            }
        }
        sum
    }

    /// Asks for so many rows and columns of some channels, as far as they lie on the map.
    pub fn fetch(&self, channels: Range<usize>, (y, x): (usize, usize), side: usize) {
        let by = if self.codes.is_some() { 2 } else { 1 };
        let (down, right) = (
            y / by..(y + side).min(self.size.0) / by,
            x / by..(x + side).min(self.size.1) / by,
        );
        for channel in channels {
            for row in down.clone() {
                let start = self.strided.offset + channel * self.strided.channel + row * self.strided.row;
                for value in self.rows.iter().take(start + right.end).skip(start + right.start) {
                    fetch_far(value);
                }
                if let Some(code) = self.codes.and_then(|codes| codes.get(start + right.start)) {
                    fetch_far(code);
                }
            }
        }
    }

    /// Sixteen filters' elements of a window of the pool, turned: samples, of which filters are the lanes, and the pixels that
    /// they belong to. Zeros where there is no such window or filter. What lies `next` rows behind is asked for.
    #[inline(always)]
    pub fn turned_window<S: Simd>(
        &self,
        simd: S,
        codes: &[Codes],
        filters: Range<usize>,
        (row, column): (usize, usize),
        next: usize,
    ) -> ([S::V; LANES], [S::V; LANES]) {
        let (mut values, mut places) = ([simd.zero(); LANES], [simd.zero(); LANES]);
        if row >= self.size.0 / 2 || column >= self.size.1 / 2 {
            return (values, places);
        }
        let first = filters.start * self.strided.channel + row * self.strided.row + column;
        for at in 0..LANES {
            if at < filters.len() {
                let from = first + at * self.strided.channel;
                values[at] = simd.load(&self.rows[from]);
                places[at] = simd.widen(&codes[from].0);
                // Filters lie too far from each other for the processor to see what comes next.
                if let (Some(next), Some(code)) = (self.rows.get(from + next), codes.get(from + next)) {
                    fetch(next);
                    fetch(code);
                }
            }
        }
        (simd.transpose(values), simd.transpose(places))
    }

    /// Spreads out some rows of a channel, from an even one on: `to[row][column]`.
    #[inline(always)]
    pub fn spread<S: Simd>(&self, simd: S, codes: &[Codes], channel: usize, rows: Range<usize>, to: &mut [Row]) {
        let columns = self.size.1;
        for (pair, to) in to[..rows.len() * columns].chunks_mut(2 * columns).enumerate() {
            let row = rows.start / 2 + pair;
            if 2 * row + 1 >= self.size.0 {
                to.fill(Row([0.0; LANES]));
                continue;
            }
            let (upper, lower) = to.split_at_mut(columns);
            let from = channel * self.strided.channel + row * self.strided.row;
            let windows = from..from + columns / 2;
            spread_windows(simd, &self.rows[windows.clone()], &codes[windows], upper, lower);
            if columns % 2 == 1 {
                upper[columns - 1] = Row([0.0; LANES]);
                lower[columns - 1] = Row([0.0; LANES]);
            }
        }
    }
}

/// `upper` and `lower` row of a map from the gradient of a row of windows: zero but for the pixels that `codes` name.
#[inline(always)]
pub fn spread_windows<S: Simd>(simd: S, values: &[Row], codes: &[Codes], upper: &mut [Row], lower: &mut [Row]) {
    let pairs = upper.chunks_exact_mut(2).zip(lower.chunks_exact_mut(2));
    for ((value, code), (upper, lower)) in values.iter().zip(codes).zip(pairs) {
        for (place, to) in upper.iter_mut().chain(lower).enumerate() {
            simd.store(to, simd.pick(value, &code.0, place as u8));
        }
    }
}
