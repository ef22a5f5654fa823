//! Where a convolution reads: the cells that a window covers, and their places in a padded copy of the input.

use compiler::ops::ConvolutionGeometry;
use compiler::window::{Grid, Sliding};

/// Cells from the first that a window covers to the last.
pub fn extent(along: &Sliding) -> usize {
    (along.output - 1) * along.stride + (along.size - 1) * along.dilation + 1
}

/// Rows and columns of the map that a convolution reads: its input, or what is padded.
pub fn padded_size(grid: &Grid) -> (usize, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (height, width) = (extent(vertical), extent(horizontal));
    let padded =
        vertical.pad_before > 0 || horizontal.pad_before > 0 || height > vertical.input || width > horizontal.input;
    if padded {
        (height, width)
    } else {
        (vertical.input, horizontal.input)
    }
}

/// Where each tap reads, from a pixel's base on, in the order of the parameters.
pub fn taps(geometry: &ConvolutionGeometry) -> Vec<u32> {
    let grid = &geometry.grid;
    let (height, width) = padded_size(grid);
    let mut taps = Vec::new();
    for channel in 0..geometry.in_channels {
        for ky in 0..grid.vertical.size {
            for kx in 0..grid.horizontal.size {
                let row = channel * height + ky * grid.vertical.dilation;
                taps.push((row * width + kx * grid.horizontal.dilation) as u32);
            }
        }
    }
    taps
}

/// The bases of the pixels in groups of four, windows of a pool or one after another, and how many pixels there are.
pub fn bases(grid: &Grid, pool: bool) -> (Vec<u32>, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    let (_, width) = padded_size(grid);
    let base = |y: usize, x: usize| (y * vertical.stride * width + x * horizontal.stride) as u32;
    let mut bases = Vec::new();
    if pool {
        for y in (0..vertical.output - vertical.output % 2).step_by(2) {
            for x in (0..horizontal.output - horizontal.output % 2).step_by(2) {
                bases.extend([base(y, x), base(y, x + 1), base(y + 1, x), base(y + 1, x + 1)]);
            }
        }
        return (bases, vertical.output * horizontal.output);
    }
    for y in 0..vertical.output {
        for x in 0..horizontal.output {
            bases.push(base(y, x));
        }
    }
    let pixels = bases.len();
    // An incomplete group repeats its last pixel, and keeps it to itself.
    while bases.len() % 4 != 0 {
        bases.push(bases[pixels - 1]);
    }
    (bases, pixels)
}
