//! Pictures moved by a matrix for each sample. One item: one position of the output, all channels.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use compiler::ops::{FillMode, Sampling};
use std::ops::Range;

/// Reads each position of the output from where the sample's matrix says, as `compiler::ops::Affine` defines.
pub struct Affine<'a> {
    /// How values between pixels are found, and what lies beyond the edges.
    pub sampling: Sampling,
    /// Height and width of the input.
    pub from: (usize, usize),
    /// Height and width of the output.
    pub to: (usize, usize),
    /// How many channels the input has, and the output with it.
    pub channels: usize,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The matrices, six rows: `a0 a1 a2 b0 b1 b2`, where the output's column x and row y are read at
    /// column `a0 x + a1 y + a2` and row `b0 x + b1 y + b2` of the input.
    pub transforms: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

/// A coordinate beyond the edges as one within them; unchanged where a value is there.
fn fold(mode: FillMode, coordinate: f32, size: usize) -> f32 {
    let length = size as f32;
    let mut c = coordinate;
    match mode {
        FillMode::Constant => return c,
        FillMode::Reflect if size > 1 => {
            let both = 2.0 * length;
            if c < 0.0 {
                c += both * (-c / both).trunc();
                c = if c < -length { c + both } else { -c - 1.0 };
            } else if c > length - 1.0 {
                c -= both * (c / both).trunc();
                c = if c >= length { both - c - 1.0 } else { c };
            }
        }
        FillMode::Wrap if size > 1 => {
            if c < 0.0 {
                c += length * ((-c / (length - 1.0)).trunc() + 1.0);
            } else if c > length - 1.0 {
                c -= length * (c / (length - 1.0)).trunc();
            }
        }
        FillMode::Reflect | FillMode::Wrap | FillMode::Nearest => {}
    }
    c.clamp(0.0, length - 1.0)
}

/// A place between four pixels, or on one of them, of one sample.
#[derive(Clone, Copy, Default)]
struct Place {
    /// Row and column of the pixel above and to the left, or of the only one.
    row: isize,
    column: isize,
    /// How far below and to the right of it.
    down: f32,
    right: f32,
}

impl Affine<'_> {
    fn place(&self, item: usize, lane: usize) -> Place {
        let (across, down) = ((item % self.to.1) as f32, (item / self.to.1) as f32);
        let matrix = |at: usize| self.transforms[at].0[lane];
        let column = matrix(0) * across + matrix(1) * down + matrix(2);
        let row = matrix(3) * across + matrix(4) * down + matrix(5);
        let column = fold(self.sampling.fill_mode, column, self.from.1);
        let row = fold(self.sampling.fill_mode, row, self.from.0);
        if self.sampling.bilinear {
            Place {
                row: row.floor() as isize,
                column: column.floor() as isize,
                down: row - row.floor(),
                right: column - column.floor(),
            }
        } else {
            Place {
                row: row.round() as isize,
                column: column.round() as isize,
                ..Place::default()
            }
        }
    }

    /// A pixel, or what lies beyond the edges.
    fn pixel(&self, channel: usize, row: isize, column: isize, lane: usize) -> f32 {
        match (usize::try_from(row), usize::try_from(column)) {
            (Ok(row), Ok(column)) if row < self.from.0 && column < self.from.1 => {
                self.input[(channel * self.from.0 + row) * self.from.1 + column].0[lane]
            }
            _ => self.sampling.fill_value,
        }
    }

    fn value(&self, channel: usize, place: Place, lane: usize) -> f32 {
        let Place {
            row,
            column,
            down,
            right,
        } = place;
        let at = |row, column| self.pixel(channel, row, column, lane);
        if !self.sampling.bilinear {
            return at(row, column);
        }
        let upper = (1.0 - right) * at(row, column) + right * at(row, column + 1);
        let lower = (1.0 - right) * at(row + 1, column) + right * at(row + 1, column + 1);
        (1.0 - down) * upper + down * lower
    }
}

impl SimdKernel for Affine<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let positions = self.to.0 * self.to.1;
        for item in self.items.clone() {
            let places: [Place; LANES] = std::array::from_fn(|lane| self.place(item, lane));
            for channel in 0..self.channels {
                let made = std::array::from_fn(|lane| self.value(channel, places[lane], lane));
                *self.output.row(channel * positions + item) = Row(made);
            }
        }
    }
}
