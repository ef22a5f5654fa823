//! The operations: one room each, or each family (what goes forward and its gradient). A room has the operation's struct,
//! what it touches, its arithmetic, how it is printed and how it is launched.
//!
//! A new operation is a new file and one line here; the CPU's part of it is in `runtime/src/executor/cpu/ops`.

pub mod activation;
pub mod add;
pub mod convolution;
pub mod copy;
pub mod dense;
pub mod dropout;
mod elementwise;
pub mod gather;
pub mod global_pool;
pub mod head;
pub mod loss;
pub mod operation;
pub mod pool;
pub mod softmax;
pub mod transpose;
pub mod update;

pub use convolution::{ConvolutionGeometry, Doutput};
pub use dense::DenseGeometry;
pub use operation::{Access, Operation, Purpose, Touches};
pub use pool::{PoolKind, PoolingGeometry, Taken};

use serde::Serialize;
use std::ops::{Deref, DerefMut};

/// One line an operation: its name and the room it is in.
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

            fn deref(&self) -> &Self::Target {
                match self {
                    $(Self::$name(operation) => operation,)+
                }
            }
        }

        impl DerefMut for Op {
            fn deref_mut(&mut self) -> &mut Self::Target {
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
    Loss in loss,
    Head in head,
    Update in update,
}
