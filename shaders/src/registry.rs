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
    /// What outputs are compared with.
    Target,
    /// Losses that compare outputs with targets.
    Compare,
    /// What metrics count.
    Metrics,
    /// Losses of how much outputs and targets overlap.
    Overlap,
    /// What samples weigh.
    Weigh,
    /// A small matrix product with cross-entropy on what it makes.
    Head,
    /// Sums, copies, transposes.
    Elementwise,
    /// Clipping of gradients.
    Clip,
    /// Update rules.
    Optimizer,
    /// Zeros around maps, or parts of them.
    Padding,
    /// Maps made larger by whole factors.
    UpSampling2d,
    /// Convolutions in groups of channels.
    GroupedConv2d,
    /// A bias for each channel.
    Bias,
    /// Products, differences, maxima and minima of two tensors.
    Merging,
    /// A factor and an offset for all elements.
    Rescaling,
    /// Elements in another order.
    Rearrange,
    /// Mean and spread of sets of elements.
    Moments,
    /// Normalisation over the batch.
    BatchNormalization,
    /// Normalisation by statistics.
    Normalization,
    /// Rectifiers whose slopes are learnt.
    Prelu,
    /// What weights add to the loss.
    Regularizer,
    /// What outputs add to the loss.
    ActivityPenalty,
    /// What training does to its samples at random.
    Augmentation,
    /// Pictures moved by matrices.
    Affine,
    /// What weights are held to.
    Constraint,
}

impl File {
    /// Every one, in the order in which lists name them.
    pub const ALL: [Self; 34] = [
        Self::Gather,
        Self::Conv2d,
        Self::Dense,
        Self::Pool2d,
        Self::GlobalPool2d,
        Self::Activation,
        Self::Dropout,
        Self::Softmax,
        Self::Loss,
        Self::Target,
        Self::Compare,
        Self::Metrics,
        Self::Overlap,
        Self::Weigh,
        Self::Head,
        Self::Elementwise,
        Self::Clip,
        Self::Optimizer,
        Self::Padding,
        Self::UpSampling2d,
        Self::GroupedConv2d,
        Self::Bias,
        Self::Merging,
        Self::Rescaling,
        Self::Rearrange,
        Self::Moments,
        Self::BatchNormalization,
        Self::Normalization,
        Self::Prelu,
        Self::Regularizer,
        Self::ActivityPenalty,
        Self::Augmentation,
        Self::Affine,
        Self::Constraint,
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
            Self::Target => "target",
            Self::Compare => "compare",
            Self::Metrics => "metrics",
            Self::Overlap => "overlap",
            Self::Weigh => "weigh",
            Self::Head => "head",
            Self::Elementwise => "elementwise",
            Self::Clip => "clip",
            Self::Optimizer => "optimizer",
            Self::Padding => "padding",
            Self::UpSampling2d => "upsampling2d",
            Self::GroupedConv2d => "grouped_conv2d",
            Self::Bias => "bias",
            Self::Merging => "merging",
            Self::Rescaling => "rescaling",
            Self::Rearrange => "rearrange",
            Self::Moments => "moments",
            Self::BatchNormalization => "batch_normalization",
            Self::Normalization => "normalization",
            Self::Prelu => "prelu",
            Self::Regularizer => "regularizer",
            Self::ActivityPenalty => "activity_penalty",
            Self::Augmentation => "augmentation",
            Self::Affine => "affine",
            Self::Constraint => "constraint",
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
            | Self::Target
            | Self::Compare
            | Self::Metrics
            | Self::Overlap
            | Self::Weigh
            | Self::Elementwise
            | Self::Clip
            | Self::Optimizer
            | Self::Padding
            | Self::UpSampling2d
            | Self::GroupedConv2d
            | Self::Bias
            | Self::Merging
            | Self::Rescaling
            | Self::Rearrange
            | Self::Moments
            | Self::BatchNormalization
            | Self::Normalization
            | Self::Prelu
            | Self::Regularizer
            | Self::ActivityPenalty
            | Self::Augmentation
            | Self::Affine
            | Self::Constraint => false,
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
            Self::Target => include_str!("../target.wgsl"),
            Self::Compare => include_str!("../compare.wgsl"),
            Self::Metrics => include_str!("../metrics.wgsl"),
            Self::Overlap => include_str!("../overlap.wgsl"),
            Self::Weigh => include_str!("../weigh.wgsl"),
            Self::Head => include_str!("../head.wgsl"),
            Self::Elementwise => include_str!("../elementwise.wgsl"),
            Self::Clip => include_str!("../clip.wgsl"),
            Self::Optimizer => include_str!("../optimizer.wgsl"),
            Self::Padding => include_str!("../padding.wgsl"),
            Self::UpSampling2d => include_str!("../upsampling2d.wgsl"),
            Self::GroupedConv2d => include_str!("../grouped_conv2d.wgsl"),
            Self::Bias => include_str!("../bias.wgsl"),
            Self::Merging => include_str!("../merging.wgsl"),
            Self::Rescaling => include_str!("../rescaling.wgsl"),
            Self::Rearrange => include_str!("../rearrange.wgsl"),
            Self::Moments => include_str!("../moments.wgsl"),
            Self::BatchNormalization => include_str!("../batch_normalization.wgsl"),
            Self::Normalization => include_str!("../normalization.wgsl"),
            Self::Prelu => include_str!("../prelu.wgsl"),
            Self::Regularizer => include_str!("../regularizer.wgsl"),
            Self::ActivityPenalty => include_str!("../activity_penalty.wgsl"),
            Self::Augmentation => include_str!("../augmentation.wgsl"),
            Self::Affine => include_str!("../affine.wgsl"),
            Self::Constraint => include_str!("../constraint.wgsl"),
        }
    }
}
