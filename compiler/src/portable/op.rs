//! The operations of a portable graph.

use super::ids::WeightId;
use crate::activation::ActivationFunction;
use crate::call::sizes::Sides;
use crate::ops::{Interpolation, PoolKind};

/// What one node computes. Images are height x width x channels; other shapes are taken where that is said.
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
        /// What a set is.
        sets: Sets,
        /// Added to the variance before its root is taken.
        epsilon: f32,
        /// Factors, of shape `(channels)`.
        gamma: WeightId,
        /// Summands, of shape `(channels)`.
        beta: WeightId,
    },
    /// A function of each number; neither linear nor softmax.
    Activation(ActivationFunction),
    /// `x` where positive, else `alpha x`, of any shape.
    Prelu {
        /// The slopes: as many axes as the input, 1 where all share one.
        alpha: WeightId,
    },
    /// Over the last axis of any shape.
    Softmax,
    /// Zeros around an image: `[(top, bottom), (left, right)]`.
    Pad(Sides),
    /// An image without its edges: `[(top, bottom), (left, right)]`.
    Crop(Sides),
    /// The same numbers in the same order under the output's shape.
    Reshape,
    /// The axes in another order: which axis of the input each of the output's is, counted from 0.
    Permute(Vec<usize>),
    /// Two or more tensors end to end along an axis counted from 0.
    Concatenate(usize),
    /// Two tensors of as many axes, number by number; where one has a single row, column or channel, that stands for all.
    Merge(Merge),
    /// An image made larger by whole factors.
    Resize(Resize),
}

/// A cross-correlation, as everywhere in the field.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    /// `(height, width, inputs / groups, outputs)`. A depthwise kernel has one input a group.
    pub kernel: WeightId,
    /// `(outputs)`
    pub bias: Option<WeightId>,
    /// Cells from one window to the next, vertical and horizontal.
    pub strides: (usize, usize),
    /// Cells from one tap to the next.
    pub dilation: (usize, usize),
    /// Groups of channels that do not see each other.
    pub groups: usize,
    /// Zeros around the image.
    pub pads: Sides,
}

/// Each number of the input is spread over a window: output `i stride + k dilation - before` gets `x[i] kernel[k]`.
#[derive(Debug, Clone, PartialEq)]
pub struct ConvolutionTranspose {
    /// `(height, width, outputs, inputs)`
    pub kernel: WeightId,
    /// `(outputs)`
    pub bias: Option<WeightId>,
    /// Cells of the output from one window to the next.
    pub strides: (usize, usize),
    /// Cells from one tap to the next.
    pub dilation: (usize, usize),
    /// Rows and columns that are dropped before the first of the output. How many are dropped behind follows from its shape.
    pub before: (usize, usize),
}

/// A matrix product.
#[derive(Debug, Clone, PartialEq)]
pub struct Dense {
    /// `(inputs, units)`
    pub kernel: WeightId,
    /// `(units)`
    pub bias: Option<WeightId>,
}

/// A pool of windows.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// Maximum or mean.
    pub kind: PoolKind,
    /// Height and width of the window.
    pub size: (usize, usize),
    /// Cells from one window to the next.
    pub strides: (usize, usize),
    /// By how much windows stick out of the image.
    pub pads: Sides,
}

/// What of a sample is normalised by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sets {
    /// All channels of each position.
    Positions,
    /// So many groups of channels, each over all positions.
    Groups(usize),
}

/// How two numbers become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// Their sum.
    Add,
    /// Their product.
    Multiply,
    /// The first less the second.
    Subtract,
    /// The larger.
    Maximum,
    /// The smaller.
    Minimum,
}

/// A larger image.
#[derive(Debug, Clone, PartialEq)]
pub struct Resize {
    /// How many rows a row becomes, how many columns a column.
    pub factors: (usize, usize),
    /// What the new cells hold; bilinear takes the centres of cells as their places.
    pub interpolation: Interpolation,
}
