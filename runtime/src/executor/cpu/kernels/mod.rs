//! Kernels: each the CPU's twin of one in `shaders/`, over one block of sixteen samples. An item is the share of the work
//! that one worker takes; items write elements of their own, and what an element's sum adds up, in which order, never
//! depends on how the items are dealt out.

pub mod activity_penalty;
pub mod affine;
pub mod augmentation;
pub mod bias;
pub mod blocked;
pub mod compare;
pub mod convolution;
pub mod data;
pub mod dense;
pub mod depthwise;
pub mod dinput;
pub mod dkernel;
pub mod doutput;
pub mod draws;
pub mod dropout;
pub mod elementwise;
pub mod grouped;
pub mod loss;
pub mod math;
pub mod merging;
pub mod mixing;
pub mod moving_normalization;
pub mod normalization;
pub mod padding;
pub mod pool;
pub mod prelu;
pub mod streamed;
pub mod sums;
pub mod update;
pub mod upsampling;
pub mod winograd;

/// Channels cut into tiles of at most `limit`, as equal as can be.
#[derive(Debug, Clone, Copy)]
pub struct Tiles {
    channels: usize,
    size: usize,
}

impl Tiles {
    /// As few tiles of at most `limit` channels as there can be.
    pub fn of(channels: usize, limit: usize) -> Self {
        let count = channels.div_ceil(limit).max(1);
        Self {
            channels,
            size: channels.div_ceil(count).max(1),
        }
    }

    /// How many channels all tiles have together.
    pub fn channels(self) -> usize {
        self.channels
    }

    /// How many tiles there are; the last may be smaller than the others.
    pub fn count(self) -> usize {
        self.channels.div_ceil(self.size)
    }

    /// The first channel of a tile, and how many it has.
    pub fn tile(self, index: usize) -> (usize, usize) {
        let start = index * self.size;
        (start, self.size.min(self.channels - start))
    }
}

/// Calls `$run::<_, N>` for the `$size` that is known at run time only.
macro_rules! with_size {
    ($size:expr, [$($n:literal)*], $name:ident => $body:expr) => {
        match $size {
            $($n => { const $name: usize = $n; $body })*
            size => unreachable!("no kernel for a tile of {size}"),
        }
    };
}
pub(crate) use with_size;
