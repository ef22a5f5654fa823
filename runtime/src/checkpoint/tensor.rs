//! Variables as files hold them, apart from any network.

use compiler::plan::Parameter;

/// A named variable on its way to or from a file: name, shape, values.
pub type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// A variable where it lies, on its way to a file.
pub(crate) struct Lent<'a> {
    pub name: String,
    pub shape: &'a [usize],
    pub values: Values<'a>,
}

/// Where the values of a variable lie.
pub(crate) enum Values<'a> {
    /// One behind the other.
    Together(&'a [f32]),
    /// In a buffer that is laid out as the parameters of a plan are.
    Within(&'a Parameter, &'a [f32]),
}

impl Values<'_> {
    /// The number of values.
    pub fn count(&self) -> usize {
        match self {
            Self::Together(values) => values.len(),
            Self::Within(parameter, buffer) => parameter.rows(buffer).map(<[f32]>::len).sum(),
        }
    }

    /// Gives pieces of the values to `put`, in the order of files.
    pub fn each<E>(&self, mut put: impl FnMut(&[f32]) -> Result<(), E>) -> Result<(), E> {
        match self {
            Self::Together(values) => put(values),
            Self::Within(parameter, buffer) => parameter.rows(buffer).try_for_each(put),
        }
    }
}

impl<'a> From<&'a NamedTensor> for Lent<'a> {
    fn from((name, shape, values): &'a NamedTensor) -> Self {
        Self {
            name: name.clone(),
            shape,
            values: Values::Together(values),
        }
    }
}

/// The shape and the values of a variable that was read from a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The length of each axis; empty for a single number.
    pub shape: Vec<usize>,
    /// As many values as the shape holds, row-major.
    pub values: Vec<f32>,
}
