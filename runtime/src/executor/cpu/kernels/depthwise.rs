//! Convolutions of each channel by itself, and their gradients: `grouped`, where a group has one input and one output. Sums have
//! the order that they have there (row, column of the kernel; for its gradient, row and column of the map), so that both make
//! the same bits; but several columns of a map are summed abreast, and a channel's weights are read once.
//!
//! input, dinput, output, doutput `[channel][row][column]` of rows of sixteen samples, or `[sample][channel / 16][row][column]`
//! of rows of sixteen channels; kernel `[tap][channel]`, channels padded to four.

use super::super::memory::{Floats, Output};
use super::super::simd::{Row, Simd, SimdKernel};
use super::blocked::of_channels;
use super::elementwise::Rectifier;
use super::sums::{accumulate_into, sum_of_channel};
use super::with_size;
use compiler::window::{Grid, Sliding};
use std::ops::Range;

/// The most taps along either side of a kernel.
const MOST: usize = 7;

/// Taps of most kernels, for which fewer weights are set up, and of the largest.
const TAPS: (usize, usize) = (9, MOST * MOST);

/// Columns that are summed abreast, in many registers and in few.
const ABREAST: (usize, usize) = (8, 4);

/// What is the same in every step.
pub struct Depthwise {
    grid: Grid,
    /// Floats from one tap's weights to the next.
    stride: usize,
    forward: Sweep,
    dinput: Sweep,
}

/// For each cell of a map, which taps meet which cells of another map.
struct Sweep {
    /// For each row, its taps and the other map's rows.
    rows: Vec<Vec<(usize, usize)>>,
    tiles: Vec<Tile>,
    columns: usize,
    /// Columns of the other map, and how far apart the cells are that neighbours of a tile meet.
    width: usize,
    step: usize,
}

/// Columns with the same taps.
struct Tile {
    first: usize,
    count: usize,
    /// From column to column.
    apart: usize,
    /// The taps, and the cells that the first column meets with them.
    taps: Vec<(usize, usize)>,
}

/// For each window, the taps that lie inside and the cells under them.
fn windows(along: &Sliding) -> Vec<Vec<(usize, usize)>> {
    let taps = |window: usize| {
        let taps = (0..along.size).filter_map(|tap| {
            let cell = (window * along.stride + tap * along.dilation).checked_sub(along.pad_before)?;
            (cell < along.input).then_some((tap, cell))
        });
        taps.collect()
    };
    (0..along.output).map(taps).collect()
}

/// For each cell, the taps that reach it and the windows that they reach it from.
fn reaching(along: &Sliding) -> Vec<Vec<(usize, usize)>> {
    let taps = |cell: usize| {
        let taps = (0..along.size).filter_map(|tap| {
            let from = (cell + along.pad_before).checked_sub(tap * along.dilation)?;
            let window = from / along.stride;
            (from.is_multiple_of(along.stride) && window < along.output).then_some((tap, window))
        });
        taps.collect()
    };
    (0..along.input).map(taps).collect()
}

impl Sweep {
    /// `apart`: how far apart columns are whose cells are `step` apart.
    fn new(
        rows: Vec<Vec<(usize, usize)>>,
        columns: &[Vec<(usize, usize)>],
        (apart, step, width): (usize, usize, usize),
        abreast: usize,
    ) -> Self {
        let mut tiles: Vec<Tile> = Vec::new();
        for class in 0..apart.min(columns.len()) {
            let mut run: Option<Tile> = None;
            for (column, taps) in columns.iter().enumerate().skip(class).step_by(apart) {
                if let Some(run) = &mut run
                    && run.taps.len() == taps.len()
                    && (run.taps.iter().zip(taps)).all(|(first, now)| *now == (first.0, first.1 + run.count * step))
                {
                    run.count += 1;
                    continue;
                }
                tiles.extend(run.take());
                run = Some(Tile {
                    first: column,
                    count: 1,
                    apart,
                    taps: taps.clone(),
                });
            }
            tiles.extend(run);
        }
        let tiles = tiles.into_iter().flat_map(|run| run.cut(step, abreast)).collect();
        Self {
            rows,
            tiles,
            columns: columns.len(),
            width,
            step,
        }
    }
}

impl Tile {
    /// Tiles of powers of two of columns.
    fn cut(self, step: usize, abreast: usize) -> Vec<Self> {
        let (mut done, mut tiles) = (0, Vec::new());
        while done < self.count {
            let left = self.count - done;
            let count = abreast.min(1 << left.ilog2());
            tiles.push(Self {
                first: self.first + done * self.apart,
                count,
                apart: self.apart,
                taps: (self.taps.iter())
                    .map(|&(tap, cell)| (tap, cell + done * step))
                    .collect(),
            });
            done += count;
        }
        tiles
    }
}

impl Depthwise {
    /// Lays the kernel out; none where it is too large, or where groups have several channels.
    pub fn new((group_inputs, group_outputs, outputs): (usize, usize, usize), grid: Grid, wide: bool) -> Option<Self> {
        let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
        if group_inputs != 1 || group_outputs != 1 || vertical.size > MOST || horizontal.size > MOST {
            return None;
        }
        let abreast = if wide { ABREAST.0 } else { ABREAST.1 };
        Some(Self {
            grid,
            stride: outputs.next_multiple_of(4),
            forward: Sweep::new(
                windows(vertical),
                &windows(horizontal),
                (1, horizontal.stride, horizontal.input),
                abreast,
            ),
            dinput: Sweep::new(
                reaching(vertical),
                &reaching(horizontal),
                (horizontal.stride, 1, horizontal.output),
                abreast,
            ),
        })
    }

    fn input_plane(&self) -> usize {
        self.grid.vertical.input * self.grid.horizontal.input
    }

    fn output_plane(&self) -> usize {
        self.grid.vertical.output * self.grid.horizontal.output
    }

    fn taps(&self) -> usize {
        self.grid.vertical.size * self.grid.horizontal.size
    }

    /// An item's weights, tap by tap.
    #[inline(always)]
    fn weights<S: Simd, const W: usize>(
        &self,
        simd: S,
        weights: &[f32],
        (item, blocks): (usize, Option<usize>),
    ) -> [S::V; W] {
        let mut all = [simd.zero(); W];
        for (to, weights) in all[..self.taps()].iter_mut().zip(weights.chunks(self.stride)) {
            *to = of_channels(simd, weights, item, blocks);
        }
        all
    }
}

/// Sums of T columns of a tile: `start + sum over taps of source weight`, in the order of the taps. STEP: the step from cell to
/// cell, 0 where it is known at run time only.
#[inline(always)]
fn sums<S: Simd, const T: usize, const STEP: usize>(
    simd: S,
    (sweep, tile, row): (&Sweep, &Tile, &[(usize, usize)]),
    source: &[Row],
    (weights, across): (&[S::V], usize),
    start: S::V,
) -> [S::V; T] {
    let step = if STEP > 0 { STEP } else { sweep.step };
    let mut sums = [start; T];
    for &(ky, y) in row {
        let line = &source[y * sweep.width..][..sweep.width];
        for &(kx, x) in &tile.taps {
            let w = weights[ky * across + kx];
            let cells = &line[x..][..=(T - 1) * step];
            for t in 0..T {
                sums[t] = simd.fma(simd.load(&cells[t * step]), w, sums[t]);
            }
        }
    }
    sums
}

/// Where sums go.
#[derive(Clone, Copy)]
struct To<'a> {
    output: Output<'a, Row>,
    /// The map's first row there.
    first: usize,
    rectifier: Option<Rectifier>,
}

/// All sums of a map.
#[inline(always)]
fn sweep<S: Simd>(
    simd: S,
    sweep: &Sweep,
    source: &[Row],
    (weights, across): (&[S::V], usize),
    start: S::V,
    to: To<'_>,
) {
    for (y, row) in sweep.rows.iter().enumerate() {
        for tile in &sweep.tiles {
            let at = y * sweep.columns + tile.first;
            with_size!(tile.count, [1 2 4 8], T => {
                let (place, weights) = ((sweep, tile, &row[..]), (weights, across));
                let sums = match sweep.step {
                    1 => sums::<S, T, 1>(simd, place, source, weights, start),
                    2 => sums::<S, T, 2>(simd, place, source, weights, start),
                    _ => sums::<S, T, 0>(simd, place, source, weights, start),
                };
                for (t, sum) in sums.into_iter().enumerate() {
                    simd.store(to.output.row(to.first + at + t * tile.apart), sum);
                }
            });
        }
        // Here and not where sums are stored: that is written out many times.
        if let Some(rectifier) = to.rectifier {
            for at in to.first + y * sweep.columns..to.first + (y + 1) * sweep.columns {
                let row = to.output.row(at);
                let made = rectifier.of(simd, simd.load(row));
                simd.store(row, made);
            }
        }
    }
}

/// `output = kernel input + bias`. One item: a channel, or a block of sixteen channels of a sample.
pub struct Forward<'a> {
    /// The kernel laid over the input.
    pub plan: &'a Depthwise,
    /// Blocks of sixteen channels that a sample has, where those are the items.
    pub blocks: Option<usize>,
    /// What the convolution takes.
    pub input: &'a [Row],
    /// The kernel, `[tap][channel]`.
    pub weights: &'a [f32],
    /// The bias of each channel.
    pub bias: Option<&'a [f32]>,
    /// What becomes of sums.
    pub rectifier: Option<Rectifier>,
    /// Written.
    pub output: Output<'a, Row>,
    /// The items that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        if self.plan.taps() <= TAPS.0 {
            self.maps::<S, { TAPS.0 }>(simd);
        } else {
            self.maps::<S, { TAPS.1 }>(simd);
        }
    }
}

impl Forward<'_> {
    #[inline(always)]
    fn maps<S: Simd, const W: usize>(self, simd: S) {
        let (plan, across) = (self.plan, self.plan.grid.horizontal.size);
        for item in self.items {
            let weights = plan.weights::<S, W>(simd, self.weights, (item, self.blocks));
            let of = |values: &[f32]| of_channels(simd, values, item, self.blocks);
            let bias = self.bias.map_or(simd.zero(), of);
            let input = &self.input[item * plan.input_plane()..][..plan.input_plane()];
            let to = To {
                output: self.output,
                first: item * plan.output_plane(),
                rectifier: self.rectifier,
            };
            sweep(simd, &plan.forward, input, (&weights, across), bias, to);
        }
    }
}

/// `dinput = kernel^T doutput`. One item: a channel.
pub struct Dinput<'a> {
    /// The kernel laid over the input.
    pub plan: &'a Depthwise,
    /// The gradient of the output.
    pub doutput: &'a [Row],
    /// The kernel, `[tap][channel]`.
    pub weights: &'a [f32],
    /// Written.
    pub dinput: Output<'a, Row>,
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dinput<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        if self.plan.taps() <= TAPS.0 {
            self.maps::<S, { TAPS.0 }>(simd);
        } else {
            self.maps::<S, { TAPS.1 }>(simd);
        }
    }
}

impl Dinput<'_> {
    #[inline(always)]
    fn maps<S: Simd, const W: usize>(self, simd: S) {
        let (plan, across) = (self.plan, self.plan.grid.horizontal.size);
        for item in self.items {
            let weights = plan.weights::<S, W>(simd, self.weights, (item, None));
            let doutput = &self.doutput[item * plan.output_plane()..][..plan.output_plane()];
            let to = To {
                output: self.dinput,
                first: item * plan.input_plane(),
                rectifier: None,
            };
            sweep(simd, &plan.dinput, doutput, (&weights, across), simd.zero(), to);
        }
    }
}

/// `dkernel = sum over pixels and samples of doutput x input`, `dbias = sum of doutput`. One item: a channel.
pub struct Dkernel<'a> {
    /// The kernel laid over the input.
    pub plan: &'a Depthwise,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its output.
    pub doutput: &'a [Row],
    /// Where the partial sums of each block of samples are written.
    pub gradients: Floats<'a>,
    /// Where the kernel's and the bias's begin.
    pub places: (usize, Option<usize>),
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The channels whose gradients this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Dkernel<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.plan;
        let (vertical, horizontal) = (plan.grid.vertical.size, plan.grid.horizontal.size);
        for channel in self.items.clone() {
            // Nine sums are not too many for wide registers, and fewer wait for each other's multiply-adds.
            if S::WIDE && vertical == 3 && horizontal == 3 {
                self.taps::<S, 3, 3>(simd, channel, 0);
            } else {
                for ky in 0..vertical {
                    with_size!(horizontal, [1 2 3 4 5 6 7], K => self.taps::<S, 1, K>(simd, channel, ky));
                }
            }
            if let (_, Some(bias)) = self.places {
                let sum = sum_of_channel(
                    simd,
                    &self.doutput[channel * plan.output_plane()..][..plan.output_plane()],
                );
                let to = self.gradients.part(bias + channel..bias + channel + 1);
                accumulate_into(to, &[simd.sum(sum)], self.first);
            }
        }
    }
}

impl Dkernel<'_> {
    /// The gradients of V rows of K taps, from row `first` of the kernel on.
    #[inline(always)]
    fn taps<S: Simd, const V: usize, const K: usize>(&self, simd: S, channel: usize, first: usize) {
        let plan = self.plan;
        let (down, across) = (&plan.grid.vertical, &plan.grid.horizontal);
        let doutput = &self.doutput[channel * plan.output_plane()..][..plan.output_plane()];
        let input = &self.input[channel * plan.input_plane()..][..plan.input_plane()];
        // Windows that lie inside as a whole, with their taps side by side.
        let whole = if across.dilation == 1 {
            let start = across.pad_before.div_ceil(across.stride).min(across.output);
            let behind = (across.input + across.pad_before).checked_sub(K);
            let end = behind.map_or(0, |last| last / across.stride + 1);
            start..end.clamp(start, across.output)
        } else {
            0..0
        };
        let mut sums = [[simd.zero(); K]; V];
        for (y, doutput) in doutput.chunks_exact(across.output).enumerate() {
            let mut lines = [None; V];
            for v in 0..V {
                let cell = (y * down.stride + (first + v) * down.dilation).checked_sub(down.pad_before);
                lines[v] = cell
                    .filter(|&cell| cell < down.input)
                    .map(|cell| &input[cell * across.input..][..across.input]);
            }
            let row = Line { across, lines, doutput };
            // In the order of the columns.
            row.edge(simd, &mut sums, 0..whole.start);
            row.inside(simd, &mut sums, whole.clone());
            row.edge(simd, &mut sums, whole.end..across.output);
        }
        for v in 0..V {
            for k in 0..K {
                let tap = (first + v) * across.size + k;
                let at = self.places.0 + tap * plan.stride + channel;
                accumulate_into(self.gradients.part(at..at + 1), &[simd.sum(sums[v][k])], self.first);
            }
        }
    }
}

/// A row of the map, and the rows of the input that V rows of the kernel meet, where they are inside.
struct Line<'a, const V: usize> {
    across: &'a Sliding,
    lines: [Option<&'a [Row]>; V],
    doutput: &'a [Row],
}

impl<const V: usize> Line<'_, V> {
    /// Adds columns whose windows lie inside as a whole.
    #[inline(always)]
    fn inside<S: Simd, const K: usize>(&self, simd: S, sums: &mut [[S::V; K]; V], columns: Range<usize>) {
        for x in columns {
            let d = simd.load(&self.doutput[x]);
            let first = x * self.across.stride - self.across.pad_before;
            for v in 0..V {
                let Some(line) = self.lines[v] else { continue };
                let cells = &line[first..][..K];
                for k in 0..K {
                    sums[v][k] = simd.fma(simd.load(&cells[k]), d, sums[v][k]);
                }
            }
        }
    }

    /// Adds columns whose windows may stand out.
    #[inline(always)]
    fn edge<S: Simd, const K: usize>(&self, simd: S, sums: &mut [[S::V; K]; V], columns: Range<usize>) {
        let across = self.across;
        for x in columns {
            let d = simd.load(&self.doutput[x]);
            for v in 0..V {
                let Some(line) = self.lines[v] else { continue };
                for k in 0..K {
                    // In front of the first cell it wraps round, and is none either.
                    let cell = (x * across.stride + k * across.dilation).wrapping_sub(across.pad_before);
                    if let Some(cell) = line.get(cell) {
                        sums[v][k] = simd.fma(simd.load(cell), d, sums[v][k]);
                    }
                }
            }
        }
    }
}
