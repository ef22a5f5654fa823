//! Tiles of a map's gradient that lies behind the map's 2x2 maximum pool: what is not the pixel of its window is zero.

use super::super::super::memory::Codes;
use super::super::super::simd::{LANES, Row, Simd};
use super::transforms::{Cells, Filter, Made, NO_TILE, enter_6x6, enter_copy};

/// Windows of the pool that a tile of 6x6 pixels touches along an axis, at most.
const WINDOWS: usize = 4;

/// A channel of such a gradient.
#[derive(Clone, Copy)]
pub struct Behind<'a> {
    /// The elements behind the pool, `[row][column]`.
    pub values: &'a [Row],
    /// The pixels of their windows that they belong to.
    pub codes: &'a [Codes],
    /// Rows and columns of windows.
    pub size: (usize, usize),
}

/// A tile, of which the first row, or column, is the second of its windows where DOWN, or RIGHT, is 1.
struct Inside<'a, const DOWN: usize, const RIGHT: usize> {
    values: [&'a [Row; WINDOWS]; WINDOWS],
    codes: [&'a [Codes; WINDOWS]; WINDOWS],
}

impl<S: Simd, const DOWN: usize, const RIGHT: usize> Cells<S> for Inside<'_, DOWN, RIGHT> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), _: usize) -> S::V {
        let (row, column) = (row + DOWN, column + RIGHT);
        let (value, code) = (&self.values[row / 2][column / 2], &self.codes[row / 2][column / 2]);
        pixel(simd, value, code, row % 2 * 2 + column % 2)
    }
}

/// A pixel of a window.
#[inline(always)]
pub fn pixel<S: Simd>(simd: S, value: &Row, code: &Codes, place: usize) -> S::V {
    simd.pick(value, &code.0, place as u8)
}

/// The tile of inputs of the outputs at `corner` to its points, with so many rows and columns of zeros before the map.
#[inline(always)]
pub fn enter_behind<S: Simd>(
    simd: S,
    filter: Filter,
    behind: Behind<'_>,
    corner: (usize, usize),
    before: (usize, usize),
    made: &mut impl Made<S>,
) {
    match filter {
        Filter::Three => enter_smaller(simd, behind, corner, before, made),
        Filter::Five => enter_larger(simd, behind, corner, before, made),
    }
}

/// The tile of 8x8 inputs, whose code is long: it is copied pixel by pixel first, so that there is one way alone.
#[inline(always)]
fn enter_larger<S: Simd>(
    simd: S,
    behind: Behind<'_>,
    (y, x): (usize, usize),
    before: (usize, usize),
    made: &mut impl Made<S>,
) {
    let (rows, columns) = (behind.size.0 * 2, behind.size.1 * 2);
    let mut tile = NO_TILE;
    for (row, line) in tile.iter_mut().enumerate() {
        // In front of the map's first, rows and columns wrap round, beyond the last.
        let from = (y + row).wrapping_sub(before.0);
        if from >= rows {
            continue;
        }
        for (column, to) in line.iter_mut().enumerate() {
            let column = (x + column).wrapping_sub(before.1);
            if column < columns {
                let at = from / 2 * behind.size.1 + column / 2;
                let place = from % 2 * 2 + column % 2;
                simd.store(to, pixel(simd, &behind.values[at], &behind.codes[at], place));
            }
        }
    }
    enter_copy(simd, &tile, made);
}

/// The tile of 6x6 inputs.
#[inline(always)]
fn enter_smaller<S: Simd>(
    simd: S,
    behind: Behind<'_>,
    (y, x): (usize, usize),
    before: (usize, usize),
    made: &mut impl Made<S>,
) {
    let first = (y.wrapping_sub(before.0), x.wrapping_sub(before.1));
    let inside = |first: usize, windows: usize| first / 2 < windows && first / 2 + WINDOWS <= windows;
    if inside(first.0, behind.size.0) && inside(first.1, behind.size.1) {
        let line = |row: usize| {
            let start = (first.0 / 2 + row) * behind.size.1 + first.1 / 2;
            let values = behind.values[start..].first_chunk();
            values.zip(behind.codes[start..].first_chunk())
        };
        // There always are so many.
        if let (Some(a), Some(b), Some(c), Some(d)) = (line(0), line(1), line(2), line(3)) {
            enter_windows(simd, first, [a.0, b.0, c.0, d.0], [a.1, b.1, c.1, d.1], made);
        }
        return;
    }
    // A tile that stands out of the map: its windows, of which those outside are zero.
    let mut values = [[Row([0.0; LANES]); WINDOWS]; WINDOWS];
    let mut codes = [[Codes([0; LANES]); WINDOWS]; WINDOWS];
    for row in 0..WINDOWS {
        // In front of the map's first, rows and columns wrap round; halved they stay beyond the last.
        let from = window(first.0, row);
        if from >= behind.size.0 {
            continue;
        }
        for column in 0..WINDOWS {
            let column_from = window(first.1, column);
            if column_from < behind.size.1 {
                let at = from * behind.size.1 + column_from;
                simd.store(&mut values[row][column], simd.load(&behind.values[at]));
                codes[row][column] = behind.codes[at];
            }
        }
    }
    enter_windows(simd, first, values.each_ref(), codes.each_ref(), made);
}

/// The window of a tile's row or column that is so many behind that of the first.
#[inline(always)]
fn window(first: usize, behind: usize) -> usize {
    first.wrapping_add(2 * behind) / 2
}

/// The tile whose first row and column is this, from the windows that it touches.
#[inline(always)]
fn enter_windows<S: Simd>(
    simd: S,
    first: (usize, usize),
    values: [&[Row; WINDOWS]; WINDOWS],
    codes: [&[Codes; WINDOWS]; WINDOWS],
    made: &mut impl Made<S>,
) {
    match (first.0 % 2, first.1 % 2) {
        (0, 0) => enter_6x6(simd, &Inside::<0, 0> { values, codes }, made),
        (0, _) => enter_6x6(simd, &Inside::<0, 1> { values, codes }, made),
        (_, 0) => enter_6x6(simd, &Inside::<1, 0> { values, codes }, made),
        _ => enter_6x6(simd, &Inside::<1, 1> { values, codes }, made),
    }
}
