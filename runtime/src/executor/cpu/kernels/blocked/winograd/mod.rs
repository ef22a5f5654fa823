//! 3x3 and 5x5 convolutions by Winograd's minimal filtering, see `kernels::winograd`; channels are the lanes. One item: one or two
//! blocks of filters of some tiles, which may be several samples'.

pub mod pack;

use super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::winograd::few::{self, NOTHING, TOGETHER, multiply};
use super::super::winograd::transforms::{CELLS, Filter, Left, Made, Plane, Spaced, SpacedMade, TILE, enter};
use super::super::with_size;
use super::abreast;
use super::finish::Finish;
use super::product::{Taps, accumulate, run, with_run};
use compiler::plan::method::FEW;
use std::ops::Range;

/// Rows of the points of a chunk's inputs that stay in the second-level cache.
const POINTS_AT_ONCE: usize = 12_000;

/// What is the same in every call.
pub struct Filtering {
    /// Which filtering.
    pub filter: Filter,
    /// Channels that are summed over.
    pub channels: usize,
    /// How many filters the product has.
    pub filters: usize,
    /// Rows and columns of the input.
    pub input: (usize, usize),
    /// Rows and columns of zeros before the first.
    pub before: (usize, usize),
    /// Rows and columns of the convolution's map.
    pub size: (usize, usize),
    /// Whether of each 2x2 window the maximum is kept.
    pub pool: bool,
    /// Whether there are many registers.
    pub wide: bool,
}

impl Filtering {
    fn blocks(&self) -> usize {
        self.filters.div_ceil(LANES)
    }

    fn inputs(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    /// Whether channels are so few that their points are multiplied on the way back to outputs.
    fn is_of_few(&self) -> bool {
        self.channels <= FEW
    }

    /// Blocks of sixteen filters of a group.
    fn abreast(&self) -> usize {
        if self.is_of_few() { 1 } else { abreast(self.wide) }
    }

    /// How many groups the blocks of sixteen filters are cut into.
    pub fn groups(&self) -> usize {
        self.blocks().div_ceil(self.abreast())
    }

    fn group(&self, group: usize) -> (usize, usize) {
        let first = group * self.abreast();
        (first, self.abreast().min(self.blocks() - first))
    }

    /// Items of a chunk of tiles: a group each, or all of them where channels are few.
    pub fn parts(&self) -> usize {
        if self.is_of_few() { 1 } else { self.groups() }
    }

    fn across(&self) -> usize {
        self.size.1.div_ceil(TILE)
    }

    /// Tiles of a sample.
    pub fn tiles(&self) -> usize {
        self.size.0.div_ceil(TILE) * self.across()
    }

    /// Which sample a tile is of, and its first row and column.
    #[inline(always)]
    fn place(&self, tile: usize) -> (usize, (usize, usize)) {
        let (sample, tile) = (tile / self.tiles(), tile % self.tiles());
        (sample, (tile / self.across() * TILE, tile % self.across() * TILE))
    }

    /// Tiles of a chunk.
    pub fn chunk(&self) -> usize {
        if self.is_of_few() {
            return TOGETHER;
        }
        let most = POINTS_AT_ONCE / (self.filter.points() * self.inputs());
        [28, 14].into_iter().find(|&tiles| tiles <= most).unwrap_or(7)
    }

    /// Rows from one point of the inputs to the next: a little more than a chunk's, so that points do not fall into the same
    /// lines of a cache.
    fn entered(&self) -> usize {
        self.inputs() * self.chunk() + 1
    }

    fn left(&self) -> usize {
        self.abreast() * self.chunk() + 1
    }

    /// How many rows of scratch memory each worker needs.
    pub fn scratch(&self) -> usize {
        self.filter.points() * (self.entered() + self.left())
    }

    /// Floats of the weights' points.
    pub fn packed(&self) -> usize {
        self.filter.points() * self.channels * self.blocks() * LANES
    }

    /// Where each channel's points lie in those of a tile, in floats.
    pub fn taps(&self) -> Vec<u32> {
        let place = |channel: usize| channel / LANES * self.chunk() * LANES + channel % LANES;
        (0..self.channels).map(|channel| place(channel) as u32).collect()
    }
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Filtering,
    /// As [`Filtering::taps`] gives them.
    pub taps: &'a [u32],
    /// How many samples are worked on, at most sixteen.
    pub samples: usize,
    /// Read: `[sample][channel / 16][position]`, a row has sixteen channels.
    pub input: &'a [Row],
    /// As [`pack::Pack`] makes them.
    pub weights: &'a [Row],
    /// What becomes of the sums.
    pub finish: Finish<'a>,
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
        let (points, sums) = scratch.split_at_mut(plan.filter.points() * plan.entered());
        let mut entered = None;
        for item in self.items.clone() {
            let (chunk, group) = (item / plan.parts(), item % plan.parts());
            let first = chunk * plan.chunk();
            let tiles = first..(first + plan.chunk()).min(plan.tiles() * self.samples);
            if plan.is_of_few() {
                with_size!(plan.channels, [1 2 3 4], C => simd.call(OfFew::<C> { call: &self, tiles, points }));
                continue;
            }
            if entered != Some(chunk) {
                simd.call(Enter {
                    call: &self,
                    tiles: tiles.clone(),
                    points,
                });
                entered = Some(chunk);
            }
            let (block, blocks) = plan.group(group);
            let run = run(tiles.len(), S::WIDE, blocks);
            with_run!(S, run, blocks, (P, N) => {
                simd.call(Multiply::<P, N> { call: &self, tiles: tiles.len(), block, points, sums });
            });
            simd.call(Leave {
                call: &self,
                tiles,
                blocks: block..block + blocks,
                sums,
            });
        }
    }
}

/// From tiles of the input to points.
struct Enter<'a> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    points: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        for (at, tile) in self.tiles.enumerate() {
            for block in 0..plan.inputs() {
                let mut made = SpacedMade {
                    rows: &mut self.points[block * plan.chunk() + at..],
                    step: plan.entered(),
                };
                self.call.enter(simd, tile, block, &mut made);
            }
        }
    }
}

impl Call<'_> {
    /// A tile of sixteen channels to its points.
    #[inline(always)]
    fn enter<S: Simd>(&self, simd: S, tile: usize, block: usize, made: &mut impl Made<S>) {
        let plan = self.plan;
        let (sample, corner) = plan.place(tile);
        let cells = plan.input.0 * plan.input.1;
        let plane = Plane {
            cells: &self.input[(sample * plan.inputs() + block) * cells..][..cells],
            size: plan.input,
            before: plan.before,
            row: plan.input.1,
        };
        enter(simd, plan.filter, plane, corner, made);
    }
}

/// All filters of some tiles of C channels.
struct OfFew<'a, const C: usize> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    points: &'a mut [Row],
}

impl<const C: usize> SimdKernel for OfFew<'_, C> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let count = self.tiles.len();
        for (tile, points) in self.tiles.clone().zip(self.points.chunks_exact_mut(few::POINTS)) {
            let mut made = SpacedMade { rows: points, step: 1 };
            self.call.enter(simd, tile, 0, &mut made);
        }
        let points: &[f32] = bytemuck::cast_slice(self.points);
        let floats = &points.as_chunks::<LANES>().0.as_chunks().0[..count];
        let mut halves = [NOTHING; TOGETHER];
        let weights = self.call.weights.as_chunks::<C>().0.as_chunks().0;
        for (block, rows) in weights.iter().enumerate() {
            multiply(simd, rows, floats, &mut halves);
            let bias = self.call.finish.bias(simd, block);
            for (tile, half) in self.tiles.clone().zip(&halves) {
                self.call.leave(simd, tile, (block, bias), half);
            }
        }
    }
}

/// All points of some tiles and N blocks of filters, P tiles at a time.
struct Multiply<'a, const P: usize, const N: usize> {
    call: &'a Call<'a>,
    tiles: usize,
    block: usize,
    points: &'a [Row],
    sums: &'a mut [Row],
}

impl<const P: usize, const N: usize> SimdKernel for Multiply<'_, P, N> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        let rows = plan.filter.points() * plan.channels;
        let weights = self.call.weights[self.block * rows..][..N * rows].as_chunks::<N>().0;
        for (point, weights) in weights.chunks_exact(plan.channels).enumerate() {
            let from = Taps {
                input: bytemuck::cast_slice(&self.points[point * plan.entered()..][..plan.inputs() * plan.chunk()]),
                taps: self.call.taps,
                step: LANES,
            };
            for tile in (0..self.tiles).step_by(P) {
                // The last run repeats tiles of the one before.
                let tile = tile.min(self.tiles - P);
                let sums = accumulate::<S, P, N, LANES>(simd, from, tile * LANES, weights);
                for (p, sums) in sums.into_iter().enumerate() {
                    for (n, sum) in sums.into_iter().enumerate() {
                        let place = point * plan.left() + n * plan.chunk() + tile + p;
                        simd.store(&mut self.sums[place], sum);
                    }
                }
            }
        }
    }
}

/// From points to outputs.
struct Leave<'a> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    blocks: Range<usize>,
    sums: &'a [Row],
}

impl SimdKernel for Leave<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        for (n, block) in self.blocks.clone().enumerate() {
            let bias = self.call.finish.bias(simd, block);
            for (at, tile) in self.tiles.clone().enumerate() {
                let points = Spaced {
                    rows: &self.sums[n * plan.chunk() + at..],
                    step: plan.left(),
                };
                self.call.leave(simd, tile, (block, bias), &points);
            }
        }
    }
}

/// A tile that lies inside of the map.
struct Whole<'a, S: Simd> {
    finish: &'a Finish<'a>,
    first: usize,
    columns: usize,
    bias: S::V,
}

impl<S: Simd> Made<S> for Whole<'_, S> {
    #[inline(always)]
    fn put(&mut self, simd: S, (row, column): (usize, usize), _: usize, value: S::V) {
        let place = self.first + row * self.columns + column;
        self.finish.put_plain(simd, place, value, self.bias);
    }
}

impl Call<'_> {
    /// Makes the outputs of a tile of sixteen filters.
    #[inline(always)]
    fn leave<S: Simd>(&self, simd: S, tile: usize, (block, bias): (usize, S::V), from: &impl Left<S>) {
        let plan = self.plan;
        let (sample, (y, x)) = plan.place(tile);
        let plane = sample * plan.blocks() + block;
        let (rows, columns) = plan.size;
        if !plan.pool && self.finish.rectifier.is_none() && y + TILE <= rows && x + TILE <= columns {
            let mut whole = Whole {
                finish: &self.finish,
                first: (plane * rows + y) * columns + x,
                columns,
                bias,
            };
            from.leave(simd, plan.filter, &mut whole);
            return;
        }
        let mut cells = [Row([0.0; LANES]); CELLS];
        let mut made = SpacedMade {
            rows: &mut cells,
            step: 1,
        };
        from.leave(simd, plan.filter, &mut made);
        self.write(simd, plane, (y, x), &cells, bias);
    }

    /// Writes a tile, or the maxima of its windows, as far as it lies on the map.
    #[inline(always)]
    fn write<S: Simd>(&self, simd: S, plane: usize, (y, x): (usize, usize), tile: &[Row; CELLS], bias: S::V) {
        let plan = self.plan;
        let (rows, columns) = plan.size;
        if plan.pool {
            let (rows, columns) = (rows / 2, columns / 2);
            for row in 0..TILE / 2 {
                for column in 0..TILE / 2 {
                    let (down, right) = (y / 2 + row, x / 2 + column);
                    if down < rows && right < columns {
                        let first = row * 2 * TILE + column * 2;
                        let mut window = [simd.zero(); 4];
                        for (at, to) in window.iter_mut().enumerate() {
                            *to = simd.load(&tile[first + at / 2 * TILE + at % 2]);
                        }
                        let place = (plane * rows + down) * columns + right;
                        self.finish.put_largest(simd, place, window, bias);
                    }
                }
            }
            return;
        }
        for row in 0..TILE {
            for column in 0..TILE {
                if y + row < rows && x + column < columns {
                    let place = (plane * rows + y + row) * columns + x + column;
                    self.finish
                        .put(simd, place, simd.load(&tile[row * TILE + column]), bias);
                }
            }
        }
    }
}
