//! The older layout: a group for each layer, in the order of the attribute `layer_names`, and in it arrays in the order of
//! `weight_names`. Layers are matched by their order, as Keras does, not by their names.

use super::hdf5::Node;
use super::values::{Values, take};
use crate::error::{Result, RuntimeError};
use compiler::saved::{Content, Saved, SavedVariable};

/// Reads the layers of a model from the group that holds them.
pub(super) fn load(from: &Node, layers: &[Saved]) -> Result<Values> {
    let names = from.texts("layer_names")?.unwrap_or_default();
    let mut there = Vec::new();
    for name in &names {
        let group = from.group(name)?;
        let weights = group.texts("weight_names")?.unwrap_or_default();
        if !weights.is_empty() {
            there.push((name, group, weights));
        }
    }
    let wanted: Vec<&Saved> = layers.iter().filter(|layer| !layer.variables().is_empty()).collect();
    if there.len() != wanted.len() {
        let expected = format!("{} layers with variables", wanted.len());
        return Err(RuntimeError::mismatch(from.label(), expected, there.len().to_string()));
    }
    let mut values = Values::new();
    for (layer, (name, group, weights)) in wanted.into_iter().zip(there) {
        let variables = layer.variables();
        if weights.len() != variables.len() {
            let expected = format!("{} variables, of the layer {}", variables.len(), layer.name);
            let found = format!("{} of {name}", weights.len());
            return Err(RuntimeError::mismatch(group.label(), expected, found));
        }
        for (place, variable) in variables.iter().enumerate() {
            let weight = match &layer.content {
                Content::Variables(_) => weights.get(place),
                // Those that train come first, and which did is not known here.
                Content::Layers(_) => {
                    let mut matching = weights.iter().filter(|weight| is_of(weight, variable));
                    matching.next().filter(|_| matching.next().is_none())
                }
            };
            let Some(weight) = weight else {
                let expected = format!("one variable that is called as {}", variable.parameter);
                return Err(RuntimeError::mismatch(group.label(), expected, "none or several"));
            };
            let (path, array) = weight.rsplit_once('/').unwrap_or(("", weight));
            let mut inner = None;
            for part in path.split('/').filter(|part| !part.is_empty()) {
                inner = Some(inner.as_ref().unwrap_or(&group).group(part)?);
            }
            take(inner.as_ref().unwrap_or(&group), array, variable, &mut values)?;
        }
    }
    Ok(values)
}

/// Whether `base/conv2d/kernel:0` is the name of the variable `.../conv2d.kernel`.
fn is_of(weight: &str, variable: &SavedVariable) -> bool {
    let weight = weight.split(':').next().unwrap_or_default();
    let mut parts = weight.rsplit('/');
    let (own, layer) = (parts.next(), parts.next());
    let owner = variable.parameter.rsplit_once('.').map_or("", |(owner, _)| owner);
    own == Some(variable.name) && layer.is_some() && owner.rsplit('/').next() == layer
}
