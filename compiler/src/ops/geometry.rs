//! A convolution's sizes.

use crate::plan::words::window;
use crate::window::{Grid, Sliding};
use serde::Serialize;

/// Cells that a grid takes, and that it makes.
pub(super) fn cells(grid: &Grid) -> (usize, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    (vertical.input * horizontal.input, vertical.output * horizontal.output)
}

/// A convolution's geometry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ConvolutionGeometry {
    /// Input channels.
    pub in_channels: usize,
    /// Output channels.
    pub out_channels: usize,
    /// The kernel laid over the input.
    pub grid: Grid,
}

impl ConvolutionGeometry {
    /// The forward product, and each of its two gradients, multiplies every weight with every place it is laid on.
    pub(super) fn macs(&self) -> u64 {
        let (vertical, horizontal) = (&self.grid.vertical, &self.grid.horizontal);
        let sizes = [
            self.in_channels,
            self.out_channels,
            vertical.size,
            horizontal.size,
            vertical.output,
            horizontal.output,
        ];
        let product = |product: u64, size: usize| product.saturating_mul(size as u64);
        sizes.into_iter().fold(1, product)
    }

    /// Channels and cells of the input, and of the map.
    pub(super) fn ends(&self) -> [(usize, usize); 2] {
        let (input, map) = cells(&self.grid);
        [(self.in_channels, input), (self.out_channels, map)]
    }

    /// Channels and cells of what a 2x2 maximum pool makes of the map.
    pub(super) fn pooled(&self) -> (usize, usize) {
        let (vertical, horizontal) = (&self.grid.vertical, &self.grid.horizontal);
        (self.out_channels, vertical.output / 2 * (horizontal.output / 2))
    }

    /// Whether windows follow each other cell by cell and have no gaps.
    pub fn is_dense(&self) -> bool {
        let dense = |along: &Sliding| along.stride == 1 && along.dilation == 1 && along.pad_before < along.size;
        dense(&self.grid.vertical) && dense(&self.grid.horizontal)
    }

    /// Channels, kernel and sizes, for a printed plan.
    pub(super) fn written(&self) -> String {
        window(&self.grid, (self.in_channels, self.out_channels))
    }
}
