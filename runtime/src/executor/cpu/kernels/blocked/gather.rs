//! Picking a block's samples out of the data set, channel-blocked.

use super::super::super::memory::Output;
use super::super::super::simd::{LANES, Row, Simd, SimdKernel};
use crate::data::Pixels;
use std::ops::Range;

/// Positions of an item.
pub const GATHERED: usize = 256;

/// `output[sample][channel / 16][position]` from pictures in Keras's order, `[position][channel]`; bytes are scaled to 0..1,
/// levels are not. One item: [`GATHERED`] positions of a sample.
pub struct Gather<'a> {
    /// The pictures of the whole data set, `[picture][position][channel]`.
    pub pixels: &'a Pixels,
    /// The block's samples, at most sixteen.
    pub order: &'a [u32],
    /// How many channels a picture has.
    pub channels: usize,
    /// How many positions a picture has: height times width.
    pub positions: usize,
    /// Written: `[sample][channel / 16][position]`, a row has sixteen channels.
    pub output: Output<'a, Row>,
    /// Whose turn it is.
    pub items: Range<usize>,
}

impl SimdKernel for Gather<'_> {
    type Output = ();

    #[inline(always)]
    fn run<S: Simd>(self, _: S) {
        let size = self.channels * self.positions;
        let chunks = self.positions.div_ceil(GATHERED);
        for item in self.items.clone() {
            let (sample, first) = (item / chunks, item % chunks * GATHERED);
            let positions = first..(first + GATHERED).min(self.positions);
            let picture = self.order[sample] as usize * size;
            match self.pixels {
                Pixels::Bytes(bytes) => {
                    let scale = 1.0 / 255.0;
                    self.each(sample, positions, &bytes[picture..][..size], |byte| {
                        f32::from(byte) * scale
                    });
                }
                Pixels::Levels(bytes) => self.each(sample, positions, &bytes[picture..][..size], f32::from),
                Pixels::Floats(floats) => self.each(sample, positions, &floats[picture..][..size], |float| float),
                // `split` has refused it: a part of it is in memory (`executor/streaming.rs`).
                Pixels::Stored(_) => {}
            }
        }
    }
}

impl Gather<'_> {
    #[inline(always)]
    fn each<T: Copy>(&self, sample: usize, positions: Range<usize>, picture: &[T], value: impl Fn(T) -> f32) {
        let blocks = self.channels.div_ceil(LANES);
        for position in positions {
            let pixel = &picture[position * self.channels..][..self.channels];
            for (block, channels) in pixel.chunks(LANES).enumerate() {
                let row = self.output.row((sample * blocks + block) * self.positions + position);
                for (to, &from) in row.0.iter_mut().zip(channels) {
                    *to = value(from);
                }
            }
        }
    }
}
