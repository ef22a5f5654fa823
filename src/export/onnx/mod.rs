//! ONNX, opset 17. Within the graph, images have their channels first, as ONNX's operators need them; the model's input and
//! output have Keras's channels last.

mod activation;
mod int8;
mod wire;

use super::int8::Quantized;
use super::model::{File, Model};
use super::npz;
use crate::session::{Error, Result};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Graph, Merge, Node, Op, Sets, ValueId, WeightId};
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
    count: usize,
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph, int8: Option<&'a Quantized>) -> Self {
        Self {
            graph,
            int8,
            nodes: Vec::new(),
            constants: Vec::new(),
            names: BTreeMap::from([((graph.input, Order::Last), "input".to_owned())]),
            count: 0,
        }
    }

    fn model(mut self, model: &Model<'_>) -> Message {
        let output = self.tensor(self.graph.output, Order::Last);
        let end = "output".to_owned();
        self.nodes.push(wire::node("Identity", &[output], &end, &[]));
        let graph = self.graph;
        let text = format!("input: {}; channels last", model.input_words());
        let body = Message::default()
            .each(1, self.nodes)
            .bytes(2, &graph.name)
            .each(5, self.constants)
            .bytes(10, text)
            .message(11, &wire::value("input", graph.shape(graph.input).sizes()))
            .message(12, &wire::value("output", graph.shape(graph.output).sizes()));
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
        let held = self.graph.weight(weight);
        let mut shape = vec![held.values.len()];
        if order == Order::First {
            shape.extend(std::iter::repeat_n(1, rank.saturating_sub(1)));
        }
        self.floats(&held.name, &shape, &held.values)
    }

    /// The inputs with the bias added, if there is one.
    fn with_bias(&mut self, mut inputs: Vec<String>, kernel: WeightId, bias: Option<WeightId>) -> Vec<String> {
        inputs.extend(bias.map(|bias| match self.integer_bias(kernel, bias) {
            Some(bias) => bias,
            None => self.channels(bias, Order::Last, 1),
        }));
        inputs
    }

    fn node(&mut self, node: &Node) {
        let graph = self.graph;
        let input = graph.first(node);
        let (from, to) = (graph.shape(input).clone(), graph.shape(node.output).clone());
        let of = graph.name_of(node.output).to_owned();
        let any = self.order_of(&node.inputs);
        let pair = |(vertical, horizontal): (usize, usize)| Attribute::Ints(vec![vertical as i64, horizontal as i64]);
        let (order, name) = match &node.op {
            Op::Convolution(op) => {
                let kernel = graph.weight(op.kernel);
                let (shape, values) = transposed(&kernel.shape, &kernel.values, [3, 2, 0, 1]);
                let name = kernel.name.as_str();
                let kernel = match self.integers_of(op.kernel, &[3, 2, 0, 1], 0) {
                    Some(kernel) => kernel,
                    None => self.floats(name, &shape, &values),
                };
                let inputs = vec![self.tensor(input, Order::First), kernel];
                let inputs = self.with_bias(inputs, op.kernel, op.bias);
                let attributes = [
                    ("kernel_shape", window(&shape)),
                    ("strides", pair(op.strides)),
                    ("dilations", pair(op.dilation)),
                    ("group", Attribute::Int(op.groups as i64)),
                    ("pads", pads(op.pads)),
                ];
                (Order::First, self.push(&of, "Conv", &inputs, &attributes))
            }
            Op::ConvolutionTranspose(op) => {
                let kernel = graph.weight(op.kernel);
                let (shape, values) = transposed(&kernel.shape, &kernel.values, [3, 2, 0, 1]);
                let kernel = self.floats(&kernel.name, &shape, &values);
                let inputs = vec![self.tensor(input, Order::First), kernel];
                let inputs = self.with_bias(inputs, op.kernel, op.bias);
                // What is dropped behind the output's last row; below 0, rows are added.
                let behind = |axis: usize, stride: usize, dilation: usize, before: usize| {
                    let of = |sizes: &[usize], axis: usize| sizes.get(axis).copied().unwrap_or(1) as i64;
                    let extent = dilation as i64 * (of(&shape, axis + 2) - 1) + 1;
                    (of(from.sizes(), axis) - 1) * stride as i64 + extent - before as i64 - of(to.sizes(), axis)
                };
                let rows = behind(0, op.strides.0, op.dilation.0, op.before.0);
                let columns = behind(1, op.strides.1, op.dilation.1, op.before.1);
                let pads = [op.before.0 as i64, op.before.1 as i64, rows.max(0), columns.max(0)];
                let attributes = [
                    ("kernel_shape", window(&shape)),
                    ("strides", pair(op.strides)),
                    ("dilations", pair(op.dilation)),
                    ("pads", Attribute::Ints(pads.to_vec())),
                    (
                        "output_padding",
                        Attribute::Ints(vec![(-rows).max(0), (-columns).max(0)]),
                    ),
                ];
                (Order::First, self.push(&of, "ConvTranspose", &inputs, &attributes))
            }
            Op::Dense(op) => {
                let held = graph.weight(op.kernel);
                let kernel = match self.integers_of(op.kernel, &[0, 1], 1) {
                    Some(kernel) => kernel,
                    None => self.floats(&held.name, &held.shape, &held.values),
                };
                let x = self.tensor(input, Order::Last);
                let name = if from.rank() == 1 {
                    let inputs = self.with_bias(vec![x, kernel], op.kernel, op.bias);
                    self.push(&of, "Gemm", &inputs, &[])
                } else {
                    let product = self.push(&of, "MatMul", &[x, kernel], &[]);
                    let inputs = self.with_bias(vec![product.clone()], op.kernel, op.bias);
                    if inputs.len() == 1 {
                        product
                    } else {
                        self.push(&of, "Add", &inputs, &[])
                    }
                };
                (Order::Last, name)
            }
            Op::Pool(op) => {
                let x = self.tensor(input, Order::First);
                let window = [
                    ("kernel_shape", pair(op.size)),
                    ("strides", pair(op.strides)),
                    ("pads", pads(op.pads)),
                ];
                let name = match op.kind {
                    PoolKind::Max => self.push(&of, "MaxPool", &[x], &window),
                    PoolKind::Average => {
                        let counted = [("count_include_pad", Attribute::Int(0))];
                        self.push(&of, "AveragePool", &[x], &[&window[..], &counted[..]].concat())
                    }
                };
                (Order::First, name)
            }
            Op::GlobalPool(kind) => {
                let x = self.tensor(input, any);
                let rank = from.rank() as i64;
                let axes = match any {
                    Order::First => (2..=rank).collect(),
                    Order::Last => (1..rank).collect(),
                };
                let operator = match kind {
                    PoolKind::Max => "ReduceMax",
                    PoolKind::Average => "ReduceMean",
                };
                let keeps = i64::from(to.rank() > 1);
                let attributes = [("axes", Attribute::Ints(axes)), ("keepdims", Attribute::Int(keeps))];
                let name = self.push(&of, operator, &[x], &attributes);
                (if to.rank() > 1 { any } else { Order::Last }, name)
            }
            Op::Affine { scale, shift } => {
                let x = self.tensor(input, any);
                let (scale, shift) = (
                    self.channels(*scale, any, to.rank()),
                    self.channels(*shift, any, to.rank()),
                );
                let scaled = self.push(&of, "Mul", &[x, scale], &[]);
                (any, self.push(&of, "Add", &[scaled, shift], &[]))
            }
            Op::Normalize {
                sets: Sets::Positions,
                epsilon,
                gamma,
                beta,
            } => {
                let x = self.tensor(input, Order::Last);
                let (gamma, beta) = (
                    self.channels(*gamma, Order::Last, 1),
                    self.channels(*beta, Order::Last, 1),
                );
                let attributes = [("axis", Attribute::Int(-1)), ("epsilon", Attribute::Float(*epsilon))];
                let name = self.push(&of, "LayerNormalization", &[x, gamma, beta], &attributes);
                (Order::Last, name)
            }
            Op::Normalize {
                sets: Sets::Groups(groups),
                epsilon,
                gamma,
                beta,
            } => {
                let x = self.tensor(input, Order::First);
                let rows = self.integers(&of, &[0, *groups as i64, -1]);
                let grouped = self.push(&of, "Reshape", &[x, rows], &[]);
                let ones = self.floats(&of, &[*groups], &vec![1.0; *groups]);
                let zeros = self.floats(&of, &[*groups], &vec![0.0; *groups]);
                let epsilon = [("epsilon", Attribute::Float(*epsilon))];
                let normal = self.push(&of, "InstanceNormalization", &[grouped, ones, zeros], &epsilon);
                let (channels, rest) = (to.channels() as i64, to.sizes().iter().rev().skip(1).rev());
                let back: Vec<i64> = [-1, channels]
                    .into_iter()
                    .chain(rest.map(|&size| size as i64))
                    .collect();
                let back = self.integers(&of, &back);
                let normal = self.push(&of, "Reshape", &[normal, back], &[]);
                let gamma = self.channels(*gamma, Order::First, to.rank());
                let beta = self.channels(*beta, Order::First, to.rank());
                let scaled = self.push(&of, "Mul", &[normal, gamma], &[]);
                (Order::First, self.push(&of, "Add", &[scaled, beta], &[]))
            }
            Op::Activation(function) => {
                let x = self.tensor(input, any);
                (any, self.activation(*function, x, &of))
            }
            Op::Prelu { alpha } => {
                let alpha = graph.weight(*alpha);
                let slopes = self.floats(&alpha.name, &alpha.shape, &alpha.values);
                let x = self.tensor(input, Order::Last);
                (Order::Last, self.push(&of, "PRelu", &[x, slopes], &[]))
            }
            Op::Softmax => {
                let x = self.tensor(input, Order::Last);
                let axis = [("axis", Attribute::Int(-1))];
                (Order::Last, self.push(&of, "Softmax", &[x], &axis))
            }
            Op::Pad([(top, bottom), (left, right)]) => {
                let x = self.tensor(input, Order::First);
                let sides = [0, 0, *top, *left, 0, 0, *bottom, *right].map(|side| side as i64);
                let sides = self.integers(&of, &sides);
                (Order::First, self.push(&of, "Pad", &[x, sides], &[]))
            }
            Op::Crop([(top, _), (left, _)]) => {
                let x = self.tensor(input, Order::First);
                let (height, width, _) = to.as_map().unwrap_or((1, 1, 1));
                let starts = self.integers(&of, &[*top as i64, *left as i64]);
                let ends = self.integers(&of, &[(top + height) as i64, (left + width) as i64]);
                let axes = self.integers(&of, &[2, 3]);
                (Order::First, self.push(&of, "Slice", &[x, starts, ends, axes], &[]))
            }
            Op::Reshape => {
                let x = self.tensor(input, Order::Last);
                let sizes: Vec<i64> = std::iter::once(-1)
                    .chain(to.sizes().iter().map(|&size| size as i64))
                    .collect();
                let sizes = self.integers(&of, &sizes);
                (Order::Last, self.push(&of, "Reshape", &[x, sizes], &[]))
            }
            Op::Permute(order) => {
                let x = self.tensor(input, Order::Last);
                let order = std::iter::once(0)
                    .chain(order.iter().map(|&axis| axis as i64 + 1))
                    .collect();
                (
                    Order::Last,
                    self.push(&of, "Transpose", &[x], &[("perm", Attribute::Ints(order))]),
                )
            }
            Op::Concatenate(axis) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let axis = match any {
                    Order::Last => axis + 1,
                    Order::First if axis + 1 == to.rank() => 1,
                    Order::First => axis + 2,
                };
                (
                    any,
                    self.push(&of, "Concat", &parts, &[("axis", Attribute::Int(axis as i64))]),
                )
            }
            Op::Merge(merge) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let operator = match merge {
                    Merge::Add => "Add",
                    Merge::Multiply => "Mul",
                    Merge::Subtract => "Sub",
                    Merge::Maximum => "Max",
                    Merge::Minimum => "Min",
                };
                (any, self.push(&of, operator, &parts, &[]))
            }
            Op::Resize(op) => {
                let x = self.tensor(input, Order::First);
                let factors = [1.0, 1.0, op.factors.0 as f32, op.factors.1 as f32];
                let factors = self.floats(&of, &[4], &factors);
                let attributes = match op.interpolation {
                    Interpolation::Nearest => [
                        ("mode", Attribute::Text("nearest")),
                        ("coordinate_transformation_mode", Attribute::Text("asymmetric")),
                        ("nearest_mode", Attribute::Text("floor")),
                    ]
                    .to_vec(),
                    Interpolation::Bilinear => [
                        ("mode", Attribute::Text("linear")),
                        ("coordinate_transformation_mode", Attribute::Text("half_pixel")),
                    ]
                    .to_vec(),
                };
                (
                    Order::First,
                    self.push(&of, "Resize", &[x, String::new(), factors], &attributes),
                )
            }
        };
        let name = self.rounded(node.output, name);
        self.names.insert((node.output, order), name);
    }
}

/// The attribute `kernel_shape` of a kernel of shape `(outputs, inputs, height, width)`.
fn window(shape: &[usize]) -> Attribute {
    Attribute::Ints(shape.iter().skip(2).map(|&size| size as i64).collect())
}

/// The attribute `pads`: top, left, bottom, right.
fn pads([(top, bottom), (left, right)]: [(usize, usize); 2]) -> Attribute {
    Attribute::Ints([top, left, bottom, right].map(|side| side as i64).to_vec())
}

/// A shape and values with the axes in another order.
fn transposed(shape: &[usize], values: &[f32], order: [usize; 4]) -> (Vec<usize>, Vec<f32>) {
    super::text::transposed(shape, values, &order)
}
