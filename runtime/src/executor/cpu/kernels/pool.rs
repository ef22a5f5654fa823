//! Pools and their gradients. Rows of sixteen samples; all write `=`. One item: a channel.

use super::super::simd::{Row, Simd, SimdKernel};
use compiler::ops::PoolKind;
use compiler::window::Grid;
use std::ops::Range;

/// The windows of a grid, each as the input cells it covers, in row-major order.
pub struct Windows {
    /// Cells, window after window.
    cells: Vec<u32>,
    /// Where each window's cells end.
    ends: Vec<u32>,
    /// Elements of an input channel.
    pub input: usize,
    /// Whether each window covers four cells, and no cell is in two windows.
    quads: bool,
}

impl Windows {
    /// Lists the cells of every window; those in the padding are left out.
    pub fn new(grid: &Grid) -> Self {
        let (vertical, horizontal) = (grid.vertical, grid.horizontal);
        let covered = |along: &compiler::window::Sliding, window: usize| -> Vec<usize> {
            let taps = (0..along.size).filter_map(|tap| {
                (window * along.stride + tap * along.dilation)
                    .checked_sub(along.pad_before)
                    .filter(|&at| at < along.input)
            });
            taps.collect()
        };
        let mut windows = Self {
            cells: Vec::new(),
            ends: Vec::new(),
            input: vertical.input * horizontal.input,
            quads: [vertical, horizontal]
                .iter()
                .all(|along| along.size == 2 && along.stride >= 2 && along.dilation == 1),
        };
        for y in 0..vertical.output {
            for x in 0..horizontal.output {
                for row in covered(&vertical, y) {
                    let columns = covered(&horizontal, x).into_iter();
                    windows
                        .cells
                        .extend(columns.map(|column| (row * horizontal.input + column) as u32));
                }
                windows.ends.push(windows.cells.len() as u32);
            }
        }
        windows.quads &= windows.cells.len() == 4 * windows.count();
        windows
    }

    /// One window over a whole channel.
    pub fn global(positions: usize) -> Self {
        Self {
            cells: (0..positions as u32).collect(),
            ends: vec![positions as u32],
            input: positions,
            quads: false,
        }
    }

    /// How many windows a channel has.
    pub fn count(&self) -> usize {
        self.ends.len()
    }

    #[inline(always)]
    fn each(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.cells[start as usize..*end as usize])
    }
}

/// The maximum or the mean of each window.
pub struct Pool<'a> {
    /// Whether the maximum or the mean of a window is taken.
    pub pool: PoolKind,
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub windows: &'a Windows,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Made: the items' channels alone.
    pub output: &'a mut [Row],
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Pool<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (channel, output) in self.items.zip(self.output.chunks_mut(self.windows.count())) {
            let input = &self.input[channel * self.windows.input..][..self.windows.input];
            for (cells, output) in self.windows.each().zip(output) {
                let made = match self.pool {
                    PoolKind::Max => {
                        let mut largest = simd.splat(f32::NEG_INFINITY);
                        for &cell in cells {
                            largest = simd.max(simd.load(&input[cell as usize]), largest);
                        }
                        largest
                    }
                    PoolKind::Average => {
                        let mut sum = simd.zero();
                        for &cell in cells {
                            sum = simd.add(sum, simd.load(&input[cell as usize]));
                        }
                        simd.mul(sum, simd.splat(1.0 / cells.len() as f32))
                    }
                };
                simd.store(output, made);
            }
        }
    }
}

/// The gradient of [`Pool`].
pub struct PoolBackward<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub windows: &'a Windows,
    /// What a maximum took and gave; none for a mean.
    pub taken: Option<(&'a [Row], &'a [Row])>,
    /// Whether tied maxima take equal parts, as a global pool's do; else the first takes all.
    pub share: bool,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// Made: the items' channels alone.
    pub dinput: &'a mut [Row],
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for PoolBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(mut self, simd: S) {
        let (cells, windows) = (self.windows.input, self.windows.count());
        let dinput = std::mem::take(&mut self.dinput);
        for (channel, dinput) in self.items.clone().zip(dinput.chunks_mut(cells)) {
            if let (Some(taken), true, false) = (self.taken, self.windows.quads, self.share) {
                self.quads(simd, channel, taken, dinput);
                continue;
            }
            for row in &mut *dinput {
                simd.store(row, simd.zero());
            }
            let doutput = &self.doutput[channel * windows..][..windows];
            for (window, (cells_of, d)) in self.windows.each().zip(doutput).enumerate() {
                let d = simd.load(d);
                if let Some((input, output)) = self.taken {
                    let input = &input[channel * cells..][..cells];
                    let largest = simd.load(&output[channel * windows + window]);
                    let here = |cell: u32| simd.equal(simd.load(&input[cell as usize]), largest);
                    let mut left = d;
                    if self.share {
                        let mut ties = simd.zero();
                        for &cell in cells_of {
                            ties = simd.add(ties, simd.select(here(cell), simd.splat(1.0), simd.zero()));
                        }
                        left = simd.div(d, ties);
                    }
                    for &cell in cells_of {
                        let part = simd.select(here(cell), left, simd.zero());
                        let to = &mut dinput[cell as usize];
                        simd.store(to, simd.add(simd.load(to), part));
                        if !self.share {
                            left = simd.select(here(cell), simd.zero(), left);
                        }
                    }
                } else {
                    let part = simd.mul(d, simd.splat(1.0 / cells_of.len() as f32));
                    for &cell in cells_of {
                        let to = &mut dinput[cell as usize];
                        simd.store(to, simd.add(simd.load(to), part));
                    }
                }
            }
        }
    }
}

impl PoolBackward<'_> {
    /// A channel of maxima of four cells each, of which no two share one.
    #[inline(always)]
    fn quads<S: Simd>(&self, simd: S, channel: usize, (input, output): (&[Row], &[Row]), dinput: &mut [Row]) {
        let (cells, windows) = (self.windows.input, self.windows.count());
        let input = &input[channel * cells..][..cells];
        if 4 * windows < cells {
            for row in &mut *dinput {
                simd.store(row, simd.zero());
            }
        }
        let of_windows = (output[channel * windows..].iter()).zip(&self.doutput[channel * windows..]);
        for (cells, (output, d)) in self.windows.cells.as_chunks::<4>().0.iter().zip(of_windows) {
            let (largest, mut left) = (simd.load(output), simd.load(d));
            for cell in *cells {
                let here = simd.equal(simd.load(&input[cell as usize]), largest);
                simd.store(&mut dinput[cell as usize], simd.select(here, left, simd.zero()));
                left = simd.select(here, simd.zero(), left);
            }
        }
    }
}
