//! Weights in safetensors files: every variable as `LAYER.VARIABLE`, float32, in Keras's shape. The state of a run uses
//! the same functions.

pub mod keras;
mod matching;
mod read;
mod write;

#[cfg(test)]
mod tests;

pub use matching::{VariableMismatch, match_variables};
pub use read::{load, load_matching};
pub use write::save;

pub(crate) use read::parse_with_metadata;
pub(crate) use write::Encoded;

/// A named variable on its way to or from a file: name, shape, values.
pub type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// A variable's values.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}
