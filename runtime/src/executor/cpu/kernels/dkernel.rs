//! `dkernel = sum over pixels and samples of doutput x input`, `dbias = sum of doutput`, of a convolution.
//!
//! input, doutput `[channel][row][column]` of rows of sixteen samples; dkernel `[tap][filter]`; writes `=` for the first
//! block of a sum and `+=` for those that follow. One item: T filters and a run of taps. T x Q sums over samples stay in
//! registers while the pixels of a band of rows go by; the lanes are added up at the very end. The band is as high as
//! keeps T channels of doutput in the second-level cache, with the sums of other taps kept aside meanwhile. Behind a pool,
//! these channels are spread out for the band.

use super::super::memory::Floats;
use super::super::simd::{Row, Simd, SimdKernel, WithSimd};
use super::doutput::{Doutput, Strided};
use super::sums::accumulate_into;
use super::{Tiles, with_size};
use std::ops::Range;

/// What is the same in every step.
pub struct Dkernel {
    /// Where each tap reads, from a pixel's base on.
    pub taps: Vec<u32>,
    /// Rows and columns of the output.
    pub rows: usize,
    /// Columns of the output.
    pub columns: usize,
    /// Input elements from the base of a pixel to that below it, and beside it.
    pub input_steps: (usize, usize),
    /// Whether the map's gradient lies behind a pool, and is spread out a band at a time.
    pub spreads: bool,
    /// The filters, cut into tiles of as many as are summed at once.
    pub tiles: Tiles,
    /// Taps in registers at once.
    pub taps_at_once: usize,
    /// Tap tiles that make an item.
    pub run: usize,
    /// Rows of a band.
    pub band: usize,
    /// Floats from one tap's gradients to the next.
    pub stride: usize,
    /// Where the gradients lie.
    pub kernel: usize,
    /// Where the bias's gradients lie.
    pub bias: Option<usize>,
}

/// The most sums of a tile; with five times five, measured slower than four times six, there is no room left.
const SUMS: usize = 24;

impl Dkernel {
    fn tap_tiles(&self) -> usize {
        self.taps.len().div_ceil(self.taps_at_once)
    }

    fn runs(&self) -> usize {
        self.tap_tiles().div_ceil(self.run)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.tiles.count() * self.runs()
    }

    /// Rows of scratch that a worker needs: the sums of a tile, or of all that an item sets aside.
    pub fn scratch(&self) -> usize {
        let (_, filters) = self.tiles.tile(0);
        let spread = if self.spreads {
            filters * self.band * self.columns
        } else {
            0
        };
        self.kept() + spread
    }

    /// Rows that sums take.
    fn kept(&self) -> usize {
        if self.band < self.rows { self.run * SUMS } else { SUMS }
    }

    /// How many filters and taps stay in registers at once: those that leave least idle.
    pub fn tile(registers: usize, filters: usize, taps: usize) -> (usize, usize) {
        let most = 6;
        let mut best = (1, 1);
        let mut least = f64::INFINITY;
        for limit in 1..=most {
            let size = filters.div_ceil(filters.div_ceil(limit));
            for at_once in 1..=most {
                if size * (at_once + 1) > registers || size * at_once > SUMS {
                    continue;
                }
                // Loads beside the multiply-adds, and lanes that wait: eight must be under way at once.
                let work = (size * at_once).max(8) as f64 + 0.35 * (size + at_once) as f64;
                let cost = work * filters.div_ceil(size) as f64 * taps.div_ceil(at_once) as f64;
                if cost < least {
                    (least, best) = (cost, (size, at_once));
                }
            }
        }
        best
    }
}

/// What one call of the kernel is given.
pub struct DkernelCall<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Dkernel,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its map.
    pub doutput: Doutput<'a>,
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Whether they begin here.
    pub first: bool,
    /// Memory of the worker's own, for the sums of taps that are not in registers and what is spread out.
    pub scratch: &'a mut [Row],
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl WithSimd for DkernelCall<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        self.run(simd);
    }
}

impl DkernelCall<'_> {
    /// Computes the items: for each, the gradients of a tile of filters and a run of taps.
    fn run<S: Simd>(&mut self, simd: S) {
        for item in self.items.clone() {
            // All filters of a run one after another: the channels that its taps read are still in the cache.
            let (filter, size) = self.plan.tiles.tile(item % self.plan.tiles.count());
            let run = item / self.plan.tiles.count();
            let mut item = Item {
                call: self,
                filter,
                run,
            };
            let at_once = item.call.plan.taps_at_once;
            with_size!(size, [1 2 3 4 5 6], T => {
                with_size!(at_once, [1 2 3 4 5 6], Q => simd.call(Tile::<T, Q>(&mut item)));
            });
        }
    }
}

struct Item<'a, 'b> {
    call: &'a mut DkernelCall<'b>,
    filter: usize,
    run: usize,
}

struct Tile<'a, 'b, 'c, const T: usize, const Q: usize>(&'a mut Item<'b, 'c>);

impl<const T: usize, const Q: usize> SimdKernel for Tile<'_, '_, '_, T, Q> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Item { call, filter, run } = self.0;
        let (plan, doutput, filter) = (call.plan, call.doutput, *filter);
        let (kept, spread) = call.scratch.split_at_mut(plan.kept());
        let tiles = *run * plan.run..((*run + 1) * plan.run).min(plan.tap_tiles());
        let mut band = 0..plan.band.min(plan.rows);
        while !band.is_empty() {
            let last = band.end == plan.rows;
            let maps = if let Some(codes) = doutput.codes {
                let each = band.len() * plan.columns;
                for (t, to) in spread.chunks_exact_mut(each).take(T).enumerate() {
                    doutput.spread(simd, codes, filter + t, band.clone(), to);
                }
                Maps {
                    rows: spread,
                    first: 0,
                    row: plan.columns,
                    channel: each,
                }
            } else {
                let Strided { offset, row, channel } = doutput.strided;
                Maps {
                    rows: doutput.rows,
                    first: offset + filter * channel + band.start * row,
                    row,
                    channel,
                }
            };
            for (index, tile) in tiles.clone().enumerate() {
                // Beyond the last tap, the last one again; its sums are not kept.
                let mut taps = [0; Q];
                for q in 0..Q {
                    taps[q] = plan.taps[(tile * Q + q).min(plan.taps.len() - 1)] as usize;
                }
                let from = if band.len() < plan.rows { index * SUMS } else { 0 };
                let sums = &mut kept[from..from + SUMS];
                let tile_of = Band {
                    plan,
                    input: call.input,
                    maps: &maps,
                    taps,
                    rows: band.clone(),
                };
                for piece in 0..S::PIECES {
                    if plan.input_steps.1 == 1 {
                        tile_of.accumulate::<S, T, true>(simd, piece, sums);
                    } else {
                        tile_of.accumulate::<S, T, false>(simd, piece, sums);
                    }
                }
                if last {
                    store::<S, T, Q>(simd, plan, sums, filter, tile * Q, (call.gradients, call.first));
                }
            }
            band = band.end..(band.end + plan.band).min(plan.rows);
        }
        if let Some(bias) = plan.bias
            && *run == 0
        {
            for t in 0..T {
                let to = bias + filter + t;
                let sum = simd.sum(doutput.sum(simd, filter + t));
                accumulate_into(call.gradients.part(to..to + 1), &[sum], call.first);
            }
        }
    }
}

/// The gradients of a band of rows of some channels.
struct Maps<'a> {
    rows: &'a [Row],
    /// The first channel's first.
    first: usize,
    /// From row to row.
    row: usize,
    /// From channel to channel.
    channel: usize,
}

/// The pixels of a band.
struct Band<'a, const Q: usize> {
    plan: &'a Dkernel,
    input: &'a [Row],
    maps: &'a Maps<'a>,
    taps: [usize; Q],
    rows: Range<usize>,
}

impl<const Q: usize> Band<'_, Q> {
    /// T x Q sums over the pixels, for a piece of each row of samples.
    #[inline(always)]
    fn accumulate<S: Simd, const T: usize, const UNIT: bool>(&self, simd: S, piece: usize, kept: &mut [Row]) {
        let Self {
            plan,
            input,
            maps,
            taps,
            rows,
        } = self;
        let step = if UNIT { 1 } else { plan.input_steps.1 };
        let columns = plan.columns;
        let mut sums = [[simd.zero_piece(); T]; Q];
        if rows.start > 0 {
            for q in 0..Q {
                for t in 0..T {
                    sums[q][t] = simd.load_piece(&kept[q * T + t], piece);
                }
            }
        }
        // Slices of one length: one index is then checked for all of them.
        let (last_row, last_column) = (rows.len() - 1, columns - 1);
        let mut xs: [&[Row]; Q] = [&[]; Q];
        let length = last_row * plan.input_steps.0 + last_column * step + 1;
        for q in 0..Q {
            xs[q] = &input[rows.start * plan.input_steps.0 + taps[q]..][..length];
        }
        let mut ds: [&[Row]; T] = [&[]; T];
        let length = last_row * maps.row + columns;
        for t in 0..T {
            ds[t] = &maps.rows[maps.first + t * maps.channel..][..length];
        }
        for row in 0..rows.len() {
            let (x, d) = (row * plan.input_steps.0, row * maps.row);
            let mut column = 0;
            // Two columns in a row where one has few multiply-adds to hide its counting behind.
            while !S::WIDE && column + 1 < columns {
                for column in [column, column + 1] {
                    sums = self::pixel(simd, piece, (&xs, x + column * step), (&ds, d + column), sums);
                }
                column += 2;
            }
            while column < columns {
                sums = self::pixel(simd, piece, (&xs, x + column * step), (&ds, d + column), sums);
                column += 1;
            }
        }
        for q in 0..Q {
            for t in 0..T {
                simd.store_piece(&mut kept[q * T + t], piece, sums[q][t]);
            }
        }
    }
}

/// `sums += x d` of a pixel.
#[inline(always)]
fn pixel<S: Simd, const T: usize, const Q: usize>(
    simd: S,
    piece: usize,
    (xs, x): (&[&[Row]; Q], usize),
    (ds, at): (&[&[Row]; T], usize),
    mut sums: [[S::R; T]; Q],
) -> [[S::R; T]; Q] {
    let mut d = [simd.zero_piece(); T];
    for t in 0..T {
        d[t] = simd.load_piece(&ds[t][at], piece);
    }
    for q in 0..Q {
        let x = simd.load_piece(&xs[q][x], piece);
        for t in 0..T {
            sums[q][t] = simd.fma_piece(x, d[t], sums[q][t]);
        }
    }
    sums
}

/// Adds up the lanes and puts the gradients where they belong, or adds them to what is there.
#[inline(always)]
fn store<S: Simd, const T: usize, const Q: usize>(
    simd: S,
    plan: &Dkernel,
    sums: &[Row],
    filter: usize,
    tap: usize,
    (gradients, first): (Floats<'_>, bool),
) {
    let mut made = [0.0; SUMS];
    // What lies behind the last sum is of another tile, and goes nowhere.
    let quads = made.as_chunks_mut::<4>().0.iter_mut().zip(sums.as_chunks::<4>().0);
    for (made, [a, b, c, d]) in quads.take((T * Q).div_ceil(4)) {
        *made = simd.sum4([simd.load(a), simd.load(b), simd.load(c), simd.load(d)]);
    }
    for q in 0..Q.min(plan.taps.len() - tap) {
        let to = plan.kernel + (tap + q) * plan.stride + filter;
        accumulate_into(gradients.part(to..to + T), &made[q * T..(q + 1) * T], first);
    }
}
