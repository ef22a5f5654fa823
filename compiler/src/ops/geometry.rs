//! A convolution's sizes.

use crate::plan::words::window;
use crate::window::Grid;
use serde::Serialize;

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

    /// Channels, kernel and sizes, for a printed plan.
    pub(super) fn written(&self) -> String {
        window(&self.grid, (self.in_channels, self.out_channels))
    }
}
