//! What training does to its samples at random. One item: one element, or one position where all channels go together.

use super::super::memory::Output;
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::draws::{Draws, between};
use compiler::ops::{Adjust as AdjustOp, Erase as EraseOp, Motion};
use std::f32::consts::TAU;
use std::ops::Range;

/// The matrix of each sample, see `compiler::ops::Transforms`.
pub fn transforms(draws: &Draws, motion: Motion, from: (usize, usize), to: (usize, usize)) -> [[f32; LANES]; 6] {
    let (height, width) = (from.0 as f32, from.1 as f32);
    let (last_row, last_column) = (height - 1.0, width - 1.0);
    let of = |index: u32| draws.uniforms(index);
    let (first, second, third) = (of(0), of(1), of(2));
    let one = |lane: usize| -> [f32; 6] {
        match motion {
            Motion::Flip { horizontal, vertical } => {
                let turned = first[lane] <= 0.5;
                let along = |turns: bool, last: f32| if turns { (-1.0, last) } else { (1.0, 0.0) };
                let (a0, a2) = along(turned && horizontal, last_column);
                let (b1, b2) = along(turned && vertical, last_row);
                [a0, 0.0, a2, 0.0, b1, b2]
            }
            Motion::Translate {
                height: down,
                width: across,
            } => {
                let down = between(down, first[lane]) * height;
                let across = between(across, second[lane]) * width;
                [1.0, 0.0, -across, 0.0, 1.0, -down]
            }
            Motion::Rotate { turns: [low, high] } => {
                let (sin, cos) = libm::sincosf(between([low * TAU, high * TAU], first[lane]));
                let (cx, cy) = (0.5 * last_column, 0.5 * last_row);
                [cos, -sin, cx - cx * cos + cy * sin, sin, cos, cy - cx * sin - cy * cos]
            }
            Motion::Zoom {
                height: down,
                width: across,
            } => {
                let down = between(down, first[lane]);
                let across = across.map_or(down, |across| between(across, second[lane]));
                let middle = |last: f32, zoom: f32| 0.5 * last * (1.0 - zoom);
                [
                    across,
                    0.0,
                    middle(last_column, across),
                    0.0,
                    down,
                    middle(last_row, down),
                ]
            }
            Motion::Shear { x, y } => {
                let way = if first[lane] > 0.5 { -1.0 } else { 1.0 };
                let rows = between(y, second[lane]) * way;
                let columns = between(x, third[lane]) * way;
                [1.0, columns, 0.0, rows, 1.0, 0.0]
            }
            Motion::Crop => {
                let room = |from: usize, to: usize| (from.saturating_sub(to) + 1) as f32;
                let down = (draws.of_batch(0) * room(from.0, to.0)).floor();
                let across = (draws.of_batch(1) * room(from.1, to.1)).floor();
                [1.0, 0.0, across, 0.0, 1.0, down]
            }
            Motion::Window { size } => {
                let (down, across) = (size.0 as f32 / to.0 as f32, size.1 as f32 / to.1 as f32);
                let top = ((height - size.0 as f32) * 0.5).floor();
                let left = ((width - size.1 as f32) * 0.5).floor();
                [
                    across,
                    0.0,
                    left + 0.5 * across - 0.5,
                    0.0,
                    down,
                    top + 0.5 * down - 0.5,
                ]
            }
        }
    };
    let mut made = [[0.0; LANES]; 6];
    for lane in 0..LANES {
        for (row, value) in made.iter_mut().zip(one(lane)) {
            row[lane] = value;
        }
    }
    made
}

/// `output = clamp(input + drawn)` (brightness) or, with `statistics`, `clamp((input - mean) drawn + mean)` (contrast).
/// One item: a channel.
pub struct Adjust<'a> {
    /// The range that is drawn from, and the range that results are clamped to.
    pub op: &'a AdjustOp,
    /// The random numbers that each sample draws.
    pub draws: Draws,
    /// How many positions a channel has: height times width.
    pub positions: usize,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// The means of the channels, for contrast.
    pub statistics: Option<&'a [Row]>,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The channels that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Adjust<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let drawn = Row(self.draws.uniforms(0).map(|share| between(self.op.drawn, share)));
        let drawn = simd.load(&drawn);
        let [least, most] = self.op.range.map(|bound| simd.splat(bound));
        for channel in self.items {
            let mean = self.statistics.map(|statistics| simd.load(&statistics[channel * 2]));
            for at in channel * self.positions..(channel + 1) * self.positions {
                let x = simd.load(&self.input[at]);
                let made = match mean {
                    Some(mean) => simd.add(simd.mul(simd.sub(x, mean), drawn), mean),
                    None => simd.add(x, drawn),
                };
                simd.store(self.output.row(at), simd.min(simd.max(made, least), most));
            }
        }
    }
}

/// A rectangle of each sample filled with a colour or with noise, in some of the samples. One item: a position.
pub struct Erase<'a> {
    /// Sizes, shares and fill, as the layer was described.
    pub op: &'a EraseOp,
    /// The random numbers that each sample draws.
    pub draws: Draws,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The positions of the task that this call computes, over all channels.
    pub items: Range<usize>,
}

impl SimdKernel for Erase<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (op, (height, width)) = (self.op, self.op.size);
        let of = |index: u32| self.draws.uniforms(index);
        let side = |index: u32, size: usize| of(index).map(|share| between(op.scale, share).sqrt() * size as f32);
        let (widths, heights) = (side(0, width), side(1, height));
        let (across, down, factor, threshold) = (of(2), of(3), of(4), of(5));
        let channels = self.input.len() / (height * width).max(1);
        for item in self.items {
            let (row, column) = ((item / width) as f32, (item % width) as f32);
            let erased: [bool; LANES] = std::array::from_fn(|lane| {
                let left = across[lane] * (width as f32 - widths[lane]);
                let top = down[lane] * (height as f32 - heights[lane]);
                let inside = column >= left && column < left + widths[lane] && row >= top && row < top + heights[lane];
                inside && threshold[lane] < between(op.factor, factor[lane])
            });
            for channel in 0..channels {
                let at = channel * height * width + item;
                let fill = match op.fill {
                    Some(fill) => [fill[channel.min(2)]; LANES],
                    None => self.draws.normals(8 + 2 * at as u32).map(|normal| normal * op.normal),
                };
                let input = &self.input[at].0;
                *self.output.row(at) = Row(std::array::from_fn(|lane| {
                    if erased[lane] {
                        fill[lane].clamp(op.range[0], op.range[1])
                    } else {
                        input[lane]
                    }
                }));
            }
        }
    }
}

/// Noise of a deviation.
pub struct Noise<'a> {
    /// The standard deviation of the noise, in units of the input.
    pub stddev: f32,
    /// The random numbers that each sample draws.
    pub draws: Draws,
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Noise<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        for item in self.items {
            let (noise, input) = (self.draws.normals(2 * item as u32), &self.input[item].0);
            *self.output.row(item) = Row(std::array::from_fn(|lane| input[lane] + self.stddev * noise[lane]));
        }
    }
}
