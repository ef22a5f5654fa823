//! The transforms of tiles, along both axes, of sixteen lanes at once.

use super::super::super::simd::{LANES, Row, Simd};
use super::lines::{five, three};
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::compiler_fence;

/// Rows and columns of a tile of outputs.
pub const TILE: usize = 4;

/// Cells of a tile of outputs.
pub const CELLS: usize = TILE * TILE;

/// Weights of the larger kernel.
pub const MOST_TAPS: usize = 25;

/// Which of the two filterings, named by the size of its kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// F(4x4, 3x3).
    Three,
    /// F(4x4, 5x5).
    Five,
}

impl Filter {
    /// That of kernels of so many rows and columns, which are 3 or 5.
    pub fn of(size: usize) -> Self {
        if size == 5 { Self::Five } else { Self::Three }
    }

    /// Rows and columns of a kernel.
    pub const fn size(self) -> usize {
        match self {
            Self::Three => 3,
            Self::Five => 5,
        }
    }

    /// Weights of a kernel.
    pub const fn taps(self) -> usize {
        self.size() * self.size()
    }

    /// Rows and columns of a tile's inputs, and of its points.
    pub const fn side(self) -> usize {
        TILE - 1 + self.size()
    }

    /// Points of a tile.
    pub const fn points(self) -> usize {
        self.side() * self.side()
    }
}

/// Where a transform takes its cells from. What implements this is written out for every cell, so its rows and columns are
/// constants where it is compiled: an array that is indexed by loops would lie in memory, zeroed first.
pub trait Cells<S: Simd> {
    /// The cell of a row and a column, of which there are `across`.
    fn cell(&self, simd: S, place: (usize, usize), across: usize) -> S::V;
}

/// Where a transform puts what it makes.
pub trait Made<S: Simd> {
    /// Takes what is made for a row and a column, of which there are `across`.
    fn put(&mut self, simd: S, place: (usize, usize), across: usize, value: S::V);
}

/// Cells or points in memory, row by row, each `step` rows of memory after the one before.
pub struct Spaced<'a> {
    /// From the first of them on.
    pub rows: &'a [Row],
    /// Rows of memory from one to the next.
    pub step: usize,
}

impl<S: Simd> Cells<S> for Spaced<'_> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), across: usize) -> S::V {
        simd.load(&self.rows[(row * across + column) * self.step])
    }
}

/// The same, to be written.
pub struct SpacedMade<'a> {
    /// From the first of them on.
    pub rows: &'a mut [Row],
    /// Rows of memory from one to the next.
    pub step: usize,
}

impl<S: Simd> Made<S> for SpacedMade<'_> {
    #[inline(always)]
    fn put(&mut self, simd: S, (row, column): (usize, usize), across: usize, value: S::V) {
        simd.store(&mut self.rows[(row * across + column) * self.step], value);
    }
}

/// A tile of inputs that lies inside of a map.
struct Inside<'a, const SIDE: usize>([&'a [Row; SIDE]; SIDE]);

impl<S: Simd, const SIDE: usize> Cells<S> for Inside<'_, SIDE> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), _: usize) -> S::V {
        simd.load(&self.0[row][column])
    }
}

/// A tile that stands out of a map, around which there are zeros.
struct Edge<'a, const SIDE: usize> {
    /// The map's rows, empty where there are none.
    lines: [&'a [Row]; SIDE],
    /// The tile's first column; in front of the map's first it wraps round.
    first: usize,
}

impl<S: Simd, const SIDE: usize> Cells<S> for Edge<'_, SIDE> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), _: usize) -> S::V {
        let cell = self.lines[row].get(self.first.wrapping_add(column));
        cell.map_or(simd.zero(), |cell| simd.load(cell))
    }
}

/// A map with zeros around it.
#[derive(Clone, Copy)]
pub struct Plane<'a> {
    /// From its first cell on.
    pub cells: &'a [Row],
    /// Rows and columns that are there.
    pub size: (usize, usize),
    /// Rows and columns of zeros before the first.
    pub before: (usize, usize),
    /// Cells from row to row.
    pub row: usize,
}

/// One of each of some lines.
macro_rules! across {
    (3, $lines:ident, $at:literal) => {
        [$lines[0][$at], $lines[1][$at], $lines[2][$at]]
    };
    (4, $lines:ident, $at:literal) => {
        [$lines[0][$at], $lines[1][$at], $lines[2][$at], $lines[3][$at]]
    };
    (5, $lines:ident, $at:literal) => {
        [
            $lines[0][$at],
            $lines[1][$at],
            $lines[2][$at],
            $lines[3][$at],
            $lines[4][$at],
        ]
    };
    (6, $lines:ident, $at:literal) => {
        [
            $lines[0][$at],
            $lines[1][$at],
            $lines[2][$at],
            $lines[3][$at],
            $lines[4][$at],
            $lines[5][$at],
        ]
    };
    (8, $lines:ident, $at:literal) => {
        [
            $lines[0][$at],
            $lines[1][$at],
            $lines[2][$at],
            $lines[3][$at],
            $lines[4][$at],
            $lines[5][$at],
            $lines[6][$at],
            $lines[7][$at],
        ]
    };
}

/// Keeps the compiler from reading what comes after this before what comes before it: it would read a whole tile first, and put most
/// of it aside again for lack of registers. Where a register is not a row, it does better by itself.
#[inline(always)]
fn in_order<S: Simd>() {
    if S::WIDE {
        compiler_fence(SeqCst);
    }
}

/// Does something for each number below a constant, written out.
macro_rules! each {
    (3, $at:ident => $do:expr) => {
        each!(@ $at, $do, 0 1 2)
    };
    (4, $at:ident => $do:expr) => {
        each!(@ $at, $do, 0 1 2 3)
    };
    (5, $at:ident => $do:expr) => {
        each!(@ $at, $do, 0 1 2 3 4)
    };
    (6, $at:ident => $do:expr) => {
        each!(@ $at, $do, 0 1 2 3 4 5)
    };
    (8, $at:ident => $do:expr) => {
        each!(@ $at, $do, 0 1 2 3 4 5 6 7)
    };
    (@ $at:ident, $do:expr, $($n:literal)*) => {
        [$({
            const $at: usize = $n;
            $do
        }),*]
    };
}

/// A line's transform along columns, then along rows. Written out where the tile halfway is some seventy registers at most; more would
/// be more code than a processor or a compiler bears.
macro_rules! both_ways {
    ($(#[$meta:meta])* $name:ident, $line:path, $from:tt => $to:tt [$($row:literal)*]) => {
        $(#[$meta])*
        #[inline(always)]
        pub fn $name<S: Simd, C: Cells<S>, M: Made<S>>(simd: S, cells: &C, made: &mut M) {
            if S::PIECES > 2 || S::PIECES * $from * $to > 72 {
                let mut half = [[simd.zero(); $to]; $from];
                for column in 0..$from {
                    let mut line = [simd.zero(); $from];
                    for row in 0..$from {
                        line[row] = cells.cell(simd, (row, column), $from);
                    }
                    half[column] = $line(simd, line);
                }
                for row in 0..$to {
                    let mut line = [simd.zero(); $from];
                    for column in 0..$from {
                        line[column] = half[column][row];
                    }
                    for (column, value) in $line(simd, line).into_iter().enumerate() {
                        made.put(simd, (row, column), $to, value);
                    }
                }
                return;
            }
            let lines = each!($from, COLUMN => {
                in_order::<S>();
                $line(simd, each!($from, ROW => cells.cell(simd, (ROW, COLUMN), $from)))
            });
            $({
                let line = $line(simd, across!($from, lines, $row));
                each!($to, COLUMN => made.put(simd, ($row, COLUMN), $to, line[COLUMN]));
            })*
        }
    };
}

both_ways!(
    /// A tile of 6x6 inputs to its points.
    enter_6x6, three::enter, 6 => 6 [0 1 2 3 4 5]);
both_ways!(
    /// A tile of 8x8 inputs to its points.
    enter_8x8, five::enter, 8 => 8 [0 1 2 3 4 5 6 7]);
both_ways!(leave_6x6, three::leave, 6 => 4 [0 1 2 3]);
both_ways!(leave_8x8, five::leave, 8 => 4 [0 1 2 3]);
both_ways!(weigh_3x3, three::weigh, 3 => 6 [0 1 2 3 4 5]);
both_ways!(weigh_5x5, five::weigh, 5 => 8 [0 1 2 3 4 5 6 7]);
both_ways!(spread_6x6, three::spread, 4 => 6 [0 1 2 3 4 5]);
both_ways!(spread_8x8, five::spread, 4 => 8 [0 1 2 3 4 5 6 7]);
both_ways!(unweigh_3x3, three::unweigh, 6 => 3 [0 1 2]);
both_ways!(unweigh_5x5, five::unweigh, 8 => 5 [0 1 2 3 4]);

/// The tile of inputs of the outputs at `corner` to its points.
#[inline(always)]
pub fn enter<S: Simd>(simd: S, filter: Filter, plane: Plane<'_>, corner: (usize, usize), made: &mut impl Made<S>) {
    match filter {
        Filter::Three => {
            if let Some(lines) = inside::<{ Filter::Three.side() }>(plane, corner) {
                enter_6x6(simd, &Inside(lines), made);
            } else {
                enter_6x6(simd, &edge::<{ Filter::Three.side() }>(plane, corner), made);
            }
        }
        Filter::Five => {
            // One way for both, for its code is long: a tile that stands out of the map is copied first.
            let mut copy;
            let lines = if let Some(lines) = inside::<LARGER>(plane, corner) {
                lines
            } else {
                copy = NO_TILE;
                let edge = edge::<LARGER>(plane, corner);
                for (row, line) in copy.iter_mut().enumerate() {
                    for (column, to) in line.iter_mut().enumerate() {
                        simd.store(to, edge.cell(simd, (row, column), LARGER));
                    }
                }
                copy.each_ref()
            };
            enter_8x8(simd, &Inside(lines), made);
        }
    }
}

/// Rows and columns of the larger tile of inputs.
const LARGER: usize = Filter::Five.side();

/// A copy of such a tile.
pub type Tile = [[Row; LARGER]; LARGER];

/// Nothing in it yet.
pub const NO_TILE: Tile = [[Row([0.0; LANES]); LARGER]; LARGER];

/// A copied tile of 8x8 inputs to its points.
#[inline(always)]
pub fn enter_copy<S: Simd>(simd: S, tile: &Tile, made: &mut impl Made<S>) {
    enter_8x8(simd, &Inside(tile.each_ref()), made);
}

/// The lines of the tile of the outputs at a corner, where all of it lies on the map.
#[inline(always)]
fn inside<const SIDE: usize>(plane: Plane<'_>, (y, x): (usize, usize)) -> Option<[&[Row; SIDE]; SIDE]> {
    let ((rows, columns), before) = (plane.size, plane.before);
    let fits = |first: usize, before: usize, all: usize| first >= before && first - before + SIDE <= all;
    if !fits(y, before.0, rows) || !fits(x, before.1, columns) {
        return None;
    }
    let tile = &plane.cells[(y - before.0) * plane.row + x - before.1..];
    let mut lines = [&[const { Row([0.0; LANES]) }; SIDE]; SIDE];
    for row in 0..SIDE {
        lines[row] = tile[row * plane.row..].first_chunk()?;
    }
    Some(lines)
}

/// The tile of the outputs at a corner, as far as it lies on the map.
#[inline(always)]
fn edge<const SIDE: usize>(plane: Plane<'_>, (y, x): (usize, usize)) -> Edge<'_, SIDE> {
    let ((rows, columns), before) = (plane.size, plane.before);
    let mut lines: [&[Row]; SIDE] = [&[]; SIDE];
    for row in 0..SIDE {
        if let Some(from) = (y + row).checked_sub(before.0).filter(|&from| from < rows) {
            lines[row] = &plane.cells[from * plane.row..][..columns];
        }
    }
    Edge {
        lines,
        first: x.wrapping_sub(before.1),
    }
}

/// What is taken to a tile of outputs.
pub trait Left<S: Simd> {
    /// Makes the outputs, row by row.
    fn leave(&self, simd: S, filter: Filter, made: &mut impl Made<S>);
}

/// All of a tile's points are.
impl<S: Simd> Left<S> for Spaced<'_> {
    #[inline(always)]
    fn leave(&self, simd: S, filter: Filter, made: &mut impl Made<S>) {
        match filter {
            Filter::Three => leave_6x6(simd, self, made),
            Filter::Five => leave_8x8(simd, self, made),
        }
    }
}

/// A kernel's weights to their points.
#[inline(always)]
pub fn weigh<S: Simd>(simd: S, filter: Filter, weights: &impl Cells<S>, made: &mut impl Made<S>) {
    match filter {
        Filter::Three => weigh_3x3(simd, weights, made),
        Filter::Five => weigh_5x5(simd, weights, made),
    }
}

/// Gradients of a tile of outputs to those of its points.
#[inline(always)]
pub fn spread<S: Simd>(simd: S, filter: Filter, cells: &impl Cells<S>, made: &mut impl Made<S>) {
    match filter {
        Filter::Three => spread_6x6(simd, cells, made),
        Filter::Five => spread_8x8(simd, cells, made),
    }
}

/// Gradients of points to those of a kernel's weights.
#[inline(always)]
pub fn unweigh<S: Simd>(simd: S, filter: Filter, points: &impl Cells<S>, made: &mut impl Made<S>) {
    match filter {
        Filter::Three => unweigh_3x3(simd, points, made),
        Filter::Five => unweigh_5x5(simd, points, made),
    }
}
