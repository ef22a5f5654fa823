//! The sizes of convolutions.

use crate::plan::words::window;
use crate::window::{Grid, Sliding};
use serde::Serialize;

/// The numbers of cells of a grid's input and output.
pub(super) fn cells(grid: &Grid) -> (usize, usize) {
    let (vertical, horizontal) = (&grid.vertical, &grid.horizontal);
    (vertical.input * horizontal.input, vertical.output * horizontal.output)
}

/// The channels and the window of a convolution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct ConvolutionGeometry {
    /// Channels of the input, each of which every output channel sees.
    pub in_channels: usize,
    /// Channels of the output, one for each filter.
    pub out_channels: usize,
    /// The kernel laid over the input.
    pub grid: Grid,
}

impl ConvolutionGeometry {
    /// Multiply-adds of the forward product, and of each of its two gradients: every weight times every place that it is laid on.
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

    /// Channels and cells of the input, then of the map that the convolution makes.
    pub(super) fn ends(&self) -> [(usize, usize); 2] {
        let (input, map) = cells(&self.grid);
        [(self.in_channels, input), (self.out_channels, map)]
    }

    /// Channels and cells of the map behind a 2x2 maximum pool.
    pub(super) fn pooled(&self) -> (usize, usize) {
        let (vertical, horizontal) = (&self.grid.vertical, &self.grid.horizontal);
        (self.out_channels, vertical.output / 2 * (horizontal.output / 2))
    }

    /// Whether windows move by single cells, have no gaps, and never lie in the padding alone.
    pub fn is_dense(&self) -> bool {
        let dense = |along: &Sliding| along.stride == 1 && along.dilation == 1 && along.pad_before < along.size;
        dense(&self.grid.vertical) && dense(&self.grid.horizontal)
    }

    /// Channels, kernel and sizes in printed plans.
    pub(super) fn written(&self) -> String {
        window(&self.grid, (self.in_channels, self.out_channels))
    }
}
