//! What moves numbers without computing: the gather of a batch, padding, un-pooling, packing of weights, copies. Rows of
//! sixteen samples; all write `=`.

use super::super::memory::{Codes, Floats, Output};
use super::super::simd::{LANES, Row, Simd, SimdKernel};
use super::Tiles;
use super::doutput::spread_windows;
use crate::data::Pixels;
use std::ops::Range;

/// Elements of an item of [`Gather`].
pub const GATHERED: usize = 64;

/// Picks a block's pictures out of the data set: `output[channel][position]` from pictures in Keras's order, `[position]
/// [channel]`; bytes are scaled to 0..1, levels are not. Lanes without a sample are zero. One item: [`GATHERED`] numbers of the pictures.
pub struct Gather<'a> {
    /// The pictures of the whole data set, `[picture][position][channel]`.
    pub pixels: &'a Pixels,
    /// The block's samples, at most sixteen.
    pub order: &'a [u32],
    /// How many channels a picture has.
    pub channels: usize,
    /// How many positions a picture has: height times width.
    pub positions: usize,
    /// Written: a row has one element of each sample of a block.
    pub output: Output<'a, Row>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let size = self.channels * self.positions;
        let elements = self.items.start * GATHERED..(self.items.end * GATHERED).min(size);
        let (mut position, mut channel) = (elements.start / self.channels, elements.start % self.channels);
        let mut next = || {
            let row = channel * self.positions + position;
            channel += 1;
            if channel == self.channels {
                (channel, position) = (0, position + 1);
            }
            row
        };
        match self.pixels {
            Pixels::Bytes(bytes) | Pixels::Levels(bytes) => {
                // A number times one is that number.
                let scale = simd.splat(match self.pixels {
                    Pixels::Bytes(_) => 1.0 / 255.0,
                    Pixels::Levels(_) | Pixels::Floats(_) | Pixels::Stored(_) => 1.0,
                });
                let mut start = elements.start;
                while start < elements.end {
                    // Sixteen bytes of sixteen pictures, turned.
                    let width = (elements.end - start).min(LANES);
                    let mut tile = [[0_u8; LANES]; LANES];
                    for (lane, &sample) in tile.iter_mut().zip(self.order) {
                        let picture = &bytes[sample as usize * size + start..];
                        match picture.first_chunk::<LANES>() {
                            Some(chunk) => *lane = *chunk,
                            None => lane[..width].copy_from_slice(&picture[..width]),
                        }
                    }
                    for lanes in &transposed(tile)[..width] {
                        simd.store(self.output.row(next()), simd.mul(simd.widen(lanes), scale));
                    }
                    start += width;
                }
            }
            Pixels::Floats(floats) => {
                let mut start = elements.start;
                while start < elements.end {
                    let width = (elements.end - start).min(LANES);
                    let mut tile = [[0.0_f32; LANES]; LANES];
                    for (lane, &sample) in tile.iter_mut().zip(self.order) {
                        let picture = &floats[sample as usize * size + start..];
                        match picture.first_chunk::<LANES>() {
                            Some(chunk) => *lane = *chunk,
                            None => lane[..width].copy_from_slice(&picture[..width]),
                        }
                    }
                    for element in 0..width {
                        let row = self.output.row(next());
                        for (to, lane) in row.0.iter_mut().zip(&tile) {
                            *to = lane[element];
                        }
                    }
                    start += width;
                }
            }
            // `split` has refused it: a part of it is in memory (`executor/streaming.rs`).
            Pixels::Stored(_) => {}
        }
    }
}

/// Rows become columns, in four rounds of interleaving the upper half with the lower, which compilers turn into the
/// instructions for just that.
#[inline(always)]
fn transposed(mut tile: [[u8; LANES]; LANES]) -> [[u8; LANES]; LANES] {
    for _ in 0..4 {
        let mut next = [[0; LANES]; LANES];
        for row in 0..LANES / 2 {
            for column in 0..LANES / 2 {
                next[2 * row][2 * column] = tile[row][column];
                next[2 * row][2 * column + 1] = tile[row + LANES / 2][column];
                next[2 * row + 1][2 * column] = tile[row][column + LANES / 2];
                next[2 * row + 1][2 * column + 1] = tile[row + LANES / 2][column + LANES / 2];
            }
        }
        tile = next;
    }
    tile
}

/// Copies maps into larger ones, zeros around them. One item: a channel.
pub struct Pad<'a> {
    /// Rows and columns of the smaller map.
    pub size: (usize, usize),
    /// Where its first element goes, and from row to row.
    pub to: (usize, usize),
    /// Read: a row has one element of each sample of a block.
    pub input: &'a [Row],
    /// Made: the items' channels alone.
    pub output: &'a mut [Row],
    /// Elements of a channel of it.
    pub plane: usize,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Pad<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let (rows, columns) = self.size;
        for (channel, output) in self.items.zip(self.output.chunks_exact_mut(self.plane)) {
            output.fill(Row([0.0; LANES]));
            for row in 0..rows {
                // What a valid window never reaches is cut off.
                let start = self.to.0 + row * self.to.1;
                let from = &self.input[(channel * rows + row) * columns..][..columns];
                if let Some(to) = output.get_mut(start..) {
                    let width = columns.min(self.to.1).min(to.len());
                    to[..width].copy_from_slice(&from[..width]);
                }
            }
        }
    }
}

/// The gradient of a map from the gradient behind its 2x2 maximum pool: `output[pixel of the code] = doutput`, else zero.
/// One item: a channel.
pub struct Unpool<'a> {
    /// Rows and columns of the map.
    pub size: (usize, usize),
    /// Where its first element goes, and from row to row.
    pub to: (usize, usize),
    /// The gradient behind the pool.
    pub doutput: &'a [Row],
    /// Which pixel it belongs to.
    pub codes: &'a [Codes],
    /// Made: the items' channels alone.
    pub output: &'a mut [Row],
    /// Elements of a channel of it.
    pub plane: usize,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl SimdKernel for Unpool<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, simd: S) {
        let (rows, columns) = (self.size.0 / 2, self.size.1 / 2);
        for (channel, output) in self.items.zip(self.output.chunks_exact_mut(self.plane)) {
            // Zero what no window writes: the margins and an odd last row or column.
            if self.plane != 4 * rows * columns {
                output.fill(Row([0.0; LANES]));
            }
            for row in 0..rows {
                let start = self.to.0 + 2 * row * self.to.1;
                let (upper, lower) = output[start..].split_at_mut(self.to.1);
                let from = (channel * rows + row) * columns;
                let windows = from..from + columns;
                spread_windows(simd, &self.doutput[windows.clone()], &self.codes[windows], upper, lower);
            }
        }
    }
}

/// Weights `[tap][filter]` into tiles: `[tile][tap][filter of the tile]`. One item: a tile.
pub struct PackForward<'a> {
    /// The filters, cut into the tiles that the kernel takes at once.
    pub tiles: Tiles,
    /// How many taps a filter has, over all input channels.
    pub taps: usize,
    /// Floats from tap to tap.
    pub stride: usize,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights in the order in which the kernel reads them.
    pub packed: Floats<'a>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl PackForward<'_> {
    /// Copies the weights of the items' tiles.
    pub fn run(self) {
        for item in self.items {
            let (first, size) = self.tiles.tile(item);
            let packed = self.packed.part(first * self.taps..(first + size) * self.taps);
            for (packed, weights) in packed.chunks_exact_mut(size).zip(self.weights.chunks(self.stride)) {
                packed.copy_from_slice(&weights[first..first + size]);
            }
        }
    }
}

/// Weights `[input][tap][filter]` into tiles of inputs: `[tile][tap][filter][input of the tile]`. One item: a tile.
pub struct PackDinput<'a> {
    /// The input channels, cut into the tiles that the kernel takes at once.
    pub tiles: Tiles,
    /// Taps of an input.
    pub taps: usize,
    /// How many filters there are.
    pub filters: usize,
    /// Read: the weights as the optimizer keeps them.
    pub weights: &'a [f32],
    /// Written: the weights in the order in which the kernel reads them.
    pub packed: Floats<'a>,
    /// The items of the task that this call computes.
    pub items: Range<usize>,
}

impl PackDinput<'_> {
    /// Copies the weights of the items' tiles.
    pub fn run(self) {
        let stride = self.filters.next_multiple_of(4);
        for item in self.items {
            let (first, size) = self.tiles.tile(item);
            let length = self.taps * self.filters;
            let packed = self.packed.part(first * length..(first + size) * length);
            for input in 0..size {
                let weights = &self.weights[(first + input) * self.taps * stride..][..self.taps * stride];
                for (tap, weights) in weights.chunks_exact(stride).enumerate() {
                    let to = &mut packed[tap * self.filters * size..][..self.filters * size];
                    for (to, w) in to.chunks_exact_mut(size).zip(weights) {
                        to[input] = *w;
                    }
                }
            }
        }
    }
}
