//! The values that were read, by the names of parameters.

use super::hdf5::Node;
use crate::error::Result;
use compiler::saved::SavedVariable;
use std::collections::BTreeMap;

/// The values of parameters, by their names in the network.
pub type Values = BTreeMap<String, Vec<f32>>;

/// Reads the array `name` and adds its values to those that were read before.
pub(super) fn take(from: &Node, name: &str, variable: &SavedVariable, values: &mut Values) -> Result<()> {
    let found = from.floats(name, &variable.shape)?;
    values.insert(variable.parameter.clone(), found);
    Ok(())
}
