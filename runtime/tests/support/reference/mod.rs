//! What every operation of a plan means, in `f64` and plain loops: the yardstick of both executors, and nothing else. A room
//! each, as in the compiler. Its own gradients are checked against central differences.

mod activation;
mod add;
mod augmentation;
mod batch_normalization;
mod bias;
mod compare;
mod constrain;
mod convolution;
mod copy;
mod dense;
mod dropout;
mod functions;
mod gather;
mod global_pool;
mod grouped_convolution;
mod head;
mod loss;
mod merge;
mod normalization;
mod optimizers;
mod padding;
mod permute;
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
mod windows;

pub use constrain::constrain;
pub use optimizers::{clip, update};
pub use state::{Batch, Outcome, padded};

use compiler::ops::Op;
use compiler::plan::Program;
use compiler::shape::Shape;
use state::{Meaning, State};

/// All operations.
macro_rules! operations {
    ($($name:ident),+ $(,)?) => {
        fn meaning(op: &Op) -> &dyn Meaning {
            match op {
                $(Op::$name(operation) => operation,)+
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
    Head,
    Transforms,
    Affine,
    Adjust,
    Erase,
    Noise,
    ActivityPenalty,
    ActivityPenaltyBackward,
    Regularize,
    Update,
    Constrain,
}

/// Runs the program's operations in order. The update is left to [`update`].
pub fn run(program: &Program, shape: &Shape, parameters: &[f64], batch: &Batch) -> Outcome {
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
            states: Vec::new(),
        },
        parameters,
    };
    for instruction in &program.operations {
        meaning(&instruction.op).run(&mut state);
    }
    state.outcome
}
