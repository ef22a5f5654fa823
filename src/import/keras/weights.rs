//! The weights in a Keras file, as the variables of a network that was made of it, or that is given.

use super::hdf5::Node;
use crate::export::keras::snake_case;
use crate::session::{Error, Result};
use compiler::network::CheckedNetwork;
use compiler::variable::Variable;
use runtime::checkpoint::NamedTensor;
use std::collections::BTreeMap;

/// A layer of the network: its own name, Keras's class, its variables.
struct Layer<'a> {
    name: &'a str,
    class: &'a str,
    variables: &'a [Variable],
}

/// Reads the variables of a network. `names` are the file's names of the layers, the network's first: of older files, which go
/// by them; none where layers are matched by their order.
pub fn read(root: &Node, network: &CheckedNetwork, names: &BTreeMap<String, String>) -> Result<Vec<NamedTensor>> {
    let layers: Vec<Layer<'_>> = network
        .nodes()
        .map(|(_, node, _, variables)| Layer {
            name: &node.name,
            class: node.layer.keras_class(),
            variables,
        })
        .collect();
    let groups = root.groups()?;
    let has = |name: &str| groups.iter().any(|group| group == name);
    if root.texts("layer_names")?.is_some() {
        return legacy(root, &layers, names);
    }
    if has("model_weights") {
        return legacy(&root.group("model_weights")?, &layers, names);
    }
    // What TensorFlow's own Keras 2.13 and later called it.
    for name in ["layers", "_layer_checkpoint_dependencies"] {
        if has(name) {
            return current(&root.group(name)?, &layers);
        }
    }
    Err(Error::message("there are no weights of Keras's in the file"))
}

/// Keras 3: `layers/CLASS[_N]/vars/I`, layers numbered within their class in the order of the model.
fn current(from: &Node, layers: &[Layer<'_>]) -> Result<Vec<NamedTensor>> {
    let there = from.groups()?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut tensors = Vec::new();
    for layer in layers {
        let class = snake_case(layer.class);
        let count = counts.entry(class.clone()).or_default();
        let name = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        if layer.variables.is_empty() {
            continue;
        }
        if !there.contains(&name) {
            return Err(Error::message(format!(
                "{} has no {name}, which the layer {} is looked for in",
                from.label(),
                layer.name
            )));
        }
        let vars = from.group(&name)?.group("vars")?;
        let found = vars.arrays()?.len();
        if found != layer.variables.len() {
            let wanted = layer.variables.len();
            return Err(Error::message(format!(
                "{} holds {found} variables; the layer {} has {wanted}",
                vars.label(),
                layer.name
            )));
        }
        for (index, variable) in layer.variables.iter().enumerate() {
            tensors.push(tensor(&vars, &index.to_string(), layer, variable)?);
        }
    }
    // One more of a class is another model, whose layers may well have the same shapes.
    for (class, count) in counts {
        if there.contains(&format!("{class}_{count}")) {
            return Err(Error::message(format!(
                "{} has more than {count} layers of the kind {class}",
                from.label()
            )));
        }
    }
    Ok(tensors)
}

/// Keras 1 and 2: a group for each layer, its arrays in the order of `weight_names`.
fn legacy(from: &Node, layers: &[Layer<'_>], names: &BTreeMap<String, String>) -> Result<Vec<NamedTensor>> {
    let mut there = Vec::new();
    for name in from.texts("layer_names")?.unwrap_or_default() {
        let group = from.group(&name)?;
        let weights = group.texts("weight_names")?.unwrap_or_default();
        if !weights.is_empty() {
            there.push((name, group, weights));
        }
    }
    let wanted: Vec<&Layer<'_>> = layers.iter().filter(|layer| !layer.variables.is_empty()).collect();
    if there.len() != wanted.len() {
        let (found, wanted) = (there.len(), wanted.len());
        return Err(Error::message(format!(
            "{} has {found} layers with weights; the network has {wanted}",
            from.label()
        )));
    }
    let mut tensors = Vec::new();
    for (place, layer) in wanted.into_iter().enumerate() {
        let named = names
            .get(layer.name)
            .and_then(|name| there.iter().find(|(own, ..)| own == name));
        let Some((_, group, weights)) = named.or_else(|| there.get(place)) else {
            continue;
        };
        if weights.len() != layer.variables.len() {
            let (found, wanted) = (weights.len(), layer.variables.len());
            return Err(Error::message(format!(
                "{} holds {found} variables; the layer {} has {wanted}",
                group.label(),
                layer.name
            )));
        }
        for (weight, variable) in weights.iter().zip(layer.variables) {
            tensors.push(tensor(group, weight, layer, variable)?);
        }
    }
    Ok(tensors)
}

fn tensor(from: &Node, name: &str, layer: &Layer<'_>, variable: &Variable) -> Result<NamedTensor> {
    let shape = variable.shape.clone();
    let values = from.floats(name, &shape)?;
    Ok((format!("{}.{}", layer.name, variable.name), shape, values))
}
