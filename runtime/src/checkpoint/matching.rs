//! Compares the variables of a file with those of a network.

use super::mismatch::VariableMismatch;
use super::tensor::Tensor;
use crate::error::{Result, RuntimeError};
use std::collections::BTreeMap;

/// The values of `expected` (names and shapes) in its order.
///
/// # Errors
/// One that lists all that is missing, surplus and of another shape.
pub fn match_variables(
    mut tensors: BTreeMap<String, Tensor>,
    expected: &[(String, Vec<usize>)],
) -> Result<Vec<Vec<f32>>> {
    let shapes = tensors
        .iter()
        .map(|(name, tensor)| (name.clone(), tensor.shape.clone()))
        .collect();
    if let Some(mismatch) = VariableMismatch::of(&shapes, expected) {
        return Err(RuntimeError::Variables(mismatch));
    }
    let values = expected
        .iter()
        .filter_map(|(name, _)| Some(tensors.remove(name)?.values));
    Ok(values.collect())
}
