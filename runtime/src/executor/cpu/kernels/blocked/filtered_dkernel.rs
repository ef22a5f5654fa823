//! The gradient of a kernel by Winograd's filtering, see `kernels::winograd::gradient`; channels are the lanes.

use super::super::super::memory::{Floats, Output};
use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::winograd::gradient::{Gradient, Part, Put};
use super::super::winograd::transforms::{CELLS, Filter, Plane, Spaced, SpacedMade, TILE, enter, spread};
use super::abreast;
use super::dkernel::Bias;
use std::ops::Range;

/// Blocks of sixteen channels, and of filters, of an item at most.
pub fn most(filter: Filter) -> (usize, usize) {
    match filter {
        Filter::Three => (4, 4),
        Filter::Five => (2, 4),
    }
}

/// Rows of the points of a chunk's tiles, which share the second-level cache with the sums.
const POINTS_AT_ONCE: usize = 5_000;

/// A cell that is not there.
const NONE: Row = Row([0.0; LANES]);

/// Tiles of a chunk.
fn chunk(plan: &Gradient) -> usize {
    let (channels, filters) = plan.largest();
    (POINTS_AT_ONCE / (plan.filter.points() * (channels + filters))).clamp(8, 32)
}

/// Rows from one point of `blocks` to the next: a little more than a chunk's, so that points do not fall into the same lines of
/// a cache.
fn step(plan: &Gradient, blocks: usize) -> usize {
    blocks * chunk(plan) + 1
}

/// How many rows of scratch memory each worker needs.
pub fn scratch(plan: &Gradient) -> usize {
    let (channels, filters) = plan.largest();
    plan.filter.points() * (step(plan, channels) + step(plan, filters) + channels * LANES * filters)
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Gradient,
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// What the convolution took.
    pub input: &'a [Row],
    /// The gradient of its map.
    pub doutput: &'a [Row],
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
        let (outputs, sums) = scratch.split_at_mut(points * step(plan, filters));
        for item in self.items.clone() {
            let part = plan.part(item);
            let sums = &mut sums[..points * part.channels.len() * LANES * part.filters.len()];
            sums.fill(Row([0.0; LANES]));
            let all = plan.segment(part.segment, plan.tiles() * self.samples);
            for first in all.clone().step_by(chunk(plan)) {
                let tiles = first..(first + chunk(plan)).min(all.end);
                simd.call(Enter {
                    call: &self,
                    part: &part,
                    tiles: tiles.clone(),
                    inputs,
                    outputs,
                });
                simd.call(Multiply {
                    plan,
                    part: &part,
                    tiles: tiles.len(),
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
                for block in part.filters.clone() {
                    simd.call(Bias {
                        doutput: self.doutput,
                        samples: self.samples,
                        size: plan.size,
                        filters: plan.filters,
                        gradients: self.gradients,
                        first: self.first,
                        block,
                        bias,
                    });
                }
            }
        }
    }
}

/// Tiles of the input and of the map's gradient to their points: `[point][block][tile]`, and
/// `[point][group of blocks][tile][block of the group]`.
struct Enter<'a> {
    call: &'a Call<'a>,
    part: &'a Part,
    tiles: Range<usize>,
    inputs: &'a mut [Row],
    outputs: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (call, plan, part) = (self.call, self.call.plan, self.part);
        let (rows, columns) = plan.size;
        let (taken, made_rows) = (plan.input.0 * plan.input.1, rows * columns);
        let mut cells = [NONE; CELLS];
        let (from, to) = (step(plan, part.channels.len()), step(plan, part.filters.len()));
        let together = abreast(S::WIDE);
        for (at, tile) in self.tiles.clone().enumerate() {
            let (sample, tile) = (tile / plan.tiles(), tile % plan.tiles());
            let (y, x) = plan.corner(tile);
            for (place, block) in part.channels.clone().enumerate() {
                let plane = &call.input[(sample * plan.inputs() + block) * taken..][..taken];
                let plane = Plane {
                    cells: plane,
                    size: plan.input,
                    before: plan.before,
                    row: plan.input.1,
                };
                let mut made = SpacedMade {
                    rows: &mut self.inputs[place * self.tiles.len() + at..],
                    step: from,
                };
                enter(simd, plan.filter, plane, (y, x), &mut made);
            }
            let (down, right) = (TILE.min(rows - y), TILE.min(columns - x));
            for (place, block) in part.filters.clone().enumerate() {
                let plane = &call.doutput[(sample * plan.outputs() + block) * made_rows..][..made_rows];
                for row in 0..down {
                    for column in 0..right {
                        let from = &plane[(y + row) * columns + x + column];
                        simd.store(&mut cells[row * TILE + column], simd.load(from));
                    }
                    cells[row * TILE + right..][..TILE - right].fill(NONE);
                }
                cells[down * TILE..].fill(NONE);
                let group = place / together * together;
                let width = together.min(part.filters.len() - group);
                let first = group * self.tiles.len() + at * width + place - group;
                let cells = Spaced { rows: &cells, step: 1 };
                let mut made = SpacedMade {
                    rows: &mut self.outputs[first..],
                    step: to,
                };
                spread(simd, plan.filter, &cells, &mut made);
            }
        }
    }
}

/// Adds the products of some tiles' points to the sums `[point][group of filters][channel][block of the group]`.
struct Multiply<'a> {
    plan: &'a Gradient,
    part: &'a Part,
    tiles: usize,
    inputs: &'a [Row],
    outputs: &'a [Row],
    sums: &'a mut [Row],
}

impl SimdKernel for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (channels, filters) = (self.part.channels.len(), self.part.filters.len());
        let (from, to) = (step(self.plan, channels), step(self.plan, filters));
        let together = abreast(S::WIDE);
        let points = self.sums.chunks_exact_mut(channels * LANES * filters);
        for (point, sums) in points.enumerate() {
            let inputs = &self.inputs[point * from..][..channels * self.tiles];
            let outputs = &self.outputs[point * to..][..filters * self.tiles];
            let groups = outputs.chunks(together * self.tiles);
            for (outputs, sums) in groups.zip(sums.chunks_mut(together * channels * LANES)) {
                let width = outputs.len() / self.tiles;
                let channels = inputs
                    .chunks_exact(self.tiles)
                    .zip(sums.chunks_exact_mut(LANES * width));
                for (inputs, sums) in channels {
                    if width == 2 && S::WIDE {
                        let (outputs, sums) = (outputs.as_chunks::<2>().0, sums.as_chunks_mut::<2>().0);
                        for (piece, sums) in sums.chunks_exact_mut(8).enumerate() {
                            products::<S, 8, 2>(simd, inputs, piece * 8, outputs, sums);
                        }
                    } else if S::WIDE {
                        let (outputs, sums) = (outputs.as_chunks::<1>().0, sums.as_chunks_mut::<1>().0);
                        products::<S, 16, 1>(simd, inputs, 0, outputs, sums);
                    } else {
                        let (outputs, sums) = (outputs.as_chunks::<1>().0, sums.as_chunks_mut::<1>().0);
                        for (piece, sums) in sums.chunks_exact_mut(4).enumerate() {
                            products::<S, 4, 1>(simd, inputs, piece * 4, outputs, sums);
                        }
                    }
                }
            }
        }
    }
}

/// `sums[p][n] += sum over tiles of inputs[tile][first + p] outputs[tile][n]`, in the tiles' order.
#[inline(always)]
fn products<S: Simd, const P: usize, const N: usize>(
    simd: S,
    inputs: &[Row],
    first: usize,
    outputs: &[[Row; N]],
    sums: &mut [[Row; N]],
) {
    let kept = &mut sums[..P];
    let mut sums = [[simd.zero(); N]; P];
    for p in 0..P {
        for n in 0..N {
            sums[p][n] = simd.load(&kept[p][n]);
        }
    }
    for (x, d) in inputs.iter().zip(outputs) {
        let x = &x.0[first..][..P];
        let mut of = [simd.zero(); N];
        for n in 0..N {
            of[n] = simd.load(&d[n]);
        }
        for p in 0..P {
            let x = simd.splat(x[p]);
            for n in 0..N {
                sums[p][n] = simd.fma(x, of[n], sums[p][n]);
            }
        }
    }
    for p in 0..P {
        for n in 0..N {
            simd.store(&mut kept[p][n], sums[p][n]);
        }
    }
}
