//! PyTorch: `model.py` with a module of plain layers, and its weights in `model.safetensors`.

mod activation;
mod names;
mod nodes;

use super::model::{File, Model, Part};
use super::npz;
use super::text::transposed;
use crate::session::{Error, Result};
use compiler::portable::{Graph, ValueId, WeightId};
use names::Names;
use runtime::checkpoint::NamedTensor;
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::collections::{BTreeMap, HashMap};

/// `model.py`, `model.safetensors` and `samples.npz` in a folder.
///
/// # Errors
/// When the weights cannot be encoded.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    let mut writer = Writer::new(&model.graph);
    let inputs = model.inputs();
    for part in &inputs {
        let name = if let [_] = inputs.as_slice() {
            "x".to_owned()
        } else {
            writer.names.variable(&part.name)
        };
        writer.tensors.insert((part.value, Order::Last), name);
    }
    model.graph.nodes.iter().for_each(|node| writer.node(node));
    let text = writer.text(model);
    Ok(vec![
        File::inside("model.py", text),
        File::inside("model.safetensors", encoded(&writer.state)?),
        File::inside("samples.npz", npz::samples(model)?),
    ])
}

/// A state dict as safetensors.
fn encoded(state: &[NamedTensor]) -> Result<Vec<u8>> {
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let held: Vec<(&String, &Vec<usize>, Vec<u8>)> = state
        .iter()
        .map(|(name, shape, values)| (name, shape, bytes(values)))
        .collect();
    let refused = |cause: safetensors::SafeTensorError| Error::message(format!("cannot encode the weights: {cause}"));
    let mut views = Vec::new();
    for (name, shape, bytes) in &held {
        let view = TensorView::new(Dtype::F32, (*shape).clone(), bytes).map_err(refused)?;
        views.push((name.as_str(), view));
    }
    // Pictures are flattened with their channels last, otherwise than PyTorch's networks do by themselves.
    let metadata = HashMap::from([("flatten".to_owned(), "channels last".to_owned())]);
    safetensors::serialize(views, Some(metadata)).map_err(refused)
}

/// How the axes of a tensor are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// Keras's order: the channels are the last axis.
    Last,
    /// PyTorch's order: the channels come right after the batch.
    First,
}

/// A module that is being written.
struct Writer<'a> {
    graph: &'a Graph,
    names: Names,
    layers: String,
    body: String,
    state: Vec<NamedTensor>,
    tensors: BTreeMap<(ValueId, Order), String>,
    /// The layers with weights, by what makes them and their kernels.
    shared: BTreeMap<(String, WeightId), String>,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            names: Names::default(),
            layers: String::new(),
            body: String::new(),
            state: Vec::new(),
            tensors: BTreeMap::new(),
            shared: BTreeMap::new(),
        }
    }

    fn text(&mut self, model: &Model<'_>) -> String {
        let graph = self.graph;
        let taken: Vec<String> = graph
            .inputs
            .iter()
            .map(|&input| self.tensor(input, Order::Last))
            .collect();
        let taken = taken.join(", ");
        let outputs: Vec<String> = graph
            .outputs
            .iter()
            .map(|&output| self.tensor(output, Order::Last))
            .collect();
        let returned = outputs.join(", ");
        let named = |parts: &[Part]| {
            let part = |part: &Part| match parts {
                [_] => format!("(batch, {})", part.shape),
                _ => format!("{} (batch, {})", part.name, part.shape),
            };
            parts.iter().map(part).collect::<Vec<_>>().join(", ")
        };
        let (inputs, outputs) = (named(&model.inputs()), named(&model.outputs()));
        let layers = if self.layers.is_empty() {
            "        pass\n"
        } else {
            &self.layers
        };
        format!(
            "\"\"\"A trained network, exported by cnnc.\n\n\
             model = load()  # in this folder\n\
             y = model({taken})    # {taken}: {inputs}, channels last; y: {outputs}\n\n\
             {taken} is {}.\n\"\"\"\n\n\
             import os\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n\
             class Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n{layers}\n\
             \x20   def forward(self, {taken}):\n{}        return {returned}\n\n\n\
             def load(folder=os.path.dirname(os.path.abspath(__file__))):\n\
             \x20   from safetensors.torch import load_file\n\n\
             \x20   model = Network()\n\
             \x20   model.load_state_dict(load_file(os.path.join(folder, \"model.safetensors\")))\n\
             \x20   return model.eval()\n",
            model.input_words(),
            self.body
        )
    }

    /// The variable with a tensor in this order; it is permuted where it does not exist in it yet.
    fn tensor(&mut self, value: ValueId, order: Order) -> String {
        if let Some(name) = self.tensors.get(&(value, order)) {
            return name.clone();
        }
        let rank = self.graph.shape(value).rank();
        let (from, axes): (_, Vec<usize>) = match order {
            Order::First => (Order::Last, [0, rank].into_iter().chain(1..rank).collect()),
            Order::Last => (Order::First, std::iter::once(0).chain(2..=rank).chain([1]).collect()),
        };
        let name = self
            .tensors
            .get(&(value, from))
            .cloned()
            .unwrap_or_else(|| "x".to_owned());
        let permuted = if rank == 1 {
            name
        } else {
            let axes: Vec<String> = axes.iter().map(ToString::to_string).collect();
            let fresh = self.names.variable(self.graph.name_of(value));
            self.line(&fresh, &format!("{name}.permute({})", axes.join(", ")));
            fresh
        };
        self.tensors.insert((value, order), permuted.clone());
        permuted
    }

    fn line(&mut self, name: &str, expression: &str) {
        self.body.push_str(&format!("        {name} = {expression}\n"));
    }

    /// Adds a layer of PyTorch and returns its attribute's name.
    fn layer(&mut self, of: &str, call: &str) -> String {
        let name = self.names.attribute(of);
        self.layers.push_str(&format!("        self.{name} = nn.{call}\n"));
        name
    }

    /// Adds values that belong to no layer as a buffer, and returns the expression for them.
    fn buffer(&mut self, weight: WeightId) -> String {
        let held = self.graph.weight(weight);
        let name = self.names.attribute(&held.name.replace('.', "_"));
        let shape: Vec<String> = held.shape.iter().map(|size| format!("{size},")).collect();
        self.layers.push_str(&format!(
            "        self.register_buffer(\"{name}\", torch.zeros(({})))\n",
            shape.join(" ")
        ));
        self.state.push((name.clone(), held.shape.clone(), held.values.clone()));
        format!("self.{name}")
    }

    /// A layer with a kernel, its axes in that order, and perhaps a bias; the same once more where it is applied again.
    fn product(&mut self, of: &str, call: &str, kernel: WeightId, order: &[usize], bias: Option<WeightId>) -> String {
        let key = (call.to_owned(), kernel);
        if let Some(known) = self.shared.get(&key) {
            return known.clone();
        }
        let name = self.layer(of, call);
        self.weights(&name, kernel, order, bias);
        self.shared.insert(key, name.clone());
        name
    }

    /// A layer's kernel, its axes in that order, and its bias.
    fn weights(&mut self, name: &str, kernel: WeightId, order: &[usize], bias: Option<WeightId>) {
        let held = self.graph.weight(kernel);
        let (shape, values) = transposed(&held.shape, &held.values, order);
        self.state.push((format!("{name}.weight"), shape, values));
        if let Some(bias) = bias {
            self.one(format!("{name}.bias"), bias);
        }
    }

    fn one(&mut self, name: String, weight: WeightId) {
        let held = self.graph.weight(weight);
        self.state.push((name, held.shape.clone(), held.values.clone()));
    }

    fn order_of(&self, values: &[ValueId]) -> Order {
        let all_first = values
            .iter()
            .all(|&value| self.tensors.contains_key(&(value, Order::First)));
        if all_first { Order::First } else { Order::Last }
    }
}
