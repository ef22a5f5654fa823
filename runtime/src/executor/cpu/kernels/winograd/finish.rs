//! What becomes of a product's sums, samples being the lanes: bias, relu, mask, the maxima of windows.

use super::super::super::memory::{Codes, Output};
use super::super::super::simd::{LANES, Row, Simd};
use super::tiles::{Cut, fetch_tile};
use super::transforms::{CELLS, Left, Made, SpacedMade, TILE};
use std::ops::Range;

/// What is done to sums on their way to memory.
#[derive(Clone, Copy)]
pub struct Finish<'a> {
    /// The map that is made.
    pub cut: Cut,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
    /// The bias of each channel.
    pub bias: Option<&'a [f32]>,
    /// The output of the relu before, where the product is a gradient: zero where that is not positive.
    pub mask: Option<&'a [Row]>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// Which pixel of a window was the maximum.
    pub codes: Option<Output<'a, Codes>>,
}

impl<'a> Finish<'a> {
    /// The same for the sums of one channel.
    #[inline(always)]
    pub fn of<S: Simd>(&'a self, simd: S, channel: usize) -> OfChannel<'a, S> {
        let bias = self.bias.map(|bias| simd.splat(bias[channel]));
        OfChannel {
            finish: self,
            channel,
            bias,
        }
    }

    /// Rows and columns of a channel of the output.
    #[inline(always)]
    fn size(&self) -> (usize, usize) {
        let (rows, columns) = self.cut.size;
        if self.pool {
            (rows / 2, columns / 2)
        } else {
            (rows, columns)
        }
    }

    /// The rows of the output that a tile of a channel makes, a line of them at a time.
    pub fn lines(&self, channel: usize, (y, x): (usize, usize)) -> impl Iterator<Item = Range<usize>> {
        let ((rows, columns), halves) = (self.size(), if self.pool { 2 } else { 1 });
        let (y, x, side) = (y / halves, x / halves, TILE / halves);
        (y..rows.min(y + side)).map(move |row| {
            let start = (channel * rows + row) * columns;
            start + x..start + columns.min(x + side)
        })
    }
}

/// What becomes of a channel's sums.
pub struct OfChannel<'a, S: Simd> {
    finish: &'a Finish<'a>,
    channel: usize,
    bias: Option<S::V>,
}

impl<S: Simd> OfChannel<'_, S> {
    /// Asks for the mask of the next channel's tile.
    #[inline(always)]
    pub fn fetch_next(&self, corner: (usize, usize)) {
        if let Some(mask) = self.finish.mask {
            let (rows, columns) = self.finish.cut.size;
            fetch_tile(mask, (self.channel + 1) * rows * columns, columns, corner, TILE);
        }
    }

    /// Makes the outputs of the tile at a corner, as far as these lie on the map.
    #[inline(always)]
    pub fn leave(&self, simd: S, (y, x): (usize, usize), from: &impl Left<S>) {
        let cut = self.finish.cut;
        let (rows, columns) = cut.size;
        if self.finish.pool {
            let mut pooling = Pooling {
                channel: self,
                window: (y / 2, x / 2),
                above: [simd.zero(); TILE],
                left: simd.zero(),
            };
            from.leave(simd, cut.filter, &mut pooling);
        } else if y + TILE <= rows && x + TILE <= columns {
            let mut whole = Whole {
                channel: self,
                first: (self.channel * rows + y) * columns + x,
                columns,
            };
            from.leave(simd, cut.filter, &mut whole);
        } else {
            let mut tile = [Row([0.0; LANES]); CELLS];
            let mut made = SpacedMade {
                rows: &mut tile,
                step: 1,
            };
            from.leave(simd, cut.filter, &mut made);
            for row in 0..TILE.min(rows - y) {
                for column in 0..TILE.min(columns - x) {
                    let at = (self.channel * rows + y + row) * columns + x + column;
                    self.put(simd, at, simd.load(&tile[row * TILE + column]));
                }
            }
        }
    }

    #[inline(always)]
    fn made(&self, simd: S, sum: S::V) -> S::V {
        let made = self.bias.map_or(sum, |bias| simd.add(sum, bias));
        if self.finish.relu {
            simd.max(made, simd.zero())
        } else {
            made
        }
    }

    /// Writes a sum to its place, after bias, relu and mask.
    #[inline(always)]
    fn put(&self, simd: S, at: usize, sum: S::V) {
        let mut made = self.made(simd, sum);
        if let Some(mask) = self.finish.mask {
            let open = simd.greater(simd.load(&mask[at]), simd.zero());
            made = simd.select(open, made, simd.zero());
        }
        simd.store(self.finish.output.row(at), made);
    }

    /// Keeps the first of the largest of a window; bias and relu commute with the maximum.
    #[inline(always)]
    fn put_largest(&self, simd: S, at: usize, window: [S::V; 4]) {
        let (mut largest, mut code) = (window[0], simd.zero());
        for place in 1..4 {
            let greater = simd.greater(window[place], largest);
            largest = simd.select(greater, window[place], largest);
            code = simd.select(greater, simd.splat(place as f32), code);
        }
        if let Some(codes) = self.finish.codes {
            codes.row(at).0 = simd.narrow(code);
        }
        simd.store(self.finish.output.row(at), self.made(simd, largest));
    }
}

/// A tile that lies inside of the map.
struct Whole<'a, S: Simd> {
    channel: &'a OfChannel<'a, S>,
    first: usize,
    columns: usize,
}

impl<S: Simd> Made<S> for Whole<'_, S> {
    #[inline(always)]
    fn put(&mut self, simd: S, (row, column): (usize, usize), _: usize, value: S::V) {
        self.channel.put(simd, self.first + row * self.columns + column, value);
    }
}

/// A tile whose windows are pooled as soon as they are there. Cells come row by row.
struct Pooling<'a, S: Simd> {
    channel: &'a OfChannel<'a, S>,
    /// Row and column of the tile's first window.
    window: (usize, usize),
    /// The row before.
    above: [S::V; TILE],
    /// The cell before.
    left: S::V,
}

impl<S: Simd> Made<S> for Pooling<'_, S> {
    #[inline(always)]
    fn put(&mut self, simd: S, (row, column): (usize, usize), _: usize, value: S::V) {
        if row.is_multiple_of(2) {
            self.above[column] = value;
            return;
        }
        let left = std::mem::replace(&mut self.left, value);
        if column.is_multiple_of(2) {
            return;
        }
        let (rows, columns) = self.channel.finish.size();
        let (down, right) = (self.window.0 + row / 2, self.window.1 + column / 2);
        if down < rows && right < columns {
            let at = (self.channel.channel * rows + down) * columns + right;
            let window = [self.above[column - 1], self.above[column], left, value];
            self.channel.put_largest(simd, at, window);
        }
    }
}
