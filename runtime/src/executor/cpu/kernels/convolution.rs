//! `output = pool(relu(conv(input, kernel) + bias))`, and the dense layer, which is a convolution of one pixel.
//!
//! input, output `[channel][row][column]` of rows of sixteen samples; writes `=`. One item: a tile of T channels over a
//! run of pixel groups. A group is four pixels, the window of a fused 2x2 pool where there is one; T x 4 sums stay in
//! registers while the taps go by: for each tap four rows of the input and T weights make 4T multiply-adds.

use super::super::memory::{Codes, Output, fetch, fetch_far};
use super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::{Tiles, with_size};
use std::ops::Range;

/// What is the same in every step.
pub struct Forward {
    /// Where each unit of taps (input channel, row, column) reads, from a pixel's base on.
    pub units: Vec<u32>,
    /// Taps of a unit, which lie side by side in the input: one, or as many as a loop is unrolled for.
    pub unit: usize,
    /// The base of each pixel, four a group.
    pub bases: Vec<u32>,
    /// How many pixels the output has: of an incomplete last group, only the first are written.
    pub pixels: usize,
    /// Groups that make an item.
    pub groups: usize,
    /// The output channels, cut into tiles of as many as are summed at once.
    pub tiles: Tiles,
    /// Floats from one tap's weights to the next; none where they are packed tile by tile.
    pub stride: Option<usize>,
    /// Whether negative sums become zero.
    pub relu: bool,
    /// Whether a group is a window, of which the maximum is kept.
    pub pool: bool,
}

impl Forward {
    /// Into how many runs the groups of pixels are cut, the last of which may be shorter.
    fn runs(&self) -> usize {
        (self.bases.len() / 4).div_ceil(self.groups)
    }

    /// How many items there are.
    pub fn items(&self) -> usize {
        self.tiles.count() * self.runs()
    }

    /// Rows from a pixel's base on, up to the last that is read. Units are in order.
    fn reach(&self) -> usize {
        self.units.last().map_or(0, |&last| last as usize) + self.unit
    }

    /// The units of `taps`, and how many taps each has. Where a tile has few multiply-adds, what it costs to find a tap is
    /// as much as half of them, and is shared: 25 % faster on Zen 3 with the core's other thread busy, 5 % without.
    pub fn units(wide: bool, taps: &[u32]) -> (Vec<u32>, usize) {
        let neighbours = |unit: &[u32]| unit.windows(2).all(|pair| pair[0] + 1 == pair[1]);
        let fits = |unit: usize| taps.len().is_multiple_of(unit) && taps.chunks(unit).all(neighbours);
        let unit = [5, 4, 3].into_iter().find(|&unit| !wide && fits(unit)).unwrap_or(1);
        (taps.iter().copied().step_by(unit).collect(), unit)
    }

    /// The widest tile that stays in registers.
    pub fn limit(wide: bool, pixels: usize) -> usize {
        match (wide, pixels) {
            (true, 1) => 12,
            (true | false, _) => 6,
        }
    }
}

/// What one call of the kernel is given.
pub struct ForwardCall<'a> {
    /// Sizes, strides and padding, as they were prepared from the plan.
    pub plan: &'a Forward,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Packed or not, see [`Forward::stride`].
    pub weights: &'a [f32],
    /// The bias of each output channel.
    pub bias: Option<&'a [f32]>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// Which pixel of a window was the maximum.
    pub codes: Option<Output<'a, Codes>>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

/// Weights of an output of one pixel that are read at a time, 256 KiB: they stay in the second-level cache while the tiles
/// of channels, which read a part of each row, go by.
const WEIGHTS: usize = 1 << 16;

impl WithSimd for ForwardCall<'_> {
    type Output = ();

    fn with<S: Simd>(self, simd: S) {
        self.run(simd);
    }
}

impl ForwardCall<'_> {
    /// Computes the items, each with a loop that is unrolled for the size of its tile.
    fn run<S: Simd>(&self, simd: S) {
        let plan = self.plan;
        if plan.pixels == 1 {
            return self.single(simd);
        }
        for item in self.items.clone() {
            // All tiles of a run one after another: what they take is still in the cache.
            let tile = item % plan.tiles.count();
            let (first, size) = plan.tiles.tile(tile);
            let run = item / plan.tiles.count() * plan.groups;
            let groups = run..(run + plan.groups).min(plan.bases.len() / 4);
            with_size!(size, [1 2 3 4 5 6], T => simd.call(Tile::<T> { call: self, first, groups, ahead: tile % 4 }));
        }
    }

    /// An output of one pixel: units by units, and of them tile by tile.
    fn single<S: Simd>(&self, simd: S) {
        let all = self.plan.units.len();
        let at_once = (WEIGHTS / self.plan.tiles.channels())
            .max(LANES)
            .div_ceil(self.plan.unit);
        for start in (0..all).step_by(at_once) {
            let units = start..(start + at_once).min(all);
            for (at, item) in self.items.clone().enumerate() {
                self.fetch(units.end..(units.end + at_once).min(all), at);
                let (first, size) = self.plan.tiles.tile(item);
                let units = units.clone();
                with_size!(size, [1 2 3 4 5 6 7 8 9 10 11 12], T => simd.call(Single::<T> { call: self, first, units }));
            }
        }
    }

    /// Asks for the item's share of the next weights, one line after another: each tile reads a little of every row, which
    /// no processor foresees.
    fn fetch(&self, units: Range<usize>, at: usize) {
        let Some(stride) = self.plan.stride.filter(|_| !units.is_empty()) else {
            return;
        };
        let floats = self.plan.unit * stride;
        let weights = &self.weights[units.start * floats..(units.end * floats).min(self.weights.len())];
        for line in weights.chunks(LANES).skip(at).step_by(self.items.len()) {
            fetch(&line[0]);
        }
    }

    /// The tile's weights, and the floats from one tap to the next.
    #[inline(always)]
    fn weights(&self, first: usize, size: usize) -> (&[f32], usize) {
        match self.plan.stride {
            Some(stride) => (&self.weights[first..], stride),
            None => (&self.weights[first * self.plan.units.len() * self.plan.unit..], size),
        }
    }

    #[inline(always)]
    fn finish<S: Simd, const T: usize>(&self, simd: S, first: usize, sums: [S::V; T]) -> [S::V; T] {
        let mut made = sums;
        if let Some(bias) = self.bias {
            let bias = &bias[first..][..T];
            for t in 0..T {
                made[t] = simd.add(made[t], simd.splat(bias[t]));
            }
        }
        if self.plan.relu {
            for made in &mut made {
                *made = simd.max(*made, simd.zero());
            }
        }
        made
    }
}

/// Units of taps, and their weights: T of each tap, `stride` floats from one tap's to the next.
#[derive(Clone, Copy)]
struct Taps<'a> {
    units: &'a [u32],
    unit: usize,
    weights: &'a [f32],
    stride: usize,
}

/// What P pixels read, from the base of each on, and what is asked for meanwhile. All of one length: a place is then checked once.
#[derive(Clone, Copy)]
struct Reading<'a, const P: usize> {
    pixels: [&'a [Row]; P],
    ahead: &'a [Row],
}

impl<'a, const P: usize> Reading<'a, P> {
    /// The `length` rows from each base on, and those from `ahead` on.
    #[inline(always)]
    fn new(input: &'a [Row], bases: [usize; P], ahead: usize, length: usize) -> Self {
        let mut pixels: [&[Row]; P] = [&[]; P];
        for p in 0..P {
            pixels[p] = &input[bases[p]..][..length];
        }
        Self {
            pixels,
            ahead: &input[ahead..][..length],
        }
    }
}

/// T sums of P pixels.
#[inline(always)]
fn accumulate<S: Simd, const P: usize, const T: usize>(
    simd: S,
    from: Reading<'_, P>,
    taps: Taps<'_>,
    sums: [[S::V; T]; P],
) -> [[S::V; T]; P] {
    match taps.unit {
        5 if !S::WIDE => unrolled::<S, P, T, 5>(simd, from, taps, sums),
        4 if !S::WIDE => unrolled::<S, P, T, 4>(simd, from, taps, sums),
        3 if !S::WIDE => unrolled::<S, P, T, 3>(simd, from, taps, sums),
        _ => unrolled::<S, P, T, 1>(simd, from, taps, sums),
    }
}

/// The same with U taps a unit: the loop that all of a network's time should be spent in.
#[inline(always)]
fn unrolled<S: Simd, const P: usize, const T: usize, const U: usize>(
    simd: S,
    from: Reading<'_, P>,
    taps: Taps<'_>,
    mut sums: [[S::V; T]; P],
) -> [[S::V; T]; P] {
    let Taps {
        units, weights, stride, ..
    } = taps;
    if stride == T {
        // Nothing between a tap's weights and the next: no end of theirs to look after.
        let weights = weights.as_chunks::<T>().0.as_chunks::<U>().0;
        for (&unit, weights) in units.iter().zip(weights) {
            for u in 0..U {
                sums = tap(simd, from, unit as usize + u, &weights[u], sums);
            }
        }
        return sums;
    }
    for (&unit, weights) in units.iter().zip(weights.chunks(U * stride)) {
        for u in 0..U {
            let Some(weights) = weights.get(u * stride..).and_then(|weights| weights.first_chunk()) else {
                break;
            };
            sums = tap(simd, from, unit as usize + u, weights, sums);
        }
    }
    sums
}

/// `sums += input x weights`
#[inline(always)]
fn tap<S: Simd, const P: usize, const T: usize>(
    simd: S,
    from: Reading<'_, P>,
    tap: usize,
    weights: &[f32; T],
    mut sums: [[S::V; T]; P],
) -> [[S::V; T]; P] {
    let mut x = [simd.zero(); P];
    for p in 0..P {
        x[p] = simd.load(&from.pixels[p][tap]);
    }
    if P > 1 && S::WIDE {
        fetch_far(&from.ahead[tap]);
    }
    for t in 0..T {
        let w = simd.splat(weights[t]);
        for p in 0..P {
            sums[p][t] = simd.fma(x[p], w, sums[p][t]);
        }
    }
    sums
}

/// An output of one pixel.
struct Single<'a, const T: usize> {
    call: &'a ForwardCall<'a>,
    first: usize,
    units: Range<usize>,
}

impl<const T: usize> SimdKernel for Single<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self { call, first, units } = self;
        let plan = call.plan;
        let last = units.end == plan.units.len();
        let (weights, stride) = call.weights(first, T);
        let mut sums = [simd.zero(); T];
        if units.start > 0 {
            for t in 0..T {
                sums[t] = simd.load(call.output.row(first + t));
            }
        }
        let taps = Taps {
            weights: &weights[units.start * plan.unit * stride..],
            units: &plan.units[units],
            unit: plan.unit,
            stride,
        };
        let [sums] = accumulate::<S, 1, T>(simd, Reading::new(call.input, [0], 0, plan.reach()), taps, [sums]);
        let made = if last { call.finish(simd, first, sums) } else { sums };
        for (t, made) in made.into_iter().enumerate() {
            simd.store(call.output.row(first + t), made);
        }
    }
}

/// A run of groups.
struct Tile<'a, const T: usize> {
    call: &'a ForwardCall<'a>,
    first: usize,
    groups: Range<usize>,
    /// Which pixel of each of the next run's groups is asked for.
    ahead: usize,
}

impl<const T: usize> SimdKernel for Tile<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let Self {
            call,
            first,
            groups,
            ahead,
        } = self;
        let plan = call.plan;
        let reach = plan.reach();
        let (weights, stride) = call.weights(first, T);
        let taps = Taps {
            units: &plan.units,
            unit: plan.unit,
            weights,
            stride,
        };
        for group in groups {
            let mut bases = [0; 4];
            for (base, from) in bases.iter_mut().zip(&plan.bases[group * 4..]) {
                *base = *from as usize;
            }
            let mut sums = [[simd.zero(); T]; 4];
            if S::WIDE {
                let ahead = plan.bases.get((group + plan.groups) * 4 + ahead);
                let ahead = ahead.map_or(bases[0], |&ahead| ahead as usize);
                let from = Reading::new(call.input, bases, ahead, reach);
                sums = accumulate::<S, 4, T>(simd, from, taps, sums);
            } else {
                let mut rows = [[Row([0.0; LANES]); T]; 4];
                simd.call(Pixels {
                    input: call.input,
                    bases,
                    reach,
                    taps,
                    to: &mut rows,
                });
                for (sums, rows) in sums.iter_mut().zip(&rows) {
                    for t in 0..T {
                        sums[t] = simd.load(&rows[t]);
                    }
                }
            }
            if plan.pool {
                self::pooled(simd, call, first, group, sums);
            } else {
                for (p, sums) in sums.into_iter().enumerate().take(plan.pixels - group * 4) {
                    for (t, sum) in call.finish(simd, first, sums).into_iter().enumerate() {
                        simd.store(call.output.row((first + t) * plan.pixels + group * 4 + p), sum);
                    }
                }
            }
        }
    }
}

/// T sums of each of a group's pixels, one pixel at a time, whose sums have the registers to themselves.
struct Pixels<'a, const T: usize> {
    input: &'a [Row],
    bases: [usize; 4],
    /// See [`Forward::reach`].
    reach: usize,
    taps: Taps<'a>,
    to: &'a mut [[Row; T]; 4],
}

impl<const T: usize> SimdKernel for Pixels<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for (base, to) in self.bases.into_iter().zip(self.to) {
            let zeros = [[simd.zero(); T]];
            let from = Reading::new(self.input, [base], base, self.reach);
            let [sums] = accumulate::<S, 1, T>(simd, from, self.taps, zeros);
            for (to, sum) in to.iter_mut().zip(sums) {
                simd.store(to, sum);
            }
        }
    }
}

/// Keeps the first of the largest of four sums; bias and relu commute with the maximum.
#[inline(always)]
fn pooled<S: Simd, const T: usize>(simd: S, call: &ForwardCall<'_>, first: usize, group: usize, sums: [[S::V; T]; 4]) {
    let windows = call.plan.bases.len() / 4;
    let mut largest = sums[0];
    if let Some(codes) = call.codes {
        for t in 0..T {
            let mut code = simd.zero();
            for (p, sums) in sums.iter().enumerate().skip(1) {
                let greater = simd.greater(sums[t], largest[t]);
                largest[t] = simd.select(greater, sums[t], largest[t]);
                code = simd.select(greater, simd.splat(p as f32), code);
            }
            codes.row((first + t) * windows + group).0 = simd.narrow(code);
        }
    } else {
        for sums in &sums[1..] {
            for t in 0..T {
                largest[t] = simd.max(sums[t], largest[t]);
            }
        }
    }
    for (t, sum) in call.finish(simd, first, largest).into_iter().enumerate() {
        simd.store(call.output.row((first + t) * windows + group), sum);
    }
}
