//! Maps made larger by whole factors, and the gradients of that. One item: a channel.

use super::super::memory::Output;
use super::super::simd::{Row, Simd, SimdKernel};
use std::ops::Range;

/// How an axis is made longer: for each cell of the long axis the cells of the short one that it takes, and their shares;
/// two for an interpolation between neighbours, one for a copy.
pub struct Axis {
    /// Cells of the short axis.
    pub short: usize,
    /// The first cell, the second, and the share of the second, for each cell of the long axis.
    pub taken: Vec<(u32, u32, f32)>,
}

impl Axis {
    /// Each cell `factor` times.
    pub fn nearest(short: usize, factor: usize) -> Self {
        let taken = (0..short * factor).map(|at| ((at / factor) as u32, (at / factor) as u32, 0.0));
        Self {
            short,
            taken: taken.collect(),
        }
    }

    /// The straight line between the centres of neighbours: cell o has its centre at (o + 1/2) / factor - 1/2 of the short
    /// axis; beyond the outermost centres lies the outermost value.
    pub fn bilinear(short: usize, factor: usize) -> Self {
        let taken = (0..short * factor).map(|at| {
            // One cell further, in halves of a cell of the long axis: never negative.
            let place = 2 * at + 1 + factor;
            let after = place / (2 * factor);
            let share = (place % (2 * factor)) as f32 / (2 * factor) as f32;
            (after.max(1) as u32 - 1, after.min(short - 1) as u32, share)
        });
        Self {
            short,
            taken: taken.collect(),
        }
    }

    /// Cells of the long axis.
    pub fn long(&self) -> usize {
        self.taken.len()
    }
}

/// Makes maps larger: copies of cells, or straight lines between them. One item: a channel.
pub struct UpSample<'a> {
    /// How the rows are made more, and how the columns are.
    pub axes: (&'a Axis, &'a Axis),
    /// Whether cells lie between others; else they are copies.
    pub between: bool,
    /// Read: `[channel][row][column]`, of the short axes.
    pub input: &'a [Row],
    /// Written: `[channel][row][column]`, of the long axes.
    pub output: Output<'a, Row>,
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for UpSample<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (down, across) = self.axes;
        for channel in self.items {
            let input = &self.input[channel * down.short * across.short..][..down.short * across.short];
            for (row, &(top, bottom, lower)) in down.taken.iter().enumerate() {
                let rows = [top, bottom].map(|row| &input[row as usize * across.short..][..across.short]);
                for (column, &(left, right, further)) in across.taken.iter().enumerate() {
                    let first = simd.load(&rows[0][left as usize]);
                    let made = if self.between {
                        let (further, lower) = (simd.splat(further), simd.splat(lower));
                        let mix = |a: S::V, b: S::V, share: S::V| simd.fma(simd.sub(b, a), share, a);
                        let upper = mix(first, simd.load(&rows[0][right as usize]), further);
                        let under = mix(
                            simd.load(&rows[1][left as usize]),
                            simd.load(&rows[1][right as usize]),
                            further,
                        );
                        mix(upper, under, lower)
                    } else {
                        first
                    };
                    let at = (channel * down.long() + row) * across.long() + column;
                    simd.store(self.output.row(at), made);
                }
            }
        }
    }
}

/// The gradient of [`UpSample`]: each cell's is dealt out as the cell was made.
pub struct UpSampleBackward<'a> {
    /// How the rows were made more, and how the columns were.
    pub axes: (&'a Axis, &'a Axis),
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Made: the items' channels alone.
    pub dinput: &'a mut [Row],
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for UpSampleBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (down, across) = self.axes;
        let plane = down.short * across.short;
        for (channel, dinput) in self.items.zip(self.dinput.chunks_mut(plane)) {
            for row in &mut *dinput {
                simd.store(row, simd.zero());
            }
            for (row, &(top, bottom, lower)) in down.taken.iter().enumerate() {
                for (column, &(left, right, further)) in across.taken.iter().enumerate() {
                    let at = (channel * down.long() + row) * across.long() + column;
                    let d = simd.load(&self.doutput[at]);
                    let mut give = |row: u32, column: u32, share: f32| {
                        if share > 0.0 {
                            let to = &mut dinput[row as usize * across.short + column as usize];
                            let sum = simd.fma(d, simd.splat(share), simd.load(to));
                            simd.store(to, sum);
                        }
                    };
                    give(top, left, (1.0 - lower) * (1.0 - further));
                    give(top, right, (1.0 - lower) * further);
                    give(bottom, left, lower * (1.0 - further));
                    give(bottom, right, lower * further);
                }
            }
        }
    }
}
