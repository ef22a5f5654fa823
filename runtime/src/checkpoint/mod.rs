//! Weights in safetensors files: every variable as `LAYER.VARIABLE`, float32, in Keras's shape. The state of a run uses
//! the same functions.

pub mod keras;
mod matching;
pub(crate) mod mismatch;
mod read;
mod tensor;
mod write;

#[cfg(test)]
mod tests;

pub use matching::match_variables;
pub use mismatch::VariableMismatch;
pub use read::{load, load_matching};
pub use tensor::{NamedTensor, Tensor};
pub use write::save;

pub(crate) use read::parse_with_metadata;
pub(crate) use tensor::{Lent, Values};
pub(crate) use write::Encoded;
