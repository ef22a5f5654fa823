//! PyTorch: `model.py` with a module of plain layers, and its weights in `model.safetensors`.

mod activation;
mod names;

use super::model::{File, Model};
use super::npz;
use super::text::transposed;
use crate::session::{Error, Result};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Graph, Merge, Node, Op, Sets, ValueId, WeightId};
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
}

impl<'a> Writer<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            names: Names::default(),
            layers: String::new(),
            body: String::new(),
            state: Vec::new(),
            tensors: BTreeMap::from([((graph.input, Order::Last), "x".to_owned())]),
        }
    }

    fn text(&mut self, model: &Model<'_>) -> String {
        let graph = self.graph;
        let output = self.tensor(graph.output, Order::Last);
        let (inputs, outputs) = (graph.shape(graph.input), graph.shape(graph.output));
        let layers = if self.layers.is_empty() {
            "        pass\n"
        } else {
            &self.layers
        };
        format!(
            "\"\"\"A trained network, exported by cnnc.\n\n\
             model = load()  # in this folder\n\
             y = model(x)    # x: (batch, {inputs}), channels last; y: (batch, {outputs})\n\n\
             x is {}.\n\"\"\"\n\n\
             import os\n\nimport torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n\
             class Network(nn.Module):\n    def __init__(self):\n        super().__init__()\n{layers}\n\
             \x20   def forward(self, x):\n{}        return {output}\n\n\n\
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

    /// Adds the kernel of a layer, with its axes in this order, and its bias to the state dict.
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

    fn node(&mut self, node: &Node) {
        let graph = self.graph;
        let input = graph.first(node);
        let (from, to) = (graph.shape(input).clone(), graph.shape(node.output).clone());
        let of = graph.name_of(node.output).to_owned();
        let any = self.order_of(&node.inputs);
        let (order, expression) = match &node.op {
            Op::Convolution(op) => {
                let x = self.tensor(input, Order::First);
                let [kh, kw] = window(graph, op.kernel);
                let name = self.layer(
                    &of,
                    &format!(
                        "Conv2d({}, {}, ({kh}, {kw}), stride={:?}, dilation={:?}, groups={}, bias={})",
                        from.channels(),
                        to.channels(),
                        op.strides,
                        op.dilation,
                        op.groups,
                        truth(op.bias.is_some())
                    ),
                );
                self.weights(&name, op.kernel, &[3, 2, 0, 1], op.bias);
                (Order::First, format!("self.{name}({})", padded(&x, op.pads, "")))
            }
            Op::ConvolutionTranspose(op) => {
                let x = self.tensor(input, Order::First);
                let [kh, kw] = window(graph, op.kernel);
                let name = self.layer(
                    &of,
                    &format!(
                        "ConvTranspose2d({}, {}, ({kh}, {kw}), stride={:?}, dilation={:?}, bias={})",
                        from.channels(),
                        to.channels(),
                        op.strides,
                        op.dilation,
                        truth(op.bias.is_some())
                    ),
                );
                self.weights(&name, op.kernel, &[3, 2, 0, 1], op.bias);
                let ((oh, ow, _), (h, w, _)) = (to.as_map().unwrap_or((1, 1, 1)), from.as_map().unwrap_or((1, 1, 1)));
                let (top, left) = op.before;
                // Rows and columns that no window reaches have the bias alone.
                let full = |cells: usize, stride: usize, dilation: usize, size: usize| {
                    (cells.saturating_sub(1)) * stride + dilation * size.saturating_sub(1) + 1
                };
                let rows = (top + oh).saturating_sub(full(h, op.strides.0, op.dilation.0, kh));
                let columns = (left + ow).saturating_sub(full(w, op.strides.1, op.dilation.1, kw));
                let whole = if rows + columns == 0 {
                    format!("self.{name}({x})")
                } else {
                    format!("self.{name}({x}, output_size=({}, {}))", top + oh, left + ow)
                };
                (
                    Order::First,
                    format!("{whole}[:, :, {top}:{}, {left}:{}]", top + oh, left + ow),
                )
            }
            Op::Dense(op) => {
                let x = self.tensor(input, Order::Last);
                let bias = truth(op.bias.is_some());
                let name = self.layer(
                    &of,
                    &format!("Linear({}, {}, bias={bias})", from.channels(), to.channels()),
                );
                self.weights(&name, op.kernel, &[1, 0], op.bias);
                (Order::Last, format!("self.{name}({x})"))
            }
            Op::Pool(op) => {
                let x = self.tensor(input, Order::First);
                let (size, strides) = (op.size, op.strides);
                let expression = match op.kind {
                    PoolKind::Max => {
                        let x = padded(&x, op.pads, ", value=float(\"-inf\")");
                        format!("F.max_pool2d({x}, {size:?}, {strides:?})")
                    }
                    PoolKind::Average if op.pads == [(0, 0), (0, 0)] => {
                        format!("F.avg_pool2d({x}, {size:?}, {strides:?})")
                    }
                    // Cells outside of the image do not count.
                    PoolKind::Average => {
                        let ones = padded(&format!("torch.ones_like({x}[:1, :1])"), op.pads, "");
                        let x = padded(&x, op.pads, "");
                        format!(
                            "F.avg_pool2d({x}, {size:?}, {strides:?}) / F.avg_pool2d({ones}, {size:?}, {strides:?})"
                        )
                    }
                };
                (Order::First, expression)
            }
            Op::GlobalPool(kind) => {
                let x = self.tensor(input, Order::Last);
                let axes: Vec<String> = (1..from.rank()).map(|axis| format!("{axis},")).collect();
                let function = match kind {
                    PoolKind::Max => "amax",
                    PoolKind::Average => "mean",
                };
                let keeps = truth(to.rank() > 1);
                (
                    Order::Last,
                    format!("{x}.{function}(dim=({}), keepdim={keeps})", axes.join(" ")),
                )
            }
            Op::Affine { scale, shift } => {
                let x = self.tensor(input, any);
                let (scale, shift) = (self.buffer(*scale), self.buffer(*shift));
                let view = match any {
                    Order::Last => String::new(),
                    Order::First => format!(".view(-1{})", ", 1".repeat(to.rank() - 1)),
                };
                (any, format!("{x} * {scale}{view} + {shift}{view}"))
            }
            Op::Normalize {
                sets,
                epsilon,
                gamma,
                beta,
            } => {
                let (order, call) = match sets {
                    Sets::Positions => (Order::Last, format!("LayerNorm({}, eps={epsilon:?})", to.channels())),
                    Sets::Groups(groups) => (
                        Order::First,
                        format!("GroupNorm({groups}, {}, eps={epsilon:?})", to.channels()),
                    ),
                };
                let x = self.tensor(input, order);
                let name = self.layer(&of, &call);
                self.one(format!("{name}.weight"), *gamma);
                self.one(format!("{name}.bias"), *beta);
                (order, format!("self.{name}({x})"))
            }
            Op::Activation(function) => {
                let x = self.tensor(input, any);
                (any, activation::expression(*function, &x))
            }
            Op::Prelu { alpha } => {
                let x = self.tensor(input, Order::Last);
                let alpha = self.buffer(*alpha);
                (Order::Last, format!("torch.where({x} > 0, {x}, {x} * {alpha})"))
            }
            Op::Softmax => {
                let x = self.tensor(input, Order::Last);
                (Order::Last, format!("torch.softmax({x}, -1)"))
            }
            Op::Pad(sides) => {
                let x = self.tensor(input, Order::First);
                (Order::First, padded(&x, *sides, ""))
            }
            Op::Crop([(top, _), (left, _)]) => {
                let x = self.tensor(input, Order::First);
                let (height, width, _) = to.as_map().unwrap_or((1, 1, 1));
                let (bottom, right) = (top + height, left + width);
                (Order::First, format!("{x}[:, :, {top}:{bottom}, {left}:{right}]"))
            }
            Op::Reshape => {
                let x = self.tensor(input, Order::Last);
                let sizes: Vec<String> = to.sizes().iter().map(ToString::to_string).collect();
                (Order::Last, format!("{x}.reshape(-1, {})", sizes.join(", ")))
            }
            Op::Permute(order) => {
                let x = self.tensor(input, Order::Last);
                let axes: Vec<String> = order.iter().map(|axis| (axis + 1).to_string()).collect();
                (Order::Last, format!("{x}.permute(0, {})", axes.join(", ")))
            }
            Op::Concatenate(axis) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let axis = match any {
                    Order::Last => axis + 1,
                    Order::First if axis + 1 == to.rank() => 1,
                    Order::First => axis + 2,
                };
                (any, format!("torch.cat(({}), {axis})", parts.join(", ")))
            }
            Op::Merge(merge) => {
                let parts: Vec<String> = node.inputs.iter().map(|&part| self.tensor(part, any)).collect();
                let expression = match merge {
                    Merge::Add => parts.join(" + "),
                    Merge::Multiply => parts.join(" * "),
                    Merge::Subtract => parts.join(" - "),
                    Merge::Maximum => format!("torch.maximum({})", parts.join(", ")),
                    Merge::Minimum => format!("torch.minimum({})", parts.join(", ")),
                };
                (any, expression)
            }
            Op::Resize(op) => {
                let x = self.tensor(input, Order::First);
                let mode = match op.interpolation {
                    Interpolation::Nearest => "mode=\"nearest\"",
                    Interpolation::Bilinear => "mode=\"bilinear\", align_corners=False",
                };
                let (height, width, _) = to.as_map().unwrap_or((1, 1, 1));
                (Order::First, format!("F.interpolate({x}, ({height}, {width}), {mode})"))
            }
        };
        let name = self.names.variable(&of);
        self.line(&name, &expression);
        self.tensors.insert((node.output, order), name);
    }
}

/// `x` with zeros around it, or with `value`.
fn padded(x: &str, [(top, bottom), (left, right)]: [(usize, usize); 2], value: &str) -> String {
    if top + bottom + left + right == 0 {
        return x.to_owned();
    }
    format!("F.pad({x}, ({left}, {right}, {top}, {bottom}){value})")
}

fn window(graph: &Graph, kernel: WeightId) -> [usize; 2] {
    match *graph.weight(kernel).shape {
        [height, width, ..] => [height, width],
        _ => [1, 1],
    }
}

const fn truth(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}
