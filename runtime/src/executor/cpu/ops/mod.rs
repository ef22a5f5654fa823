//! The operations: for each, or each family, a room with the tasks that it has and how they call their kernels.

mod activation;
mod add;
mod convolution;
mod copy;
mod dense;
mod dropout;
mod gather;
mod global_pool;
mod head;
mod loss;
mod pool;
mod softmax;
mod tasked;
mod transpose;
mod update;

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
    Loss,
    Head,
    Update,
}
