//! The files of `shaders/`, embedded in the binary.

use serde::Serialize;

/// A WGSL file, with the forward and the backward kernels of one kind of operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum File {
    /// Picks the samples of a batch out of the data set.
    Gather,
    /// Convolutions, with bias, relu and 2x2 maximum pool fused where asked for.
    Conv2d,
    /// 3x3 convolutions with fewer multiplications, by way of the points of their tiles.
    Winograd,
    /// Matrix products over channels, and their two gradients.
    Dense,
    /// Maximum and mean of the windows of a map.
    Pool2d,
    /// Maximum and mean of whole maps.
    GlobalPool2d,
    /// Activation functions of single values.
    Activation,
    /// Dropout: values dropped at random.
    Dropout,
    /// Softmax over the channels, and its gradient.
    Softmax,
    /// Crossentropy of class numbers, and its gradient.
    Loss,
    /// The values that outputs are compared with.
    Target,
    /// Losses that compare outputs with targets value by value or row by row.
    Compare,
    /// The sums that metrics keep.
    Metrics,
    /// Losses of how much outputs and targets overlap.
    Overlap,
    /// Weights of samples by their classes, in training.
    Weigh,
    /// A small matrix product with the crossentropy of its output.
    Head,
    /// Sums of two tensors, copies of blocks and transposes of maps.
    Elementwise,
    /// Clipping of gradients by value or by norm.
    Clip,
    /// The update rules of all optimizers.
    Optimizer,
    /// Zeros around maps, or maps without their edges.
    Padding,
    /// Maps enlarged by whole factors.
    UpSampling2d,
    /// Convolutions in groups of channels, depthwise ones among them.
    GroupedConv2d,
    /// A bias for each channel.
    Bias,
    /// Products, differences, maxima and minima of two tensors.
    Merging,
    /// A factor and an offset for all elements or each channel.
    Rescaling,
    /// Elements of a sample in another order.
    Rearrange,
    /// Means and spreads of sets of elements.
    Moments,
    /// Batch normalization: what joins the samples of a batch, and the moving statistics.
    BatchNormalization,
    /// Normalization by given statistics, and its gradients.
    Normalization,
    /// Rectifiers whose slopes are learnt.
    Prelu,
    /// Penalties of weights, which the loss includes.
    Regularizer,
    /// Penalties of layers' outputs, which the loss includes.
    ActivityPenalty,
    /// Random changes to samples while training.
    Augmentation,
    /// Pictures moved by a matrix for each sample.
    Affine,
    /// Limits that weights are held to after updates.
    Constraint,
}

impl File {
    /// All files, in the order in which lists name them.
    pub const ALL: [Self; 35] = [
        Self::Gather,
        Self::Conv2d,
        Self::Winograd,
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
            Self::Winograd => "winograd",
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

    /// Whether its kernels are safe without bounds checks: each index of a private array is a sum of loop counters
    /// that is below the array's length, each read of a buffer is clamped, and each write is guarded. Checks would
    /// keep these arrays out of registers.
    pub const fn stays_in_bounds(self) -> bool {
        match self {
            Self::Conv2d | Self::Winograd | Self::Dense | Self::Head => true,
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

    /// The text of the file in `shaders/`.
    pub const fn source(self) -> &'static str {
        match self {
            Self::Gather => include_str!("../gather.wgsl"),
            Self::Conv2d => include_str!("../conv2d.wgsl"),
            Self::Winograd => include_str!("../winograd.wgsl"),
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
