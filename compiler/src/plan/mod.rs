//! The plan: what a device does, as data. `lower` makes one from a checked network, `fuse`, `memory` and `phases`
//! rewrite it, `launch` turns its operations into kernels of `shaders/`, and the CPU executor interprets them as they
//! are. The operations themselves are in `ops`, each in a file of its own.
//!
//! Layout. Every tensor holds a batch of samples, in the order that its [`TensorLayout`] says. A batch is padded to a
//! multiple of four samples; padding samples are zero in the input and carry no gradient. Keras's layouts exist at
//! the boundary only: in files, initial values and predictions.
//!
//! Every operation writes each element of its outputs (`=`, never `+=`), so that no tensor needs clearing and every
//! sum has one order.

pub mod builder;
pub mod cycles;
pub mod fold;
pub mod folded;
pub mod fuse;
pub mod layout;
pub mod memory;
pub mod method;
pub mod mode;
pub mod parameter;
pub mod phases;
pub mod program;
pub mod streaming;
pub mod tensor;
mod text;
pub mod words;
pub mod work;

pub use mode::Mode;
pub use parameter::{Parameter, ParameterLayout, Range};
pub use program::{Instruction, Plan, Program};
pub use tensor::{Slot, Tenant, Tensor, TensorId, TensorKind, TensorLayout};
