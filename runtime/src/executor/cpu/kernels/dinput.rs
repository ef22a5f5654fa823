//! `dinput = transposed convolution of doutput`, zero where `mask` is not positive.
//!
//! doutput `[channel][row][column]` of rows of sixteen samples, with a zero before each row and after the last; dinput
//! without; writes `=`. One item: T input channels of one row of dinput. It gathers: two pixels that the same taps reach
//! (neighbours, or a stride apart) take all the output pixels whose windows they lie in, and nothing else; 2T sums stay in
//! registers.

use super::super::memory::{Output, fetch_far};
use super::super::simd::{Row, Simd, SimdKernel, WithSimd};
use super::{Tiles, with_size};
use compiler::window::{Grid, Sliding};
use std::ops::Range;

/// What is the same in every step.
pub struct Dinput {
    /// How many columns dinput has.
    pub columns: usize,
    /// How many rows dinput has.
    pub rows: usize,
    /// doutput's elements from row to row, and from channel to channel.
    pub doutput_steps: (usize, usize),
    /// How many channels doutput has.
    pub filters: usize,
    /// Columns of the kernel.
    pub kernel_columns: usize,
    /// Taps of the kernel.
    pub taps: usize,
    /// The input channels, cut into tiles of as many as are summed at once.
    pub tiles: Tiles,
    /// Whether dinput is too large for a second-level cache to keep.
    pub is_far: bool,
    /// For each row of dinput, the kernel rows that reach it and the output rows they reach from.
    pub vertical: Vec<Vec<(u32, u32)>>,
    /// For each group of columns of dinput: the columns, and the kernel columns that reach any of them with the output
    /// column that the first is reached from, counted with the zero before a row.
    pub horizontal: Vec<Columns>,
}

/// Rows of dinput above which those that are written next, and their mask, are asked for meanwhile: 1 MiB.
const FAR: usize = 1 << 14;

/// Columns of dinput that the same taps reach.
pub struct Columns {
    /// The columns: one, or two of which the second is a stride further.
    columns: Vec<u32>,
    /// Kernel column and column of doutput.
    taps: Vec<(u32, u32)>,
}

impl Dinput {
    /// The elements of a channel of doutput with its zeros.
    pub fn plane(grid: &Grid) -> usize {
        grid.vertical.output * (grid.horizontal.output + 1) + 1
    }

    /// Lays out the gathering for pairs of columns, or for single ones.
    pub fn new(in_channels: usize, filters: usize, grid: &Grid, wide: bool) -> Self {
        let (vertical, horizontal) = (grid.vertical, grid.horizontal);
        let reach = |along: &Sliding, at: usize, beyond: usize| -> Vec<(u32, u32)> {
            let taps = (0..along.size).filter_map(|tap| {
                // Window w reaches cell `at` through `tap` where w stride + tap dilation = at + pad; one window further
                // reaches the cell a stride further.
                let from = (at + along.pad_before + beyond * along.stride).checked_sub(tap * along.dilation)?;
                let window = from / along.stride;
                (from % along.stride == 0 && window < along.output + beyond).then_some((tap as u32, window as u32))
            });
            taps.collect()
        };
        let pair = usize::from(wide);
        let mut groups = Vec::new();
        for residue in 0..horizontal.stride.min(horizontal.input) {
            let columns: Vec<u32> = (residue..horizontal.input)
                .step_by(horizontal.stride)
                .map(|x| x as u32)
                .collect();
            for group in columns.chunks(1 + pair) {
                // Columns count from the zero before a row: one more than the window where pairs are not taken; where they
                // are, `beyond` has added it, and a window of zero is the column before the first.
                let mut taps = reach(&horizontal, group[0] as usize, pair);
                for (_, window) in &mut taps {
                    *window += 1 - pair as u32;
                }
                groups.push(Columns {
                    columns: group.to_vec(),
                    taps,
                });
            }
        }
        Self {
            columns: horizontal.input,
            rows: vertical.input,
            doutput_steps: (horizontal.output + 1, Self::plane(grid)),
            filters,
            kernel_columns: horizontal.size,
            taps: vertical.size * horizontal.size,
            tiles: Tiles::of(in_channels, if wide { 12 } else { 6 }),
            is_far: in_channels * vertical.input * horizontal.input > FAR,
            vertical: (0..vertical.input).map(|y| reach(&vertical, y, 0)).collect(),
            horizontal: groups,
        }
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.tiles.count() * self.rows
    }
}

/// What one call of the kernel is given.
pub struct DinputCall<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Dinput,
    /// The gradient of the map, with its zeros.
    pub doutput: &'a [Row],
    /// `[tile][tap][filter][channel of the tile]`.
    pub weights: &'a [f32],
    /// The output of the relu before.
    pub mask: Option<&'a [Row]>,
    /// Written: a row has one element of each sample of a block.
    pub dinput: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl WithSimd for DinputCall<'_> {
    type Output = ();

    fn with<S: Simd>(self, simd: S) {
        self.run(simd);
    }
}

impl DinputCall<'_> {
    /// Computes the items, each with a loop that is unrolled for the size of its tile.
    fn run<S: Simd>(&self, simd: S) {
        for item in self.items.clone() {
            let (first, size) = self.plan.tiles.tile(item / self.plan.rows);
            let row = item % self.plan.rows;
            with_size!(size, [1 2 3 4 5 6 7 8 9 10 11 12], T => simd.call(Tile::<T> { call: self, first, row }));
        }
    }
}

impl DinputCall<'_> {
    /// Asks for what some columns of a row of some channels are written to, and for their mask: channels lie too far from each other for
    /// the processor to see what comes next.
    fn fetch(&self, channels: Range<usize>, row: usize, columns: &[u32]) {
        for channel in channels {
            for &column in columns {
                let at = (channel * self.plan.rows + row) * self.plan.columns + column as usize;
                self.dinput.fetch(at..at + 1);
                if let Some(mask) = self.mask {
                    fetch_far(&mask[at]);
                }
            }
        }
    }
}

struct Tile<'a, const T: usize> {
    call: &'a DinputCall<'a>,
    first: usize,
    row: usize,
}

impl<const T: usize> SimdKernel for Tile<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { call, first, row } = self;
        let plan = call.plan;
        let weights = &call.weights[first * plan.taps * plan.filters..][..T * plan.taps * plan.filters];
        for Columns { columns, taps } in &plan.horizontal {
            if plan.is_far {
                call.fetch(first..first + T, row, columns);
            }
            let mut sums = [[simd.zero(); T]; 2];
            for &(ky, y) in &plan.vertical[row] {
                for &(kx, x) in taps {
                    let tap = ky as usize * plan.kernel_columns + kx as usize;
                    let weights = &weights[tap * plan.filters * T..][..plan.filters * T];
                    let doutput = &call.doutput[y as usize * plan.doutput_steps.0 + x as usize..];
                    let step = plan.doutput_steps.1;
                    let (fours, rest) = weights.as_chunks::<T>().0.as_chunks::<4>();
                    let mut doutput = doutput;
                    for weights in fours {
                        for (filter, weights) in weights.iter().enumerate() {
                            sums = self::filter(simd, &doutput[filter * step..], weights, sums);
                        }
                        doutput = doutput.get(4 * step..).unwrap_or_default();
                    }
                    for (filter, weights) in rest.iter().enumerate() {
                        sums = self::filter(simd, &doutput[filter * step..], weights, sums);
                    }
                }
            }
            for (&column, sums) in columns.iter().zip(sums) {
                for (t, sum) in sums.into_iter().enumerate() {
                    let at = ((first + t) * plan.rows + row) * plan.columns + column as usize;
                    let sum = match call.mask {
                        Some(mask) => {
                            let open = simd.greater(simd.load(&mask[at]), simd.zero());
                            simd.select(open, sum, simd.zero())
                        }
                        None => sum,
                    };
                    simd.store(call.dinput.row(at), sum);
                }
            }
        }
    }
}

/// `sums += doutput x weights` of one filter, for one column or two.
#[inline(always)]
fn filter<S: Simd, const T: usize>(
    simd: S,
    doutput: &[Row],
    weights: &[f32; T],
    mut sums: [[S::V; T]; 2],
) -> [[S::V; T]; 2] {
    if S::WIDE {
        let [left, right, ..] = doutput else { return sums };
        let (left, right) = (simd.load(left), simd.load(right));
        for t in 0..T {
            let w = simd.splat(weights[t]);
            sums[0][t] = simd.fma(left, w, sums[0][t]);
            sums[1][t] = simd.fma(right, w, sums[1][t]);
        }
    } else {
        let [d, ..] = doutput else { return sums };
        let d = simd.load(d);
        for t in 0..T {
            sums[0][t] = simd.fma(d, simd.splat(weights[t]), sums[0][t]);
        }
    }
    sums
}
