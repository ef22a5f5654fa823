//! The operations of a portable graph.

use super::ids::WeightId;
use crate::activation::ActivationFunction;
use crate::call::sizes::Sides;
use crate::ops::{Interpolation, PoolKind};

/// The computation of one node. Images are height x width x channels; operations on other shapes say so.
#[derive(Debug, Clone, PartialEq)]
pub enum Op {
    /// A convolution over an image.
    Convolution(Convolution),
    /// A convolution's way back.
    ConvolutionTranspose(ConvolutionTranspose),
    /// A matrix product over the last axis of any shape.
    Dense(Dense),
    /// The maximum or mean of each window of an image; cells outside do not count.
    Pool(Pool),
    /// The maximum or mean of each channel over all other axes, of any shape. The output's shape says whether they stay.
    GlobalPool(PoolKind),
    /// `x scale + shift`, each of one number a channel, of any shape.
    Affine {
        /// Factors, of shape `(channels)`.
        scale: WeightId,
        /// Summands, of shape `(channels)`.
        shift: WeightId,
    },
    /// `(x - mean) / sqrt(variance + epsilon) gamma + beta`, with mean and variance of each set of the sample's own numbers.
    Normalize {
        /// The numbers that are normalized together.
        sets: Sets,
        /// Added to the variance before its root is taken.
        epsilon: f32,
        /// Factors, of shape `(channels)`.
        gamma: WeightId,
        /// Summands, of shape `(channels)`.
        beta: WeightId,
    },
    /// A function of each number, other than linear and softmax.
    Activation(ActivationFunction),
    /// `x` where positive, else `alpha x`, of any shape.
    Prelu {
        /// The slopes: with as many axes as the input, each of size 1 where the numbers along it share a slope.
        alpha: WeightId,
    },
    /// `exp(x_i) / sum_j exp(x_j)` over the last axis of any shape.
    Softmax,
    /// Zeros around an image: `[(top, bottom), (left, right)]`.
    Pad(Sides),
    /// An image without its edges: `[(top, bottom), (left, right)]`.
    Crop(Sides),
    /// The same numbers in the same order under the output's shape.
    Reshape,
    /// The axes in another order: for each axis of the output the number of the input's, counted from 0.
    Permute(Vec<usize>),
    /// Two or more tensors end to end along an axis counted from 0.
    Concatenate(usize),
    /// Two tensors with the same number of axes, number by number; an axis of size 1 is repeated to the size of the other.
    Merge(Merge),
    /// An image made larger by whole factors.
    Resize(Resize),
}

/// A cross-correlation, which the field calls convolution.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// The weights, `(height, width, inputs / groups, outputs)`. A depthwise kernel has one input in each group.
    pub kernel: WeightId,
    /// The summands, `(outputs)`; None where nothing is added.
    pub bias: Option<WeightId>,
    /// Cells from one window to the next, vertical and horizontal.
    pub strides: (usize, usize),
    /// Cells from one tap of the kernel to the next, vertical and horizontal.
    pub dilation: (usize, usize),
    /// The number of groups of channels that do not see each other; 1 for an ordinary convolution.
    pub groups: usize,
    /// The zeros around the image, `[(top, bottom), (left, right)]`.
    pub pads: Sides,
}

/// Each number of the input is spread over a window: output `i stride + k dilation - before` gets `x[i] kernel[k]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvolutionTranspose {
    /// The weights, `(height, width, outputs, inputs)`.
    pub kernel: WeightId,
    /// The summands, `(outputs)`; None where nothing is added.
    pub bias: Option<WeightId>,
    /// Cells of the output from one window to the next, vertical and horizontal.
    pub strides: (usize, usize),
    /// Cells of the output from one tap of the kernel to the next, vertical and horizontal.
    pub dilation: (usize, usize),
    /// Rows and columns that are dropped at the top and at the left. The output's shape says how many are dropped at
    /// the other ends.
    pub before: (usize, usize),
}

/// A matrix product with a kernel of trained weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// The weights, `(inputs, units)`.
    pub kernel: WeightId,
    /// The summands, `(units)`; None where nothing is added.
    pub bias: Option<WeightId>,
}

/// A pool of windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Whether a window gives its maximum or its mean.
    pub kind: PoolKind,
    /// Height and width of the window.
    pub size: (usize, usize),
    /// Cells from one window to the next, vertical and horizontal.
    pub strides: (usize, usize),
    /// The cells by which windows stick out of the image, `[(top, bottom), (left, right)]`.
    pub pads: Sides,
}

/// The numbers of a sample that are normalized together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sets {
    /// All channels of each position, as in layer normalization.
    Positions,
    /// Each of so many groups of channels, over all positions.
    Groups(usize),
}

/// How two numbers are merged into one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The sum of the two.
    Add,
    /// The product of the two.
    Multiply,
    /// The first minus the second.
    Subtract,
    /// The larger of the two.
    Maximum,
    /// The smaller of the two.
    Minimum,
}

/// An enlargement of an image by whole factors.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    /// How many rows each row becomes, and how many columns each column.
    pub factors: (usize, usize),
    /// The contents of the new cells; bilinear interpolation counts positions from the centres of cells.
    pub interpolation: Interpolation,
}
