//! The files of `shaders/`, embedded in the binary.

use serde::Serialize;

/// A WGSL file: forward and backward of one kind of layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum File {
    /// Picks a batch out of the data set.
    Gather,
    /// Convolutions, with bias, relu and 2x2 maximum pool.
    Conv2d,
    /// Matrix products.
    Dense,
    /// Pools.
    Pool2d,
    /// Pools over whole maps.
    GlobalPool2d,
    /// Functions of single values.
    Activation,
    /// Values dropped at random.
    Dropout,
    /// Softmax over the channels.
    Softmax,
    /// Cross-entropy.
    Loss,
    /// A small matrix product with cross-entropy on what it makes.
    Head,
    /// Sums, copies, transposes.
    Elementwise,
    /// Update rules.
    Optimizer,
}

impl File {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Gather,
        Self::Conv2d,
        Self::Dense,
        Self::Pool2d,
        Self::GlobalPool2d,
        Self::Activation,
        Self::Dropout,
        Self::Softmax,
        Self::Loss,
        Self::Head,
        Self::Elementwise,
        Self::Optimizer,
    ];

    /// The file's name without `.wgsl`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gather => "gather",
            Self::Conv2d => "conv2d",
            Self::Dense => "dense",
            Self::Pool2d => "pool2d",
            Self::GlobalPool2d => "global_pool2d",
            Self::Activation => "activation",
            Self::Dropout => "dropout",
            Self::Softmax => "softmax",
            Self::Loss => "loss",
            Self::Head => "head",
            Self::Elementwise => "elementwise",
            Self::Optimizer => "optimizer",
        }
    }

    /// Whether its kernels are written to run without bounds checks: each index of a private array is a sum of loop
    /// counters that is below its length, each read of a buffer is clamped, and each write guarded. Checks would keep the
    /// arrays of these out of registers.
    pub const fn stays_in_bounds(self) -> bool {
        match self {
            Self::Conv2d | Self::Dense | Self::Head => true,
            Self::Gather
            | Self::Pool2d
            | Self::GlobalPool2d
            | Self::Activation
            | Self::Dropout
            | Self::Softmax
            | Self::Loss
            | Self::Elementwise
            | Self::Optimizer => false,
        }
    }

    /// The file as it lies in `shaders/`.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Gather => include_str!("../gather.wgsl"),
            Self::Conv2d => include_str!("../conv2d.wgsl"),
            Self::Dense => include_str!("../dense.wgsl"),
            Self::Pool2d => include_str!("../pool2d.wgsl"),
            Self::GlobalPool2d => include_str!("../global_pool2d.wgsl"),
            Self::Activation => include_str!("../activation.wgsl"),
            Self::Dropout => include_str!("../dropout.wgsl"),
            Self::Softmax => include_str!("../softmax.wgsl"),
            Self::Loss => include_str!("../loss.wgsl"),
            Self::Head => include_str!("../head.wgsl"),
            Self::Elementwise => include_str!("../elementwise.wgsl"),
            Self::Optimizer => include_str!("../optimizer.wgsl"),
        }
    }
}
