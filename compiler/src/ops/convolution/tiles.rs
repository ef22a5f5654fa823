//! The tiles of a convolution's kernels on a GPU, and the constants of their WGSL text.

use crate::launch::kernel::{Constants, unsigned};
use crate::launch::tiling::{Tiling, even};
use crate::ops::geometry::ConvolutionGeometry;
use crate::window::Sliding;
use serde::Serialize;
use shaders::Constant;

pub(super) fn constants_of(geometry: &ConvolutionGeometry, tiles: &ConvolutionTiles) -> Constants {
    let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
    let reaches_out = |s: Sliding| s.pad_before > 0 || (s.output - 1) * s.stride + (s.size - 1) * s.dilation >= s.input;
    vec![
        ("IN_C", unsigned(geometry.in_channels)),
        ("IN_H", unsigned(vertical.input)),
        ("IN_W", unsigned(horizontal.input)),
        ("OUT_C", unsigned(geometry.out_channels)),
        ("OUT_H", unsigned(vertical.output)),
        ("OUT_W", unsigned(horizontal.output)),
        ("KERNEL_H", unsigned(vertical.size)),
        ("KERNEL_W", unsigned(horizontal.size)),
        ("STRIDE_H", unsigned(vertical.stride)),
        ("STRIDE_W", unsigned(horizontal.stride)),
        ("DILATION_H", unsigned(vertical.dilation)),
        ("DILATION_W", unsigned(horizontal.dilation)),
        ("PAD_TOP", unsigned(vertical.pad_before)),
        ("PAD_LEFT", unsigned(horizontal.pad_before)),
        (
            "PADDED",
            Constant::Bool(reaches_out(vertical) || reaches_out(horizontal)),
        ),
        ("TILE_C", unsigned(tiles.channels)),
        ("TILE_H", unsigned(tiles.height)),
        ("TILE_W", unsigned(tiles.width)),
        ("TILE_K", unsigned(tiles.k)),
        ("TILE_X", unsigned(tiles.x)),
        ("TILE_I", unsigned(tiles.i)),
        ("STRIP", unsigned(tiles.strip)),
        ("SPLIT_ROWS", unsigned(tiles.split_rows)),
        ("SPLIT_QUADS", unsigned(tiles.split_quads)),
        ("ROLLED", Constant::Bool(tiles.rolled)),
    ]
}

/// Values for the constants of `conv2d.wgsl` that an entry point does not use; they are the same, so that texts are, too.
pub(super) fn unused(names: &[&'static str]) -> Constants {
    names
        .iter()
        .map(|&name| {
            (
                name,
                if name.ends_with("_AT") {
                    unsigned(0)
                } else {
                    Constant::Bool(false)
                },
            )
        })
        .collect()
}

/// The pieces of work that invocations of a convolution's kernels take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ConvolutionTiles {
    /// Forward: output channels of a tile, four, or all of them.
    pub channels: usize,
    /// Forward: rows of pixels of a tile.
    pub height: usize,
    /// Forward: pixels of a row of a tile.
    pub width: usize,
    /// dkernel: rows of the kernel for one invocation.
    pub k: usize,
    /// dkernel: pixels of a row that are read together; even.
    pub strip: usize,
    /// dkernel: parts that the output's rows are divided into.
    pub split_rows: usize,
    /// dkernel: parts that the batch's samples are divided into.
    pub split_quads: usize,
    /// dinput: pixels of a row of a tile.
    pub x: usize,
    /// dinput: input channels of a tile.
    pub i: usize,
    /// dinput: whether the general entry point is needed, or faster.
    pub strided: bool,
    /// Whether the taps of a row stay a loop: unrolled, a long row takes a driver from seconds to minutes to compile.
    pub rolled: bool,
}

/// The longest row of taps that is unrolled, in cells from the first to the last.
const UNROLLED: usize = 16;

impl ConvolutionTiles {
    /// Channels of a forward tile: four, or all of them where they are few and four would leave lanes of the last
    /// tile idle. `whole` is for tiles that need two rows of four pixels.
    const fn channels_of(tiling: &Tiling, out_channels: usize, whole: bool) -> usize {
        let least = if whole { 8 } else { 6 };
        if out_channels > 4 && !out_channels.is_multiple_of(4) && tiling.all_channels_sums >= least * out_channels {
            out_channels
        } else {
            4
        }
    }

    /// Turns of the loops of a dkernel's invocation, over quads, pairs of columns, and rows.
    pub(super) fn dkernel_turns(&self, geometry: &ConvolutionGeometry, quads: usize) -> usize {
        let rows = geometry.grid.vertical.output.div_ceil(self.split_rows);
        let pairs = geometry.grid.horizontal.output.div_ceil(2);
        quads.div_ceil(self.split_quads) * (1 + pairs * (1 + rows))
    }

    /// Divides the sums of a dkernel further where one invocation would take more turns than the device allows.
    fn within(mut self, most_turns: usize, geometry: &ConvolutionGeometry, quads: usize) -> Self {
        while self.dkernel_turns(geometry, quads) > most_turns && self.split_rows < geometry.grid.vertical.output {
            self.split_rows = (self.split_rows * 2).min(geometry.grid.vertical.output);
        }
        while self.dkernel_turns(geometry, quads) > most_turns && self.split_quads < quads {
            self.split_quads = (self.split_quads * 2).min(quads);
        }
        self
    }

    /// The tiles of a convolution, with a fused 2x2 maximum pool or without, for batches of `quads` times four samples.
    pub fn of(tiling: &Tiling, geometry: &ConvolutionGeometry, pool: bool, quads: usize) -> Self {
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        // A tile's row of input is kept in an array; a wide kernel leaves room for fewer pixels.
        let reach = (horizontal.size - 1) * horizontal.dilation;
        let wide = reach > 12;
        if reach > UNROLLED {
            return Self::rolled(tiling, geometry).within(tiling.most_turns, geometry, quads);
        }
        let channels = Self::channels_of(tiling, geometry.out_channels, pool || wide);
        let pixels = if wide {
            2
        } else if channels == 4 {
            tiling.sums / 4
        } else {
            (tiling.all_channels_sums / channels).min(tiling.sums / 4)
        };
        let (height, width) = if pool {
            (2, if pixels >= 8 && horizontal.output >= 4 { 4 } else { 2 })
        } else {
            let height = vertical.output.min(2);
            (height, even(horizontal.output, pixels / height))
        };
        // All rows of a kernel share the gradients that are read; a large kernel is cut, for its sums to stay in registers.
        let k = even(vertical.size, 25 / horizontal.size);
        let units = geometry.out_channels.div_ceil(4) * vertical.size.div_ceil(k) * geometry.in_channels;
        // At each cut between rows some are read twice; samples are not.
        let split_quads = tiling.dkernel_invocations.div_ceil(units).min(tiling.split_quads);
        let split_rows = tiling.dkernel_invocations.div_ceil(units * split_quads);
        // Tiles begin at even columns.
        let x = if horizontal.input <= tiling.dinput_pixels {
            horizontal.input
        } else {
            even(horizontal.input, tiling.dinput_pixels).next_multiple_of(2)
        };
        Self {
            channels,
            height,
            width,
            k,
            // Four make as many sums a load cheaper as the code that they unroll to is dearer: equally fast, measured, and
            // three times as long to compile.
            strip: 2,
            split_rows: split_rows.clamp(1, vertical.output),
            split_quads,
            x,
            i: even(geometry.in_channels, tiling.dinput_sums / x),
            strided: vertical.stride > 1 || horizontal.stride > 1 || wide,
            rolled: false,
        }
        .within(tiling.most_turns, geometry, quads)
    }

    /// The tiles of a convolution with long rows of taps.
    fn rolled(tiling: &Tiling, geometry: &ConvolutionGeometry) -> Self {
        let (vertical, horizontal) = (geometry.grid.vertical, geometry.grid.horizontal);
        let units = geometry.out_channels.div_ceil(4) * vertical.size * horizontal.size * geometry.in_channels;
        let splits = tiling.dkernel_invocations.div_ceil(units);
        Self {
            channels: 4,
            height: 2,
            width: 2,
            k: 1,
            strip: 2,
            split_rows: splits.clamp(1, vertical.output),
            split_quads: 1,
            x: 2,
            i: 1,
            strided: true,
            rolled: true,
        }
    }
}
