//! Keras 3's layout: `layers/CLASS[_N]/vars/I`, where layers are numbered within their class in the order of the model.

use super::hdf5::Node;
use super::values::{Values, take};
use crate::error::{Result, RuntimeError};
use compiler::saved::{Content, Saved};
use std::collections::BTreeMap;

/// Reads the layers of a model from the group that holds them.
pub(super) fn load(from: &Node, layers: &[Saved]) -> Result<Values> {
    let mut values = Values::new();
    read(from, layers, &mut values)?;
    Ok(values)
}

fn read(from: &Node, layers: &[Saved], values: &mut Values) -> Result<()> {
    let there = from.groups()?;
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for layer in layers {
        let class = layer.kind();
        let count = counts.entry(class.clone()).or_default();
        let name = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        let of_layer = || {
            if there.contains(&name) {
                from.group(&name)
            } else {
                let expected = format!("{name}, of the layer {}", layer.name);
                Err(RuntimeError::mismatch(from.label(), expected, "none"))
            }
        };
        match &layer.content {
            Content::Variables(variables) if variables.is_empty() => {}
            Content::Variables(variables) => {
                let vars = of_layer()?.group("vars")?;
                let found = vars.arrays()?.len();
                if found != variables.len() {
                    let expected = format!("{} variables, of the layer {}", variables.len(), layer.name);
                    return Err(RuntimeError::mismatch(vars.label(), expected, found.to_string()));
                }
                for (index, variable) in variables.iter().enumerate() {
                    take(&vars, &index.to_string(), variable, values)?;
                }
            }
            Content::Layers(layers) => read(&of_layer()?.group("layers")?, layers, values)?,
        }
    }
    // One more of a class is another model, whose layers may well have the same shapes.
    for (class, count) in counts {
        let surplus = format!("{class}_{count}");
        if there.contains(&surplus) {
            let expected = format!("{count} layers of the kind {class}");
            return Err(RuntimeError::mismatch(from.label(), expected, "more"));
        }
    }
    Ok(())
}
