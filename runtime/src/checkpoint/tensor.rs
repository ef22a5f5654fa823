//! Variables as files hold them, apart from any network.

/// A named variable on its way to or from a file: name, shape, values.
pub type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// The shape and the values of a variable that was read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// As many values as the shape holds, row-major.
    pub values: Vec<f32>,
}
