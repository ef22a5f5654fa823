//! The gradient of a kernel by Winograd's filtering, see `gradient`; samples are the lanes of what is read. The map's
//! gradient is turned, so that filters become the lanes and no sum runs across lanes.

use super::super::super::memory::{Codes, Floats, Output, fetch};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::blocked::abreast;
use super::super::doutput::{Doutput, Strided};
use super::super::sums::accumulate_into;
use super::gradient::{Gradient, Part, Put};
use super::tiles::{FAR, Map, fetch_ahead, fetch_tile};
use super::transforms::{CELLS, Filter, Spaced, SpacedMade, TILE, enter, spread};
use std::ops::Range;

/// Blocks of sixteen channels, and of filters, of an item at most.
pub fn most(filter: Filter) -> (usize, usize) {
    match filter {
        Filter::Three => (2, 4),
        Filter::Five => (2, 2),
    }
}

/// Rows of the points of a chunk's tiles, which share the second-level cache with the sums.
const POINTS_AT_ONCE: usize = 8_200;

/// Tiles of a chunk.
fn chunk(plan: &Gradient) -> usize {
    let (channels, filters) = plan.largest();
    (POINTS_AT_ONCE / (plan.filter.points() * LANES * (channels + filters))).clamp(1, 8)
}

/// Rows from one point of `blocks` to the next: a little more than a chunk's, so that points do not fall into the same lines of
/// a cache.
fn step(plan: &Gradient, blocks: usize) -> usize {
    blocks * LANES * chunk(plan) + 1
}

/// How many rows of scratch memory each worker needs.
pub fn scratch(plan: &Gradient) -> usize {
    let (channels, filters) = plan.largest();
    plan.filter.points() * (step(plan, channels) + step(plan, filters) + channels * LANES * filters) + LANES * CELLS
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Gradient,
    /// Samples of the block.
    pub samples: usize,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its map.
    pub doutput: Doutput<'a>,
    /// Where the weights of segments go.
    pub kept: Output<'a, Row>,
    /// Written: the gradients of the part of the batch, which the sums are stored in or added to.
    pub gradients: Floats<'a>,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// The worker's own memory.
    pub scratch: &'a mut [Row],
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl WithSimd for Call<'_> {
    type Output = ();

    fn with<S: Simd>(mut self, simd: S) {
        let plan = self.plan;
        let scratch = std::mem::take(&mut self.scratch);
        let ((channels, filters), points) = (plan.largest(), plan.filter.points());
        let (inputs, scratch) = scratch.split_at_mut(points * step(plan, channels));
        let (outputs, scratch) = scratch.split_at_mut(points * step(plan, filters));
        let (cells, sums) = scratch.split_at_mut(LANES * CELLS);
        for item in self.items.clone() {
            let part = plan.part(item);
            let sums = &mut sums[..points * part.channels.len() * LANES * part.filters.len()];
            sums.fill(Row([0.0; LANES]));
            let all = plan.segment(part.segment, plan.tiles());
            for first in all.clone().step_by(chunk(plan)) {
                let tiles = first..(first + chunk(plan)).min(all.end);
                simd.call(Enter {
                    call: &self,
                    part: &part,
                    tiles: tiles.clone(),
                    inputs,
                });
                simd.call(Turn {
                    call: &self,
                    part: &part,
                    tiles: tiles.clone(),
                    cells,
                    outputs,
                });
                simd.call(Multiply {
                    call: &self,
                    part: &part,
                    tiles: tiles.len(),
                    next: tiles.end..(tiles.end + chunk(plan)).min(all.end),
                    inputs,
                    outputs,
                    sums,
                });
            }
            simd.call(Put {
                plan,
                part: &part,
                sums,
                together: abreast(S::WIDE),
                kept: self.kept,
                gradients: self.gradients,
                first: self.first,
            });
            if let (0, 0, Some(bias)) = (part.channels.start, part.segment, plan.bias) {
                let filters = part.filters.start * LANES..(part.filters.end * LANES).min(plan.filters);
                simd.call(Bias {
                    doutput: self.doutput,
                    gradients: self.gradients,
                    first: self.first,
                    filters,
                    bias,
                });
            }
        }
    }
}

impl Call<'_> {
    /// Whether maps are too large for the caches to keep.
    fn is_far(&self) -> bool {
        let plan = self.plan;
        let inputs = plan.channels * plan.input.0 * plan.input.1;
        inputs + plan.filters * self.doutput.strided.channel > FAR
    }

    /// Asks for a point's share of the tiles that come next, while others are multiplied: memory has nothing else to do meanwhile.
    fn fetch(&self, part: &Part, tiles: Range<usize>, point: usize) {
        let plan = self.plan;
        let share = |blocks: &Range<usize>, all: usize| {
            let (start, end) = (blocks.start * LANES, (blocks.end * LANES).min(all));
            let (count, points) = (end - start, plan.filter.points());
            start + point * count / points..start + (point + 1) * count / points
        };
        let map = Map {
            size: plan.input,
            before: plan.before,
            strided: Strided {
                offset: 0,
                row: plan.input.1,
                channel: plan.input.0 * plan.input.1,
            },
        };
        let (channels, filters) = (share(&part.channels, plan.channels), share(&part.filters, plan.filters));
        for tile in tiles {
            let corner = plan.corner(tile);
            fetch_ahead(&map, plan.filter, (self.input, None), channels.clone(), &[corner]);
            self.doutput.fetch(filters.clone(), corner, TILE);
        }
    }
}

/// Tiles of the input to their points: `[point][tile][channel]`.
struct Enter<'a> {
    call: &'a Call<'a>,
    part: &'a Part,
    tiles: Range<usize>,
    inputs: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (plan, part) = (self.call.plan, self.part);
        let (from, cells) = (step(plan, part.channels.len()), plan.input.0 * plan.input.1);
        let channels = part.channels.start * LANES..part.channels.end * LANES;
        let width = channels.len();
        for (place, channel) in channels.enumerate() {
            if channel >= plan.channels {
                for at in 0..self.tiles.len() {
                    for point in 0..plan.filter.points() {
                        simd.store(&mut self.inputs[point * from + at * width + place], simd.zero());
                    }
                }
                continue;
            }
            let plane = plan.plane(self.call.input, channel);
            for (at, tile) in self.tiles.clone().enumerate() {
                let corner = plan.corner(tile);
                if place + 1 < width {
                    fetch_tile(self.call.input, (channel + 1) * cells, plan.input.1, corner, 4);
                }
                let mut made = SpacedMade {
                    rows: &mut self.inputs[at * width + place..],
                    step: from,
                };
                enter(simd, plan.filter, plane, corner, &mut made);
            }
        }
    }
}

/// Tiles of the map's gradient, turned, to their points: `[point][group of blocks][tile][sample][block of the group]`.
struct Turn<'a> {
    call: &'a Call<'a>,
    part: &'a Part,
    tiles: Range<usize>,
    /// A tile of each sample: `[sample][cell]`.
    cells: &'a mut [Row],
    outputs: &'a mut [Row],
}

impl SimdKernel for Turn<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (call, plan, part) = (self.call, self.call.plan, self.part);
        let to = step(plan, part.filters.len());
        let together = abreast(S::WIDE);
        for (at, tile) in self.tiles.clone().enumerate() {
            let corner = plan.corner(tile);
            for (place, block) in part.filters.clone().enumerate() {
                let filters = block * LANES..((block + 1) * LANES).min(plan.filters);
                let next = call.doutput.strided.channel * LANES;
                if let Some(codes) = call.doutput.codes {
                    turn_windows(simd, (call.doutput, next), codes, filters, corner, self.cells);
                } else {
                    turn_cells(simd, (call.doutput, next), filters, corner, self.cells);
                }
                let group = place / together * together;
                let width = together.min(part.filters.len() - group);
                let first = group * self.tiles.len() * LANES + place - group;
                for (sample, cells) in self.cells.chunks_exact(CELLS).enumerate().take(call.samples) {
                    let cells = Spaced { rows: cells, step: 1 };
                    let mut made = SpacedMade {
                        rows: &mut self.outputs[first + (at * LANES + sample) * width..],
                        step: to,
                    };
                    spread(simd, plan.filter, &cells, &mut made);
                }
            }
        }
    }
}

/// A tile of the map's gradient, turned: `[sample][cell]`, of which filters are the lanes. The rows `next` behind are asked for.
#[inline(always)]
fn turn_cells<S: Simd>(
    simd: S,
    (doutput, next): (Doutput<'_>, usize),
    filters: Range<usize>,
    (y, x): (usize, usize),
    cells: &mut [Row],
) {
    let ((rows, columns), strided) = (doutput.size, doutput.strided);
    let (down, right) = (TILE.min(rows - y), TILE.min(columns - x));
    for row in 0..TILE {
        for column in 0..TILE {
            let mut square = [simd.zero(); LANES];
            if row < down && column < right {
                let start = strided.offset + (y + row) * strided.row + x + column;
                for (filter, to) in filters.clone().zip(&mut square) {
                    let at = start + filter * strided.channel;
                    *to = simd.load(&doutput.rows[at]);
                    // Filters lie too far from each other for the processor to see what comes next.
                    if let Some(next) = doutput.rows.get(at + next) {
                        fetch(next);
                    }
                }
            }
            for (sample, lanes) in simd.transpose(square).into_iter().enumerate() {
                simd.store(&mut cells[sample * CELLS + row * TILE + column], lanes);
            }
        }
    }
}

/// The same of a gradient that lies behind a pool: windows are turned, and their pixels spread out then.
#[inline(always)]
fn turn_windows<S: Simd>(
    simd: S,
    (doutput, next): (Doutput<'_>, usize),
    codes: &[Codes],
    filters: Range<usize>,
    (y, x): (usize, usize),
    cells: &mut [Row],
) {
    for row in (0..TILE).step_by(2) {
        for column in (0..TILE).step_by(2) {
            // All of them are even.
            let window = (y / 2 + row / 2, x / 2 + column / 2);
            let (values, places) = doutput.turned_window(simd, codes, filters.clone(), window, next);
            let first = row * TILE + column;
            for sample in 0..LANES {
                let tile = &mut cells[sample * CELLS + first..][..TILE + 2];
                for (pixel, to) in [0, 1, TILE, TILE + 1].into_iter().enumerate() {
                    let here = simd.equal(places[sample], simd.splat(pixel as f32));
                    simd.store(&mut tile[to], simd.select(here, values[sample], simd.zero()));
                }
            }
        }
    }
}

/// Adds the products of some tiles' points to the sums `[point][group of filters][channel][block of the group]`.
struct Multiply<'a> {
    call: &'a Call<'a>,
    part: &'a Part,
    tiles: usize,
    /// Those that follow.
    next: Range<usize>,
    inputs: &'a [Row],
    outputs: &'a [Row],
    sums: &'a mut [Row],
}

impl SimdKernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (channels, filters) = (self.part.channels.len() * LANES, self.part.filters.len());
        let plan = self.call.plan;
        let (from, to) = (step(plan, self.part.channels.len()), step(plan, filters));
        let together = abreast(S::WIDE);
        let points = self.sums.chunks_exact_mut(channels * filters);
        let is_far = self.call.is_far();
        for (point, sums) in points.enumerate() {
            if is_far {
                self.call.fetch(self.part, self.next.clone(), point);
            }
            let inputs = &self.inputs[point * from..][..channels * self.tiles];
            let outputs = &self.outputs[point * to..][..filters * self.tiles * LANES];
            let groups = outputs.chunks(together * self.tiles * LANES);
            for (outputs, sums) in groups.zip(sums.chunks_mut(together * channels)) {
                if outputs.len() == 2 * self.tiles * LANES && S::WIDE {
                    products::<S, 8, 2>(simd, (inputs, channels), outputs, self.call.samples, sums);
                } else if S::WIDE {
                    products::<S, 16, 1>(simd, (inputs, channels), outputs, self.call.samples, sums);
                } else {
                    products::<S, 4, 1>(simd, (inputs, channels), outputs, self.call.samples, sums);
                }
            }
        }
    }
}

/// `sums[p][n] += sum over tiles and samples of inputs[tile][p][sample] outputs[tile][sample][n]`, in the tiles' and samples'
/// order, P channels at a time.
#[inline(always)]
fn products<S: Simd, const P: usize, const N: usize>(
    simd: S,
    (inputs, channels): (&[Row], usize),
    outputs: &[Row],
    samples: usize,
    sums: &mut [Row],
) {
    let samples = samples.min(LANES);
    let outputs = outputs.as_chunks::<N>().0.as_chunks::<LANES>().0;
    let kept = sums.as_chunks_mut::<N>().0.as_chunks_mut::<P>().0;
    for (piece, kept) in kept.iter_mut().enumerate() {
        let mut sums = [[simd.zero(); N]; P];
        for p in 0..P {
            for n in 0..N {
                sums[p][n] = simd.load(&kept[p][n]);
            }
        }
        for (x, d) in inputs.chunks_exact(channels).zip(outputs) {
            let Some(x) = x.as_chunks::<P>().0.get(piece) else {
                continue;
            };
            // How many there are is not known when this is compiled: the loop stays one.
            for (sample, d) in d[..samples].iter().enumerate() {
                let mut of = [simd.zero(); N];
                for n in 0..N {
                    of[n] = simd.load(&d[n]);
                }
                for p in 0..P {
                    let x = simd.splat(x[p].0[sample]);
                    for n in 0..N {
                        sums[p][n] = simd.fma(x, of[n], sums[p][n]);
                    }
                }
            }
        }
        for p in 0..P {
            for n in 0..N {
                simd.store(&mut kept[p][n], sums[p][n]);
            }
        }
    }
}

/// The gradients of the biases of some filters.
pub struct Bias<'a> {
    /// The gradient of the map.
    pub doutput: Doutput<'a>,
    /// Written: the gradients of the part of the batch, which the sums are stored in or added to.
    pub gradients: Floats<'a>,
    /// Whether sums begin here; else they go on.
    pub first: bool,
    /// Whose biases they are.
    pub filters: Range<usize>,
    /// The first float of the biases' gradients.
    pub bias: usize,
}

impl SimdKernel for Bias<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        for filter in self.filters {
            let to = self.bias + filter;
            let sum = simd.sum(self.doutput.sum(simd, filter));
            accumulate_into(self.gradients.part(to..to + 1), &[sum], self.first);
        }
    }
}
