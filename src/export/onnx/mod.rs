//! ONNX, opset 17. Within the graph, images have their channels first, as ONNX's operators need them; the model's input and
//! output have Keras's channels last.

mod activation;
mod int8;
mod nodes;
mod wire;

use super::int8::Quantized;
use super::model::{File, Model, Part};
use super::npz;
use crate::session::{Error, Result};
use compiler::portable::{Graph, ValueId, WeightId};
use std::collections::BTreeMap;
use wire::{Attribute, Message};

/// The version of the operator set.
const OPSET: i64 = 17;

/// The largest message that protobuf can read, in bytes.
const MOST: usize = i32::MAX as usize;

/// The model, with samples for it in a file of their own.
///
/// # Errors
/// When the model is larger than protobuf can read.
pub fn files(model: &Model<'_>) -> Result<Vec<File>> {
    let graph = model.int8.as_ref().map_or(&model.graph, |quantized| &quantized.graph);
    let mut writer = Writer::new(graph, model.int8.as_ref());
    for part in model.inputs() {
        writer.names.insert((part.value, Order::Last), part.name);
    }
    writer.begin();
    graph.nodes.iter().for_each(|node| writer.node(node));
    let bytes = writer.model(model).into_bytes();
    if bytes.len() > MOST {
        return Err(Error::message(format!(
            "an ONNX file holds at most 2 GiB, and this network would take {} bytes",
            bytes.len()
        )));
    }
    Ok(vec![
        File::main(bytes),
        File::beside("samples.npz", npz::samples(model)?),
    ])
}

/// How the axes of a tensor are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    /// Keras's order: the channels are the last axis.
    Last,
    /// ONNX's order: the channels come right after the batch.
    First,
}

/// A model that is being written.
struct Writer<'a> {
    graph: &'a Graph,
    /// The quantized network; `None` where all is in float32.
    int8: Option<&'a Quantized>,
    nodes: Vec<Message>,
    constants: Vec<Message>,
    /// The names of the tensors that have been made, in each order that they exist in.
    names: BTreeMap<(ValueId, Order), String>,
    /// The constants of weights, by their shapes and which of their axes comes first.
    held: BTreeMap<(WeightId, Vec<usize>), String>,
    count: usize,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, int8: Option<&'a Quantized>) -> Self {
        Self {
            graph,
            int8,
            nodes: Vec::new(),
            constants: Vec::new(),
            names: BTreeMap::new(),
            held: BTreeMap::new(),
            count: 0,
        }
    }

    fn model(mut self, model: &Model<'_>) -> Message {
        for part in model.outputs() {
            let output = self.tensor(part.value, Order::Last);
            self.nodes.push(wire::node("Identity", &[output], &part.name, &[]));
        }
        let graph = self.graph;
        let text = format!("input: {}; channels last", model.input_words());
        let body = Message::default()
            .each(1, self.nodes)
            .bytes(2, &graph.name)
            .each(5, self.constants)
            .bytes(10, text)
            .each(11, values(&model.inputs()))
            .each(12, values(&model.outputs()));
        let opset = Message::default().bytes(1, "").int(2, OPSET);
        let mut message = Message::default()
            .int(1, 8)
            .bytes(2, "cnnc")
            .bytes(3, env!("CARGO_PKG_VERSION"))
            .message(7, &body)
            .message(8, &opset);
        if !model.class_names.is_empty() {
            let names = serde_json::json!(model.class_names).to_string();
            let property = Message::default().bytes(1, "class_names").bytes(2, names);
            message = message.message(14, &property);
        }
        message
    }

    fn fresh(&mut self, of: &str) -> String {
        self.count += 1;
        format!("{of}/{}", self.count)
    }

    /// Adds a constant of floats and returns its name.
    fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let name = self.fresh(name);
        self.constants.push(wire::floats(&name, shape, values));
        name
    }

    /// Adds a constant of integers with one axis and returns its name.
    fn integers(&mut self, name: &str, values: &[i64]) -> String {
        let name = self.fresh(name);
        self.constants.push(wire::integers(&name, values));
        name
    }

    /// Adds a constant that is a single float and returns its name.
    fn number(&mut self, name: &str, value: f32) -> String {
        self.floats(name, &[], &[value])
    }

    /// Adds an operator and returns the name of its output.
    fn push(&mut self, of: &str, operator: &str, inputs: &[String], attributes: &[(&str, Attribute)]) -> String {
        let output = self.fresh(of);
        self.nodes.push(wire::node(operator, inputs, &output, attributes));
        output
    }

    /// The name of a tensor in this order; it is transposed where it does not exist in it yet.
    fn tensor(&mut self, value: ValueId, order: Order) -> String {
        if let Some(name) = self.names.get(&(value, order)) {
            return name.clone();
        }
        let rank = self.graph.shape(value).rank() as i64;
        let (from, permutation): (_, Vec<i64>) = match order {
            Order::First => (Order::Last, [0, rank].into_iter().chain(1..rank).collect()),
            Order::Last => (Order::First, std::iter::once(0).chain(2..=rank).chain([1]).collect()),
        };
        let Some(name) = self.names.get(&(value, from)).cloned() else {
            return "input".to_owned();
        };
        let transposed = if rank == 1 {
            name
        } else {
            let of = self.graph.name_of(value).to_owned();
            self.push(&of, "Transpose", &[name], &[("perm", Attribute::Ints(permutation))])
        };
        self.names.insert((value, order), transposed.clone());
        transposed
    }

    /// The order for an operator on all of these: channels first where all exist in it, else channels last.
    fn order_of(&self, values: &[ValueId]) -> Order {
        let all_first = values
            .iter()
            .all(|&value| self.names.contains_key(&(value, Order::First)));
        if all_first { Order::First } else { Order::Last }
    }

    /// Adds a constant with a number for each channel, shaped to broadcast over a tensor in this order.
    fn channels(&mut self, weight: WeightId, order: Order, rank: usize) -> String {
        let graph = self.graph;
        let held = graph.weight(weight);
        let mut shape = vec![held.values.len()];
        if order == Order::First {
            shape.extend(std::iter::repeat_n(1, rank.saturating_sub(1)));
        }
        self.weight(weight, &shape, &held.values)
    }

    /// A weight's numbers in some order, once for all layers that have it.
    fn weight(&mut self, weight: WeightId, shape: &[usize], values: &[f32]) -> String {
        let key = (weight, shape.to_vec());
        if let Some(known) = self.held.get(&key) {
            return known.clone();
        }
        let made = self.floats(&self.graph.weight(weight).name, shape, values);
        self.held.insert(key, made.clone());
        made
    }

    /// The inputs with the bias added, if there is one.
    fn with_bias(&mut self, mut inputs: Vec<String>, kernel: WeightId, bias: Option<WeightId>) -> Vec<String> {
        inputs.extend(bias.map(|bias| match self.integer_bias(kernel, bias) {
            Some(bias) => bias,
            None => self.channels(bias, Order::Last, 1),
        }));
        inputs
    }
}

/// What is said of inputs and outputs.
fn values(parts: &[Part]) -> Vec<Message> {
    let value = |part: &Part| wire::value(&part.name, part.shape.sizes());
    parts.iter().map(value).collect()
}
