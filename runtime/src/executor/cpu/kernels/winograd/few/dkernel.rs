//! The gradient of a 3x3 kernel of few channels, such as a picture's, by Winograd's filtering, see `gradient`; samples are the
//! lanes throughout. Where channels are few, turning the map's gradient would cost more than adding up lanes at the end.

use super::super::super::super::memory::{Codes, Floats, Output, fetch};
use super::super::super::super::simd::{LANES, Row, Simd, SimdKernel, WithSimd};
use super::super::super::doutput::Doutput;
use super::super::super::with_size;
use super::super::behind::pixel;
use super::super::dkernel::Bias;
use super::super::gradient::{Gradient, Part, Put};
use super::super::transforms::{Cells, SpacedMade, enter, spread};
use super::POINTS;
use compiler::plan::method::FEW;
use std::ops::Range;

/// Blocks of sixteen channels, and of filters, of an item at most.
pub const MOST: (usize, usize) = (1, 1);

/// Tiles of a chunk: their points and the sums share the second-level cache.
const CHUNK: usize = 16;

/// Filters whose sums are in registers together, at most.
const MOST_TOGETHER: usize = 8;

/// Filters whose sums are in registers together.
fn together(channels: usize, wide: bool) -> usize {
    match (channels <= 3, wide) {
        (true, true) => MOST_TOGETHER,
        (true, false) | (false, true) => 4,
        (false, false) => 2,
    }
}

/// Rows from one point to the next, of each of a chunk's tiles so many: a little more than that, so that points do not fall
/// into the same lines of a cache.
fn step(each: usize) -> usize {
    each * CHUNK + 1
}

/// How many rows of scratch memory each worker needs.
pub fn scratch() -> usize {
    POINTS * (step(FEW) + step(MOST_TOGETHER) + FEW * LANES + LANES)
}

/// What one call of the kernel is given.
pub struct Call<'a> {
    /// Sizes and how they are cut, the same in every call.
    pub plan: &'a Gradient,
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
        let (inputs, scratch) = scratch.split_at_mut(POINTS * step(FEW));
        let (outputs, scratch) = scratch.split_at_mut(POINTS * step(MOST_TOGETHER));
        let (sums, turned) = scratch.split_at_mut(POINTS * FEW * LANES);
        let together = together(plan.channels, S::WIDE);
        for item in self.items.clone() {
            let part = plan.part(item);
            sums.fill(Row([0.0; LANES]));
            let all = plan.segment(part.segment, plan.tiles());
            for first in all.clone().step_by(CHUNK) {
                let tiles = first..(first + CHUNK).min(all.end);
                simd.call(Enter {
                    call: &self,
                    tiles: tiles.clone(),
                    inputs,
                });
                let of_group = POINTS * plan.channels * together;
                for (group, sums) in sums.chunks_exact_mut(of_group).enumerate().take(LANES / together) {
                    let first = part.filters.start * LANES + group * together;
                    simd.call(Spread {
                        call: &self,
                        filters: first..first + together,
                        tiles: tiles.clone(),
                        outputs,
                    });
                    with_size!(plan.channels, [1 2 3 4], C => {
                        with_size!(together, [2 4 8], T => simd.call(Multiply::<C, T> {
                            tiles: tiles.len(),
                            inputs,
                            outputs,
                            sums,
                        }));
                    });
                }
            }
            simd.call(AddLanes {
                plan,
                together,
                sums,
                turned,
            });
            simd.call(Put {
                plan,
                part: &part,
                sums: turned,
                together: 1,
                kept: self.kept,
                gradients: self.gradients,
                first: self.first,
            });
            self.bias(simd, &part);
        }
    }
}

impl Call<'_> {
    fn bias<S: Simd>(&self, simd: S, part: &Part) {
        if let (0, Some(bias)) = (part.segment, self.plan.bias) {
            simd.call(Bias {
                doutput: self.doutput,
                gradients: self.gradients,
                first: self.first,
                filters: part.filters.start * LANES..(part.filters.end * LANES).min(self.plan.filters),
                bias,
            });
        }
    }
}

/// Tiles of the input to their points: `[point][tile][channel]`.
struct Enter<'a> {
    call: &'a Call<'a>,
    tiles: Range<usize>,
    inputs: &'a mut [Row],
}

impl SimdKernel for Enter<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let plan = self.call.plan;
        for channel in 0..plan.channels {
            let plane = plan.plane(self.call.input, channel);
            for (at, tile) in self.tiles.clone().enumerate() {
                let corner = plan.corner(tile);
                let mut made = SpacedMade {
                    rows: &mut self.inputs[at * plan.channels + channel..],
                    step: step(plan.channels),
                };
                enter(simd, plan.filter, plane, corner, &mut made);
            }
        }
    }
}

/// Tiles of some filters of the map's gradient to their points: `[point][tile][filter]`, zeros behind the last filter.
struct Spread<'a> {
    call: &'a Call<'a>,
    filters: Range<usize>,
    tiles: Range<usize>,
    outputs: &'a mut [Row],
}

impl SimdKernel for Spread<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (plan, doutput) = (self.call.plan, self.call.doutput);
        let together = self.filters.len();
        for (place, filter) in self.filters.enumerate() {
            for (at, tile) in self.tiles.clone().enumerate() {
                let start = at * together + place;
                if filter >= plan.filters {
                    for point in 0..POINTS {
                        simd.store(&mut self.outputs[point * step(together) + start], simd.zero());
                    }
                    continue;
                }
                let corner = plan.corner(tile);
                let mut made = SpacedMade {
                    rows: &mut self.outputs[start..],
                    step: step(together),
                };
                if let Some(codes) = doutput.codes {
                    let cells = Windows::of(&doutput, codes, filter, corner);
                    spread(simd, plan.filter, &cells, &mut made);
                } else {
                    spread(simd, plan.filter, &Lines::of(&doutput, filter, corner), &mut made);
                }
            }
        }
    }
}

/// Windows of the pool behind a tile of 4x4 outputs, along an axis.
const WINDOWS: usize = 2;

/// A window that is not there.
static NOTHING: Row = Row([0.0; LANES]);
static NO_CODES: Codes = Codes([0; LANES]);

/// A tile of a gradient that lies behind a pool.
struct Windows<'a> {
    values: [[&'a Row; WINDOWS]; WINDOWS],
    codes: [[&'a Codes; WINDOWS]; WINDOWS],
}

impl<'a> Windows<'a> {
    #[inline(always)]
    fn of(doutput: &Doutput<'a>, codes: &'a [Codes], filter: usize, (y, x): (usize, usize)) -> Self {
        let (rows, columns) = (doutput.size.0 / 2, doutput.size.1 / 2);
        let mut made = Self {
            values: [[&NOTHING; WINDOWS]; WINDOWS],
            codes: [[&NO_CODES; WINDOWS]; WINDOWS],
        };
        for row in 0..WINDOWS {
            for column in 0..WINDOWS {
                let (down, right) = (y / 2 + row, x / 2 + column);
                if down < rows && right < columns {
                    let at = filter * doutput.strided.channel + down * doutput.strided.row + right;
                    made.values[row][column] = &doutput.rows[at];
                    made.codes[row][column] = &codes[at];
                    // The next filter's: they lie too far from these for the processor to see what comes next.
                    let next = at + doutput.strided.channel;
                    if let (Some(value), Some(code)) = (doutput.rows.get(next), codes.get(next)) {
                        fetch(value);
                        fetch(code);
                    }
                }
            }
        }
        made
    }
}

impl<S: Simd> Cells<S> for Windows<'_> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), _: usize) -> S::V {
        let (value, code) = (self.values[row / 2][column / 2], self.codes[row / 2][column / 2]);
        pixel(simd, value, code, row % 2 * 2 + column % 2)
    }
}

/// A tile of a whole gradient: four rows, as far as they are there.
struct Lines<'a>([&'a [Row]; 4]);

impl<'a> Lines<'a> {
    #[inline(always)]
    fn of(doutput: &Doutput<'a>, filter: usize, (y, x): (usize, usize)) -> Self {
        let ((rows, columns), strided) = (doutput.size, doutput.strided);
        let start = strided.offset + filter * strided.channel + x;
        let mut lines = [&doutput.rows[..0]; 4];
        for (row, line) in (y..rows).zip(&mut lines) {
            *line = &doutput.rows[start + row * strided.row..][..(columns - x).min(4)];
        }
        Self(lines)
    }
}

impl<S: Simd> Cells<S> for Lines<'_> {
    #[inline(always)]
    fn cell(&self, simd: S, (row, column): (usize, usize), _: usize) -> S::V {
        self.0[row].get(column).map_or(simd.zero(), |cell| simd.load(cell))
    }
}

/// Adds the products of some tiles' points to the sums of C channels and T filters: `[point][channel][filter]`.
struct Multiply<'a, const C: usize, const T: usize> {
    tiles: usize,
    inputs: &'a [Row],
    outputs: &'a [Row],
    sums: &'a mut [Row],
}

impl<const C: usize, const T: usize> SimdKernel for Multiply<'_, C, T> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let sums = self.sums.as_chunks_mut::<T>().0.as_chunks_mut::<C>().0;
        for (point, kept) in sums.iter_mut().enumerate().take(POINTS) {
            let inputs = &self.inputs[point * step(C)..][..self.tiles * C].as_chunks::<C>().0;
            let outputs = &self.outputs[point * step(T)..][..self.tiles * T].as_chunks::<T>().0;
            for piece in 0..S::PIECES {
                let mut sums = [[simd.zero_piece(); T]; C];
                for c in 0..C {
                    for t in 0..T {
                        sums[c][t] = simd.load_piece(&kept[c][t], piece);
                    }
                }
                for (input, output) in inputs.iter().zip(outputs.iter()) {
                    let mut x = [simd.zero_piece(); C];
                    for c in 0..C {
                        x[c] = simd.load_piece(&input[c], piece);
                    }
                    for t in 0..T {
                        let d = simd.load_piece(&output[t], piece);
                        for c in 0..C {
                            sums[c][t] = simd.fma_piece(x[c], d, sums[c][t]);
                        }
                    }
                }
                for c in 0..C {
                    for t in 0..T {
                        simd.store_piece(&mut kept[c][t], piece, sums[c][t]);
                    }
                }
            }
        }
    }
}

/// The sums of each point over samples, of which sixteen filters are the lanes: `[point][channel]`, sixteen rows a point.
struct AddLanes<'a> {
    plan: &'a Gradient,
    together: usize,
    /// `[group of filters][point][channel][filter]`
    sums: &'a [Row],
    turned: &'a mut [Row],
}

impl SimdKernel for AddLanes<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let channels = self.plan.channels;
        let of_group = POINTS * channels * self.together;
        for point in 0..POINTS {
            for channel in 0..channels {
                let first = (point * channels + channel) * self.together;
                let mut square = [simd.zero(); LANES];
                for at in 0..LANES {
                    let place = at / self.together * of_group + first + at % self.together;
                    square[at] = simd.load(&self.sums[place]);
                }
                let square = simd.transpose(square);
                let mut sum = square[0];
                for at in 1..LANES {
                    sum = simd.add(sum, square[at]);
                }
                simd.store(&mut self.turned[point * LANES + channel], sum);
            }
        }
    }
}
