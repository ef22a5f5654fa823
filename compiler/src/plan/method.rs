//! How the CPU computes a convolution and the gradient of its input: a decision of the plan, from shapes alone, so that a run
//! has the same bits for any number of threads and any instruction set.
//!
//! The cost model counts cycles of one core for a block of sixteen samples, two vector multiply-adds a cycle. Its
//! constants were measured with AVX-512 on Zen 5.

use super::cycles;
use crate::ops::geometry::ConvolutionGeometry;
use crate::window::Sliding;
use std::fmt;

/// The share of the peak rate of multiply-adds that direct kernels reach, in percent.
const DIRECT: u64 = 88;

/// The same share for the gradients of the input and of the kernel.
const DINPUT: u64 = 75;
const DKERNEL: u64 = 75;

/// The share that direct kernels reach channel-blocked, in percent.
const BLOCKED: u64 = 80;

/// The share that the multiplications of Winograd's points reach, in percent.
const POINTS: u64 = 93;

/// Cycles that one tile of one channel takes to be transformed to its points, or back from them, for 3x3 and 5x5 kernels.
const TRANSFORM: (u64, u64) = (135, 300);

/// Cycles that one tile of one output of few channels takes to be brought back from points that lie in registers: measured on Zen 4,
/// whose multiply-adds take twice as long.
const FROM_SUMS: u64 = 80;

/// Cycles that the 3x3 weights of one pair of channels take to be transformed to their points, and 5x5 weights.
const WEIGH: (u64, u64) = (25, 80);

/// With fewer channels than this, in or out, convolutions are computed directly, but for those of [`FEW`] and fewer.
const CHANNELS: usize = 16;

/// Up to so many channels, such as a picture's, the forward product and the gradient of the kernel have filterings of their own, the
/// latter batch-innermost.
pub const FEW: usize = 4;

/// Rows and columns of outputs of a tile.
const TILE: usize = 4;

/// Points of a tile, for kernels of so many rows and columns.
fn points(size: usize) -> u64 {
    let side = (TILE - 1 + size) as u64;
    side * side
}

/// Of the costs for 3x3 and 5x5 kernels, those for kernels of so many rows and columns.
fn of_size(size: usize, costs: (u64, u64)) -> u64 {
    if size == 3 { costs.0 } else { costs.1 }
}

/// The way a convolution is computed, with what the cost model expects of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Multiplies every weight with every number that it meets.
    Direct,
    /// Winograd's minimal filtering: F(4x4, 3x3), 36 multiplications for 16 outputs instead of 144, or F(4x4, 5x5), 64 instead of
    /// 400 (Lavin and Gray, 2015).
    Winograd {
        /// Cycles for sixteen samples, by the cost model.
        cycles: u64,
        /// Cycles that the direct kernel would take for sixteen samples.
        direct: u64,
    },
}

impl Method {
    /// Whether the convolution is computed by Winograd's algorithm.
    pub fn is_winograd(self) -> bool {
        match self {
            Self::Winograd { .. } => true,
            Self::Direct => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct => f.write_str("direct"),
            Self::Winograd { cycles, direct } => {
                let tenths = direct * 10 / cycles.max(&1);
                write!(f, "Winograd, {}.{}x direct", tenths / 10, tenths % 10)
            }
        }
    }
}

/// Chooses the method of the forward product.
pub fn forward(geometry: &ConvolutionGeometry) -> Method {
    if is_of_few(geometry) {
        of_few(geometry, DIRECT, FROM_SUMS)
    } else {
        choose(geometry, |along| along.output)
    }
}

/// Chooses the method of the gradient of the input.
pub fn dinput(geometry: &ConvolutionGeometry) -> Method {
    choose(geometry, |along| along.input)
}

/// Chooses the method of the gradient of the kernel. Channel-blocked, that of a kernel of [`FEW`] channels is direct in any case.
pub fn dkernel(geometry: &ConvolutionGeometry) -> Method {
    if is_of_few(geometry) {
        of_few(geometry, DKERNEL, TRANSFORM.0)
    } else {
        choose(geometry, |along| along.output)
    }
}

/// Chooses the method for few channels, as [`cheaper`] does.
fn of_few(geometry: &ConvolutionGeometry, percent: u64, output: u64) -> Method {
    if geometry.out_channels >= CHANNELS && geometry.grid.vertical.size == 3 && fits(geometry) {
        cheaper(geometry, percent, output, |along| along.output)
    } else {
        Method::Direct
    }
}

/// Whether a convolution's channels are a picture's, or as few.
pub fn is_of_few(geometry: &ConvolutionGeometry) -> bool {
    geometry.in_channels <= FEW
}

/// Whether there is a filtering for kernels and strides like these.
fn fits(geometry: &ConvolutionGeometry) -> bool {
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let size = vertical.size;
    let fits = |along: &Sliding| along.stride == 1 && along.dilation == 1 && along.pad_before < size;
    (size == 3 || size == 5) && horizontal.size == size && fits(vertical) && fits(horizontal)
}

/// Chooses the cheaper method, where channels are many and tiles cover the `made` cells along each axis.
fn choose(geometry: &ConvolutionGeometry, made: impl Fn(&Sliding) -> usize) -> Method {
    let wide = geometry.in_channels >= CHANNELS && geometry.out_channels >= CHANNELS;
    if wide && fits(geometry) {
        let output = of_size(geometry.grid.vertical.size, TRANSFORM);
        cheaper(geometry, DIRECT, output, made)
    } else {
        Method::Direct
    }
}

/// Chooses the cheaper method, where the direct kernel reaches so many percent of the peak, and a tile of an output takes so many cycles
/// besides its multiplications.
fn cheaper(geometry: &ConvolutionGeometry, percent: u64, output: u64, made: impl Fn(&Sliding) -> usize) -> Method {
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let size = vertical.size;
    let count = |cells: usize| cells as u64;
    let (inputs, outputs) = (count(geometry.in_channels), count(geometry.out_channels));
    let pairs = inputs.saturating_mul(outputs);
    let pixels = count(vertical.output).saturating_mul(count(horizontal.output));
    let direct = pairs.saturating_mul(pixels).saturating_mul(count(size * size) * 100) / (2 * percent);
    // Tiles are computed four at a time.
    let tiles = count(made(vertical).div_ceil(TILE)).saturating_mul(count(made(horizontal).div_ceil(TILE)));
    let tiles = tiles.div_ceil(4).saturating_mul(4);
    let (weigh, input) = (of_size(size, WEIGH), of_size(size, TRANSFORM));
    let products = pairs.saturating_mul(points(size) * 100) / (2 * POINTS);
    let of_tile = products.saturating_add(input * inputs + output * outputs);
    let cycles = tiles
        .saturating_mul(of_tile)
        .saturating_add(pairs.saturating_mul(weigh));
    // Winograd's has to save a sixth, since the model does not see all of its costs.
    if cycles.saturating_mul(6) < direct.saturating_mul(5) {
        Method::Winograd { cycles, direct }
    } else {
        Method::Direct
    }
}

/// Cycles of the forward product: for sixteen samples batch-innermost, and for one sample channel-blocked.
pub fn products(geometry: &ConvolutionGeometry) -> (u64, u64) {
    let channels = (geometry.in_channels, geometry.out_channels);
    both(geometry, forward(geometry), channels, DIRECT, |along| along.output)
}

/// The same of the gradient of the input.
pub fn dinput_products(geometry: &ConvolutionGeometry) -> (u64, u64) {
    let channels = (geometry.out_channels, geometry.in_channels);
    both(geometry, dinput(geometry), channels, DINPUT, |along| along.input)
}

/// The same of the gradient of the kernel.
pub fn dkernel_products(geometry: &ConvolutionGeometry) -> (u64, u64) {
    let channels = (geometry.in_channels, geometry.out_channels);
    let of = |method| both(geometry, method, channels, DKERNEL, |along| along.output);
    let (block, sample) = of(dkernel(geometry));
    if is_of_few(geometry) {
        (block, of(Method::Direct).1)
    } else {
        (block, sample)
    }
}

/// A product of so many inputs and outputs, where the `made` cells along each axis are computed.
fn both(
    geometry: &ConvolutionGeometry,
    method: Method,
    (inputs, outputs): (usize, usize),
    percent: u64,
    made: impl Fn(&Sliding) -> usize,
) -> (u64, u64) {
    let (vertical, horizontal) = (&geometry.grid.vertical, &geometry.grid.horizontal);
    let count = |cells: usize| cells as u64;
    let blocks = count(outputs.div_ceil(16));
    match method {
        Method::Winograd { cycles, .. } => {
            let tiles = count(made(vertical).div_ceil(TILE)).saturating_mul(count(made(horizontal).div_ceil(TILE)));
            let of_point = count(inputs).saturating_mul(blocks);
            let points = cycles::products(of_point.saturating_mul(points(vertical.size)), POINTS);
            let transforms = of_size(vertical.size, TRANSFORM) * (count(inputs.div_ceil(16)) + blocks);
            (cycles, tiles.saturating_mul(points.saturating_add(transforms)))
        }
        Method::Direct => {
            let cells = count(made(vertical)).saturating_mul(count(made(horizontal)));
            let taps = count(vertical.size).saturating_mul(count(horizontal.size));
            let places = taps.saturating_mul(count(inputs)).saturating_mul(cells);
            let block = cycles::products(places.saturating_mul(count(outputs)), percent);
            (block, cycles::products(places.saturating_mul(blocks), BLOCKED))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Method, dinput, dkernel, forward};
    use crate::ops::ConvolutionGeometry;
    use crate::window::{Grid, Padding, Sliding};

    fn geometry(
        channels: [usize; 2],
        size: usize,
        kernel: usize,
        stride: usize,
        padding: Padding,
    ) -> ConvolutionGeometry {
        let along = Sliding::along(size, kernel, stride, 1, padding).unwrap();
        ConvolutionGeometry {
            in_channels: channels[0],
            out_channels: channels[1],
            grid: Grid {
                vertical: along,
                horizontal: along,
            },
        }
    }

    #[test]
    fn wide_3x3_convolutions_are_filtered() {
        for (channels, size) in [([32, 32], 32), ([64, 64], 16), ([128, 128], 8)] {
            let geometry = geometry(channels, size, 3, 1, Padding::Same);
            for method in [forward(&geometry), dinput(&geometry), dkernel(&geometry)] {
                assert!(method.is_winograd(), "{channels:?} at {size}");
            }
        }
    }

    #[test]
    fn wide_5x5_convolutions_are_filtered() {
        for (channels, size) in [([32, 64], 14), ([64, 64], 48), ([128, 128], 12)] {
            let geometry = geometry(channels, size, 5, 1, Padding::Same);
            for method in [forward(&geometry), dinput(&geometry), dkernel(&geometry)] {
                assert!(method.is_winograd(), "{channels:?} at {size}");
            }
        }
    }

    #[test]
    fn few_channels_are_filtered_forward_and_for_the_gradient_of_the_kernel() {
        for (channels, size) in [
            ([3, 32], 8),
            ([3, 16], 32),
            ([3, 37], 31),
            ([3, 24], 16),
            ([4, 33], 14),
            ([4, 16], 8),
        ] {
            let geometry = geometry(channels, size, 3, 1, Padding::Same);
            for method in [forward(&geometry), dkernel(&geometry)] {
                assert!(method.is_winograd(), "{channels:?} at {size}");
            }
            assert_eq!(dinput(&geometry), Method::Direct, "{channels:?} at {size}");
        }
        for (channels, kernel) in [([1, 32], 3), ([3, 8], 3), ([3, 32], 5)] {
            let geometry = geometry(channels, 32, kernel, 1, Padding::Same);
            for method in [forward(&geometry), dkernel(&geometry)] {
                assert_eq!(method, Method::Direct, "{channels:?} of {kernel}");
            }
        }
    }

    #[test]
    fn what_would_lose_by_it_stays_direct() {
        // Few channels, other kernels, strides, and maps of which a tile covers too little.
        for (channels, size, kernel, stride) in [
            ([1, 32], 32, 3, 1),
            ([10, 20], 32, 3, 1),
            ([32, 32], 32, 7, 1),
            ([6, 16], 14, 5, 1),
            ([64, 64], 16, 3, 2),
            ([512, 512], 2, 3, 1),
        ] {
            let geometry = geometry(channels, size, kernel, stride, Padding::Same);
            assert_eq!(forward(&geometry), Method::Direct, "{channels:?} at {size}");
        }
    }
}
