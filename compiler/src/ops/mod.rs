//! The operations, each in a file of its own, or each family: the operation of the forward pass with its gradients. A
//! file has the operation's struct, the tensors it touches, its arithmetic, how it is printed and how it is launched.
//!
//! A new operation is a new file and one line here; the CPU's part of it is in `runtime/src/executor/cpu/ops`.

pub mod activation;
pub mod activity_penalty;
pub mod add;
pub mod adjust;
pub mod affine;
pub mod batch_normalization;
pub mod bias;
pub mod compare;
pub mod constrain;
pub mod convolution;
pub mod copy;
pub mod count;
pub mod dense;
pub(crate) mod draws;
pub mod dropout;
mod elementwise;
pub mod erase;
pub mod gather;
pub mod geometry;
pub mod global_pool;
pub mod grouped_convolution;
pub mod head;
pub mod loss;
pub mod merge;
pub mod mixing;
pub mod noise;
pub mod normalization;
pub mod normalization_backward;
pub mod operation;
pub mod overlap;
pub mod padding;
pub mod permute;
pub mod pool;
pub mod prelu;
pub mod regularize;
pub mod rescale;
pub mod softmax;
mod splits;
pub mod target;
pub mod transforms;
pub mod transpose;
pub mod update;
pub mod upsampling;
pub mod weigh;

pub use affine::{FillMode, Sampling};
pub use compare::{Criterion, Hit};
pub use convolution::Doutput;
pub use count::Counting;
pub use dense::DenseGeometry;
pub use geometry::ConvolutionGeometry;
pub use grouped_convolution::GroupedGeometry;
pub use merge::Merging;
pub use mixing::{MIXTURE, Mixture};
pub use normalization::Sets;
pub use operation::{Access, Operation, Purpose, Touches};
pub use overlap::{Overlap, Overlapping};
pub use padding::ShiftGeometry;
pub use permute::PermuteGeometry;
pub use pool::{PoolKind, PoolingGeometry, Taken};
pub use prelu::PreluGeometry;
pub use transforms::{Drawn, Motion};
pub use upsampling::{Interpolation, UpSamplingGeometry};

use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// One line for each operation: its name and the module that it is in.
macro_rules! operations {
    ($($name:ident in $room:ident),+ $(,)?) => {
        $(pub use $room::$name;)+

        /// Any operation. What all of them have it has as well, through [`Operation`].
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(tag = "operation", rename_all = "snake_case")]
        #[allow(missing_docs)]
        pub enum Op {
            $($name($name),)+
        }

        $(impl From<$name> for Op {
            fn from(operation: $name) -> Self {
                Self::$name(operation)
            }
        })+

        impl Deref for Op {
            type Target = dyn Operation;

            fn deref(&self) -> &(dyn Operation + 'static) {
                match self {
                    $(Self::$name(operation) => operation,)+
                }
            }
        }

        impl DerefMut for Op {
            fn deref_mut(&mut self) -> &mut (dyn Operation + 'static) {
                match self {
                    $(Self::$name(operation) => operation,)+
                }
            }
        }
    };
}

operations! {
    Gather in gather,
    Convolution in convolution,
    ConvolutionDkernel in convolution,
    ConvolutionDinput in convolution,
    Dense in dense,
    DenseDkernel in dense,
    DenseDinput in dense,
    Activation in activation,
    ActivationBackward in activation,
    Dropout in dropout,
    Softmax in softmax,
    SoftmaxBackward in softmax,
    Pool in pool,
    PoolBackward in pool,
    GlobalPool in global_pool,
    GlobalPoolBackward in global_pool,
    Add in add,
    Copy in copy,
    Transpose in transpose,
    Permute in permute,
    Shift in padding,
    UpSample in upsampling,
    UpSampleBackward in upsampling,
    GroupedConvolution in grouped_convolution,
    GroupedConvolutionDkernel in grouped_convolution,
    GroupedConvolutionDinput in grouped_convolution,
    AddBias in bias,
    Dbias in bias,
    Merge in merge,
    MergeBackward in merge,
    Rescale in rescale,
    Moments in normalization,
    SetStatistics in normalization,
    Normalize in normalization,
    NormalizeSums in normalization_backward,
    SetMeans in normalization_backward,
    NormalizeBackward in normalization_backward,
    Dgamma in normalization_backward,
    BatchStatistics in batch_normalization,
    BatchMeans in batch_normalization,
    NormalizeMoving in batch_normalization,
    NormalizeMovingBackward in batch_normalization,
    Prelu in prelu,
    PreluBackward in prelu,
    Dalpha in prelu,
    Loss in loss,
    Target in target,
    Compare in compare,
    OverlapSums in overlap,
    OverlapBatch in overlap,
    OverlapLoss in overlap,
    Weigh in weigh,
    Count in count,
    Head in head,
    Transforms in transforms,
    Affine in affine,
    Adjust in adjust,
    Erase in erase,
    Noise in noise,
    Mixtures in mixing,
    Mix in mixing,
    ActivityPenalty in activity_penalty,
    ActivityPenaltyBackward in activity_penalty,
    Regularize in regularize,
    Update in update,
    Constrain in constrain,
}
