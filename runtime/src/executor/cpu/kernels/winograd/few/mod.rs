//! 3x3 convolutions of few channels, such as a picture's. A tile's points are multiplied, summed and brought halfway back in registers,
//! so that no sums of points lie in memory.

pub mod dkernel;
pub mod product;

use super::super::super::simd::{LANES, Row, Simd};
use super::lines::three;
use super::transforms::{Filter, Left, Made, TILE};

/// Products that are worked on at a time: the halves of these lie in the first-level cache.
pub const TOGETHER: usize = 8;

/// Rows and columns of a tile's inputs, and of its points.
const SIDE: usize = Filter::Three.side();

/// Points of a tile.
pub const POINTS: usize = Filter::Three.points();

/// A tile halfway from points to outputs: `[column of points][row of outputs]`.
pub type Half = [[Row; TILE]; SIDE];

/// Nothing yet. Halves lie on the stack: measured on Zen 4, in the scratch memory behind the points they cost a third more time.
pub const NOTHING: Half = [[Row([0.0; LANES]); TILE]; SIDE];

/// The sums of C channels over products of a tile's points and the weights' to an output, in the channels' order, halfway back.
/// Either are `rows`, `[point][channel]`, and of the others, `floats`, there are as many as halves; these are the same for all lanes,
/// `[point][channel]`, C of STEP.
#[inline(always)]
pub fn multiply<S: Simd, const C: usize, const STEP: usize>(
    simd: S,
    rows: &[[Row; C]; POINTS],
    floats: &[[[f32; STEP]; POINTS]],
    halves: &mut [Half],
) {
    for column in 0..SIDE {
        // A column's points stay in registers, as far as there are so many.
        let mut fixed = [[simd.zero(); C]; SIDE];
        for row in 0..SIDE {
            for c in 0..C {
                fixed[row][c] = simd.load(&rows[row * SIDE + column][c]);
            }
        }
        for (floats, half) in floats.iter().zip(halves.iter_mut()) {
            let mut sums = [simd.zero(); SIDE];
            for row in 0..SIDE {
                let floats = &floats[row * SIDE + column];
                for c in 0..C {
                    sums[row] = simd.fma(fixed[row][c], simd.splat(floats[c]), sums[row]);
                }
            }
            let line = three::leave(simd, sums);
            for row in 0..TILE {
                simd.store(&mut half[column][row], line[row]);
            }
        }
    }
}

impl<S: Simd> Left<S> for Half {
    #[inline(always)]
    fn leave(&self, simd: S, _: Filter, made: &mut impl Made<S>) {
        for row in 0..TILE {
            let mut line = [simd.zero(); SIDE];
            for column in 0..SIDE {
                line[column] = simd.load(&self[column][row]);
            }
            let line = three::leave(simd, line);
            for column in 0..TILE {
                made.put(simd, (row, column), TILE, line[column]);
            }
        }
    }
}
