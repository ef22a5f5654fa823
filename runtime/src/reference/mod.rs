//! What every operation of a plan means, in `f64` and plain loops: the yardstick of both executors, of tests and of `cnnc
//! verify`. A room each, as in the compiler. Its own gradients are checked against central differences.

// Values are compared where one was taken from among the others.
#![allow(clippy::float_cmp)]

mod activation;
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
mod functions;
mod gather;
mod global_pool;
mod grouped_convolution;
mod head;
mod loss;
mod merge;
mod mixing;
mod normalization;
mod optimizers;
mod overlap;
mod padding;
mod permute;
mod philox;
mod pool;
mod prelu;
mod regularize;
mod rescale;
mod softmax;
mod state;
mod target;
mod transpose;
mod update;
mod upsampling;
mod weigh;
mod windows;

pub use constrain::constrain;
pub use optimizers::{clip, update};
pub use state::{Batch, Outcome, padded};

use compiler::ops::Op;
use compiler::plan::Program;
use compiler::shape::Shape;
use state::{Meaning, State};

/// Makes a `match` over all operations of what is the same for each: its meaning and its name.
macro_rules! operations {
    ($($name:ident),+ $(,)?) => {
        fn meaning(op: &Op) -> &dyn Meaning {
            match op {
                $(Op::$name(operation) => operation,)+
            }
        }

        /// The names of all operations, as [`name`] gives them.
        pub const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// The name of an operation, such as `ConvolutionDkernel`.
        pub const fn name(op: &Op) -> &'static str {
            match op {
                $(Op::$name(_) => stringify!($name),)+
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

/// Runs the program's operations in order, on parameters in the plan's layout. It makes gradients but no update: see [`update`].
pub fn run(program: &Program, shape: &Shape, parameters: &[f64], batch: &Batch) -> Outcome {
    run_watched(program, shape, parameters, batch, &mut |_, _| {})
}

/// As [`run`]. After each operation, `watch` is given its index and all that has been made so far; it may replace values there,
/// which the following operations then take.
pub fn run_watched(
    program: &Program,
    shape: &Shape,
    parameters: &[f64],
    batch: &Batch,
    watch: &mut dyn FnMut(usize, &mut Outcome),
) -> Outcome {
    let tensors = program.tensors.iter();
    let mut state = State {
        batch,
        samples: batch.pictures.len(),
        shape,
        sizes: tensors.map(|tensor| (tensor.channels, tensor.positions)).collect(),
        outcome: Outcome {
            tensors: vec![Vec::new(); program.tensors.len()],
            gradients: vec![0.0; parameters.len()],
            loss: 0.0,
            correct: 0.0,
            counters: Vec::new(),
            states: Vec::new(),
        },
        parameters,
    };
    for (index, instruction) in program.operations.iter().enumerate() {
        meaning(&instruction.op).run(&mut state);
        watch(index, &mut state.outcome);
    }
    state.outcome
}
