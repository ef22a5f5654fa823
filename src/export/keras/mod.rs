//! Keras 3's own files: `.keras`, which is loaded whole and can be trained on, and `.weights.h5`, for a model that is built
//! elsewhere. They are written from the layers of the description, not from portable operations.

mod config;
mod hdf5;
mod literal;

use super::model::{File, Model};
use super::npz;
use crate::session::{Error, Result};
use compiler::layers::definition::InKeras;
use hdf5::{Array, Entry};
use std::collections::BTreeMap;

/// A `.keras` file with the architecture, the arguments of `compile` and the weights.
///
/// # Errors
/// When there is no memory for it.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    for (_, node, ..) in model.description.network.nodes() {
        if node.layer.in_keras() == InKeras::Nothing {
            let message = format!("Keras has no layer for {} ({})", node.name, node.layer.class());
            return Err(
                Error::message(message).with_help("--to onnx and others write it; .weights.h5 holds the weights alone")
            );
        }
    }
    let metadata = serde_json::json!({"keras_version": "3.15.1", "date_saved": "1980-01-01@00:00:00"});
    let archive = npz::stored([
        ("metadata.json".to_owned(), metadata.to_string().into_bytes()),
        ("config.json".to_owned(), config::model(model).to_string().into_bytes()),
        ("model.weights.h5".to_owned(), weights(model)),
    ])?;
    Ok(vec![
        File::main(archive),
        File::beside("samples.npz", npz::samples(model)?),
    ])
}

/// A `.weights.h5` file, for a model that Keras builds itself.
///
/// # Errors
/// When there is no memory for it.
pub fn weight_files(model: &Model<'_>) -> Result<Vec<File>> {
    Ok(vec![
        File::main(weights(model)),
        File::beside("samples.npz", npz::samples(model)?),
    ])
}

/// `layers/CLASS[_N]/vars/I`: layers are numbered within their class, in the order of the model.
fn weights(model: &Model<'_>) -> Vec<u8> {
    let mut layers = BTreeMap::new();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let network = &model.description.network;
    let nodes: Vec<_> = network.nodes().collect();
    for id in compiler::saved::flat(network) {
        let Some((_, node, _, variables)) = nodes.get(id.0) else {
            continue;
        };
        let class = config::snake_case(config::class(node));
        let count = counts.entry(class.clone()).or_default();
        let group = if *count == 0 { class } else { format!("{class}_{count}") };
        *count += 1;
        let mut vars = BTreeMap::new();
        for (index, variable) in variables.iter().enumerate() {
            let name = format!("{}.{}", node.name, variable.name);
            if let Some((_, shape, values)) = model.weights.iter().find(|(found, ..)| *found == name) {
                vars.insert(index.to_string(), Entry::Array(Array::floats(shape, values)));
            }
        }
        let vars = BTreeMap::from([("vars".to_owned(), Entry::Group(vars))]);
        layers.insert(group, Entry::Group(vars));
    }
    hdf5::file(&BTreeMap::from([("layers".to_owned(), Entry::Group(layers))]))
}
