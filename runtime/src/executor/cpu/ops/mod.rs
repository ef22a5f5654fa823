//! The operations: for each, or each family, a room with the tasks that it has and how they call their kernels.

mod activation;
mod activity_penalty;
mod add;
mod augmentation;
mod batch_normalization;
mod bias;
mod compare;
mod constrain;
mod convolution;
mod copy;
mod count;
mod dense;
mod dropout;
mod gather;
mod global_pool;
mod grouped_convolution;
mod head;
mod loss;
mod merge;
mod mixing;
mod normalization;
mod overlap;
mod padding;
mod permute;
mod pool;
mod prelu;
mod regularize;
mod rescale;
mod softmax;
mod streamed;
mod target;
mod tasked;
mod transpose;
mod update;
mod upsampling;
mod weigh;

use super::maker::Maker;
use compiler::ops::Op;
use tasked::Tasked;

/// All operations, in a list that the compiler checks for completeness.
macro_rules! operations {
    ($($name:ident),+ $(,)?) => {
        /// Adds the tasks of an operation.
        pub fn tasks(op: &Op, maker: &mut Maker<'_>) {
            match op {
                $(Op::$name(operation) => operation.tasks(maker),)+
            }
        }
    };
}

operations! {
    Gather,
    Convolution,
    ConvolutionDkernel,
    ConvolutionDinput,
    Dense,
    DenseDkernel,
    DenseDinput,
    Activation,
    ActivationBackward,
    Dropout,
    Softmax,
    SoftmaxBackward,
    Pool,
    PoolBackward,
    GlobalPool,
    GlobalPoolBackward,
    Add,
    Copy,
    Transpose,
    Permute,
    Shift,
    UpSample,
    UpSampleBackward,
    GroupedConvolution,
    GroupedConvolutionDkernel,
    GroupedConvolutionDinput,
    AddBias,
    Dbias,
    Merge,
    MergeBackward,
    Rescale,
    Moments,
    SetStatistics,
    Normalize,
    NormalizeSums,
    SetMeans,
    NormalizeBackward,
    Dgamma,
    BatchStatistics,
    BatchMeans,
    NormalizeMoving,
    NormalizeMovingBackward,
    Prelu,
    PreluBackward,
    Dalpha,
    Loss,
    Target,
    Compare,
    OverlapSums,
    OverlapBatch,
    OverlapLoss,
    Weigh,
    Count,
    Head,
    Transforms,
    Affine,
    Adjust,
    Erase,
    Noise,
    Mixtures,
    Mix,
    ActivityPenalty,
    ActivityPenaltyBackward,
    Regularize,
    Update,
    Constrain,
}
