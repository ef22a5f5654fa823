//! Variables outside of a network.

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
