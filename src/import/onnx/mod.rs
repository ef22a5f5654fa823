//! ONNX: a graph of the operators that PyTorch, Keras and `cnnc export` write for convolutional networks. Its pictures mostly
//! have the channels first; the transpositions between are followed and do not become layers.

mod layers;
mod model;
mod nodes;
mod pictures;
mod products;
mod wire;

use super::draft::Draft;
use crate::session::Result;
use compiler::network::CheckedNetwork;
use layers::Weight;
use runtime::checkpoint::NamedTensor;
use std::path::Path;

/// The largest file that is read, in bytes: what protobuf allows.
const MOST_BYTES: u64 = 1 << 31;

/// The network and the weights of a file.
pub struct Model {
    /// The network, without its weights.
    pub draft: Draft,
    weights: Vec<Weight>,
}

impl Model {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, is not an ONNX file, or has operators that correspond to no layer.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = super::file::read(path, MOST_BYTES)?;
        let graph = model::read(&bytes).map_err(|error| super::file::named(path, &error))?;
        let (draft, weights) = nodes::follow(&graph).map_err(|error| super::file::named(path, &error))?;
        Ok(Self { draft, weights })
    }

    /// The weights by the names of the variables of `network`, which the draft became.
    pub fn weights(&self, network: &CheckedNetwork) -> Vec<NamedTensor> {
        let nodes: Vec<&str> = network.nodes().map(|(_, node, ..)| node.name.as_str()).collect();
        let named = |weight: &Weight| {
            let name = format!("{}.{}", nodes.get(weight.layer)?, weight.variable);
            Some((name, weight.shape.clone(), weight.values.clone()))
        };
        self.weights.iter().filter_map(named).collect()
    }
}
