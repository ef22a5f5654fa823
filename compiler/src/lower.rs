//! Lowering: a checked network becomes plain operations, forward and backward, one rule a layer. It cannot fail.
//!
//! Reverse mode: going through the layers backwards, each takes the gradient of its output and makes those of its
//! variables and, where something before it has variables, of its inputs. A tensor that is used more than once gets the
//! sum of its users' gradients, added in the users' reverse order.

use crate::activation::Activation;
use crate::layers::Layer;
use crate::network::{CheckedNetwork, Node, NodeId};
use crate::plan::{
    Convolution, Dense, Doutput, Kind, Layout, Operation, Parameter, Plan, PoolKind, Pooling, Program, Range, Taken,
    Tensor, TensorId, TensorKind,
};
use crate::shape::Shape;
use crate::training::loss::Loss;
use crate::variable::Variable;
use crate::window::{Grid, Window};

/// The plain plan of a network: nothing fused, no memory assigned. `crate::plan_of` does all three.
pub fn lower(checked: &CheckedNetwork) -> Plan {
    let graph = Graph::new(checked, checked.network().output);
    let compiled = checked.network().compile.as_ref();
    let (training, evaluation) = match compiled {
        Some(compile) => (
            Builder::new(&graph).training(compile.loss),
            Builder::new(&graph).evaluation(compile.loss),
        ),
        None => (Program::default(), Program::default()),
    };
    let plan = predicting(checked, graph);
    Plan {
        optimizer: compiled.map(|compile| compile.optimizer),
        training,
        evaluation,
        ..plan
    }
}

/// The plain plan of the network that ends at a layer: it predicts that layer's output and does not train. Its parameters
/// are those of the whole network; their layouts are its own.
pub fn lower_until(checked: &CheckedNetwork, layer: NodeId) -> Plan {
    predicting(checked, Graph::new(checked, layer))
}

/// A plan that does nothing but predict.
fn predicting(checked: &CheckedNetwork, graph: Graph<'_>) -> Plan {
    let end = graph
        .parameters
        .last()
        .map_or(0, |parameter| parameter.range.offset + parameter.range.floats);
    Plan {
        model: checked.network().name.clone(),
        parameter_floats: end,
        optimizer: None,
        input_shape: checked.input_shape().clone(),
        output_shape: graph
            .item(graph.output)
            .map_or_else(|| checked.output_shape().clone(), |item| item.shape.clone()),
        training: Program::default(),
        evaluation: Program::default(),
        prediction: Builder::new(&graph).prediction(),
        parameters: graph.parameters,
    }
}

/// What lowering knows of a layer.
struct Item<'a> {
    node: &'a Node,
    shape: &'a Shape,
    /// Where its variables lie, in the order kernel, bias.
    ranges: Vec<Range>,
    /// Whether its output is its input's tensor, seen as a vector.
    view: bool,
    /// Whether it or anything before it has variables.
    needs_gradient: bool,
}

struct Graph<'a> {
    items: Vec<Item<'a>>,
    parameters: Vec<Parameter>,
    output: NodeId,
}

impl<'a> Graph<'a> {
    fn new(checked: &'a CheckedNetwork, output: NodeId) -> Self {
        let mut graph = Self {
            items: Vec::new(),
            parameters: Vec::new(),
            output,
        };
        let mut offset = 0;
        for (id, node, shape, variables) in checked.nodes() {
            let view = matches!(node.layer, Layer::Flatten(_)) && graph.flatten_is_free(checked, id, node);
            let mut ranges = Vec::new();
            for variable in variables {
                let range = Range {
                    offset,
                    floats: padded(&variable.shape),
                };
                offset += range.floats;
                ranges.push(range);
                graph.parameters.push(Parameter {
                    name: format!("{}.{}", node.name, variable.name),
                    shape: variable.shape.clone(),
                    initializer: variable.initializer,
                    range,
                    layout: graph.layout(node, variable),
                });
            }
            let before = node
                .inputs
                .iter()
                .any(|&input| graph.item(input).is_some_and(|item| item.needs_gradient));
            graph.items.push(Item {
                node,
                shape,
                ranges,
                view,
                needs_gradient: before || !variables.is_empty(),
            });
        }
        graph
    }

    fn item(&self, id: NodeId) -> Option<&Item<'a>> {
        self.items.get(id.0)
    }

    /// A flattened map needs no copy where Keras's order is the map's own (one channel or one position), or where only
    /// dense layers take it, whose kernels' rows are then kept in the map's order.
    fn flatten_is_free(&self, checked: &CheckedNetwork, id: NodeId, node: &Node) -> bool {
        let Some(input) = node.inputs.first().and_then(|&input| self.item(input)) else {
            return false;
        };
        if input.shape.channels() == 1 || input.shape.positions() == 1 {
            return true;
        }
        let mut users = checked
            .nodes()
            .filter(|(_, user, ..)| user.inputs.contains(&id))
            .peekable();
        id != self.output && users.peek().is_some() && users.all(|(_, user, ..)| matches!(user.layer, Layer::Dense(_)))
    }

    fn layout(&self, node: &Node, variable: &Variable) -> Layout {
        match (&node.layer, variable.shape.len()) {
            (Layer::Conv2D(_), 4) => Layout::Convolution,
            (Layer::Dense(_), 2) => {
                let flattened = node
                    .inputs
                    .first()
                    .and_then(|&input| self.item(input))
                    .filter(|item| item.view);
                let map = flattened
                    .and_then(|item| item.node.inputs.first())
                    .and_then(|&map| self.item(map));
                match map {
                    Some(map) => Layout::Dense {
                        channels: map.shape.channels(),
                        positions: map.shape.positions(),
                    },
                    None => Layout::Dense {
                        channels: variable.shape.first().copied().unwrap_or(1),
                        positions: 1,
                    },
                }
            }
            _ => Layout::Vector,
        }
    }
}

/// Floats of a variable whose last axis is padded to a multiple of 4.
fn padded(shape: &[usize]) -> usize {
    let last = shape.last().copied().unwrap_or(1).max(1);
    shape.iter().product::<usize>() / last * last.next_multiple_of(4)
}

/// A program under construction.
struct Builder<'a> {
    graph: &'a Graph<'a>,
    program: Program,
    /// The output of each layer.
    outputs: Vec<TensorId>,
    /// What a layer's own activation took, where it has one.
    linear: Vec<Option<TensorId>>,
    /// The gradients that a layer's users have made for its output.
    gradients: Vec<Vec<TensorId>>,
}

impl<'a> Builder<'a> {
    fn new(graph: &'a Graph<'a>) -> Self {
        let n_layers = graph.items.len();
        Self {
            graph,
            program: Program::default(),
            outputs: Vec::with_capacity(n_layers),
            linear: Vec::with_capacity(n_layers),
            gradients: vec![Vec::new(); n_layers],
        }
    }

    fn training(mut self, loss: Loss) -> Program {
        let logits = self.forward(true);
        let output = self.output_item();
        let dinput = self.shaped(format!("d{}", output.node.name), output.shape);
        self.loss(loss, logits, Some(dinput));
        self.backward(dinput);
        self.push("optimizer", Kind::Update);
        self.program
    }

    fn evaluation(mut self, loss: Loss) -> Program {
        let logits = self.forward(true);
        self.loss(loss, logits, None);
        self.program
    }

    fn prediction(mut self) -> Program {
        self.forward(false);
        self.program
    }

    fn output_item(&self) -> &'a Item<'a> {
        let graph = self.graph;
        // A checked network has an output; the first layer stands in to keep the function total.
        #[allow(clippy::indexing_slicing)]
        graph.item(graph.output).unwrap_or(&graph.items[0])
    }

    fn push(&mut self, layer: &str, kind: Kind) {
        self.program.operations.push(Operation {
            layer: layer.to_owned(),
            kind,
        });
    }

    fn tensor(&mut self, name: impl Into<String>, channels: usize, positions: usize) -> TensorId {
        let kind = TensorKind::Floats;
        self.program.tensors.push(Tensor {
            name: name.into(),
            channels,
            positions,
            kind,
            slot: 0,
        });
        TensorId(self.program.tensors.len() - 1)
    }

    fn shaped(&mut self, name: impl Into<String>, shape: &Shape) -> TensorId {
        self.tensor(name, shape.channels(), shape.positions())
    }

    fn output_of(&self, id: Option<&NodeId>) -> TensorId {
        id.and_then(|id| self.outputs.get(id.0)).copied().unwrap_or_default()
    }

    /// All layers in order; with `to_loss` a softmax at the very end is left out, since the loss takes the logits before
    /// it (as Keras does). Otherwise what comes after the output is left out. Returns the tensor of the output.
    fn forward(&mut self, to_loss: bool) -> TensorId {
        let graph = self.graph;
        let layers = if to_loss { graph.items.len() } else { graph.output.0 + 1 };
        for (index, item) in graph.items.iter().enumerate().take(layers) {
            let last = to_loss && NodeId(index) == graph.output;
            let output = self.forward_layer(item, last);
            self.outputs.push(output);
            self.linear.resize(index + 1, None);
        }
        let output = self.output_of(Some(&graph.output));
        self.program.output = Some(output);
        output
    }

    fn forward_layer(&mut self, item: &Item<'_>, last: bool) -> TensorId {
        let (node, name) = (item.node, item.node.name.as_str());
        let input = self.output_of(node.inputs.first());
        let (kernel, bias) = (item.ranges.first().copied(), item.ranges.get(1).copied());
        match &node.layer {
            Layer::Input(_) => {
                let output = self.shaped(name, item.shape);
                self.push(name, Kind::Gather { output });
                output
            }
            Layer::Conv2D(_) | Layer::Dense(_) => {
                let function = node.layer.activation().unwrap_or(Activation::Linear);
                let plain = function == Activation::Linear || (last && function == Activation::Softmax);
                let linear_name = if plain {
                    name.to_owned()
                } else {
                    format!("{name}.linear")
                };
                let linear = self.shaped(linear_name, item.shape);
                if let (Some(kernel), Some(product)) = (kernel, self.product(item)) {
                    let kind = match product {
                        Product::Convolution(geometry) => Kind::Convolution {
                            geometry,
                            input,
                            kernel,
                            bias,
                            relu: false,
                            pool: false,
                            codes: None,
                            output: linear,
                        },
                        Product::Dense(geometry) => Kind::Dense {
                            geometry,
                            input,
                            kernel,
                            bias,
                            relu: false,
                            output: linear,
                        },
                    };
                    self.push(name, kind);
                }
                if plain {
                    return linear;
                }
                self.linear.push(Some(linear));
                self.activate(name, item.shape, function, linear)
            }
            Layer::Activation(layer) | Layer::ReLU(layer) | Layer::Softmax(layer) => {
                let skipped = last && layer.function == Activation::Softmax;
                if skipped || layer.function == Activation::Linear {
                    return input;
                }
                self.activate(name, item.shape, layer.function, input)
            }
            Layer::MaxPooling2D(layer) => self.pool(item, PoolKind::Max, &layer.window, input),
            Layer::AveragePooling2D(layer) => self.pool(item, PoolKind::Average, &layer.window, input),
            Layer::GlobalMaxPooling2D(_) => self.global_pool(item, PoolKind::Max, input),
            Layer::GlobalAveragePooling2D(_) => self.global_pool(item, PoolKind::Average, input),
            Layer::Flatten(_) if item.view => input,
            Layer::Flatten(_) => {
                let (rows, columns) = self.map_sizes(item);
                let output = self.shaped(name, item.shape);
                self.push(
                    name,
                    Kind::Transpose {
                        rows,
                        columns,
                        input,
                        output,
                    },
                );
                output
            }
            Layer::Add(_) => {
                let inputs: Vec<_> = node.inputs.iter().map(|id| self.output_of(Some(id))).collect();
                self.sum(name, name, item.shape, &inputs)
            }
            Layer::Concatenate(layer) => {
                let output = self.shaped(name, item.shape);
                for (part, &id) in parts(self.graph, item, layer.axis).iter().zip(&node.inputs) {
                    let input = self.output_of(Some(&id));
                    self.push(
                        name,
                        Kind::Copy {
                            blocks: part.blocks,
                            block: part.block,
                            input_stride: part.block,
                            input_offset: 0,
                            output_stride: part.stride,
                            output_offset: part.offset,
                            input,
                            output,
                        },
                    );
                }
                output
            }
        }
    }

    fn activate(&mut self, name: &str, shape: &Shape, function: Activation, input: TensorId) -> TensorId {
        let output = self.shaped(name, shape);
        let kind = if function == Activation::Softmax {
            Kind::Softmax { input, output }
        } else {
            Kind::Activation {
                function,
                input,
                output,
            }
        };
        self.push(name, kind);
        output
    }

    fn pool(&mut self, item: &Item<'_>, pool: PoolKind, window: &Window, input: TensorId) -> TensorId {
        let output = self.shaped(&item.node.name, item.shape);
        if let Some(grid) = self.grid(item, window) {
            let geometry = Pooling {
                channels: item.shape.channels(),
                grid,
            };
            self.push(
                &item.node.name,
                Kind::Pool {
                    pool,
                    geometry,
                    input,
                    output,
                },
            );
        }
        output
    }

    fn global_pool(&mut self, item: &Item<'_>, pool: PoolKind, input: TensorId) -> TensorId {
        let output = self.shaped(&item.node.name, item.shape);
        self.push(&item.node.name, Kind::GlobalPool { pool, input, output });
        output
    }

    /// `first + second + ...`, from the left.
    fn sum(&mut self, layer: &str, name: &str, shape: &Shape, terms: &[TensorId]) -> TensorId {
        let mut terms = terms.iter().copied();
        let mut total = terms.next().unwrap_or_default();
        for right in terms {
            let output = self.shaped(name, shape);
            self.push(
                layer,
                Kind::Add {
                    left: total,
                    right,
                    output,
                },
            );
            total = output;
        }
        total
    }

    fn loss(&mut self, loss: Loss, input: TensorId, dinput: Option<TensorId>) {
        let output = self.output_item();
        let Loss::SparseCategoricalCrossentropy { from_logits } = loss;
        let from_logits = from_logits || output.node.layer.activation() == Some(Activation::Softmax);
        self.push(
            "loss",
            Kind::Loss {
                classes: output.shape.channels(),
                from_logits,
                input,
                dinput,
            },
        );
    }

    fn backward(&mut self, of_loss: TensorId) {
        let graph = self.graph;
        if let Some(gradients) = self.gradients.get_mut(graph.output.0) {
            gradients.push(of_loss);
        }
        for (index, item) in graph.items.iter().enumerate().rev() {
            let gradients = self.gradients.get_mut(index).map(std::mem::take).unwrap_or_default();
            if item.needs_gradient && !gradients.is_empty() {
                let name = format!("d{}", item.node.name);
                let doutput = self.sum(&item.node.name, &name, item.shape, &gradients);
                self.backward_layer(NodeId(index), item, doutput);
            }
        }
    }

    fn backward_layer(&mut self, id: NodeId, item: &Item<'_>, doutput: TensorId) {
        let (node, name) = (item.node, item.node.name.as_str());
        let last = id == self.graph.output;
        let first_input = node.inputs.first();
        let input = self.output_of(first_input);
        let output = self.output_of(Some(&id));
        let graph = self.graph;
        let below = |input: &NodeId| graph.item(*input).filter(|item| item.needs_gradient);
        match &node.layer {
            Layer::Input(_) => {}
            Layer::Conv2D(_) | Layer::Dense(_) => {
                let function = node.layer.activation().unwrap_or(Activation::Linear);
                let linear = self.linear.get(id.0).copied().flatten();
                let doutput = match linear {
                    Some(linear) => {
                        let dlinear = format!("d{name}.linear");
                        self.activate_backward(name, &dlinear, item.shape, function, linear, output, doutput)
                    }
                    None => doutput,
                };
                let (Some(&kernel), Some(product)) = (item.ranges.first(), self.product(item)) else {
                    return;
                };
                let bias = item.ranges.get(1).copied();
                let convolved = Doutput {
                    tensor: doutput,
                    codes: None,
                };
                self.push(
                    name,
                    match product {
                        Product::Convolution(geometry) => Kind::ConvolutionDkernel {
                            geometry,
                            input,
                            doutput: convolved,
                            kernel,
                            bias,
                        },
                        Product::Dense(geometry) => Kind::DenseDkernel {
                            geometry,
                            input,
                            doutput,
                            kernel,
                            bias,
                        },
                    },
                );
                if let Some(below) = first_input.and_then(below) {
                    let dinput = self.shaped(format!("d{}", below.node.name), below.shape);
                    let mask = None;
                    self.push(
                        name,
                        match product {
                            Product::Convolution(geometry) => Kind::ConvolutionDinput {
                                geometry,
                                doutput: convolved,
                                kernel,
                                mask,
                                dinput,
                            },
                            Product::Dense(geometry) => Kind::DenseDinput {
                                geometry,
                                doutput,
                                kernel,
                                mask,
                                dinput,
                            },
                        },
                    );
                    self.give(first_input, dinput);
                }
            }
            Layer::Activation(layer) | Layer::ReLU(layer) | Layer::Softmax(layer) => {
                let Some(below) = first_input.and_then(below) else {
                    return;
                };
                if layer.function == Activation::Linear || (last && layer.function == Activation::Softmax) {
                    self.give(first_input, doutput);
                    return;
                }
                let dname = format!("d{}", below.node.name);
                let dinput = self.activate_backward(name, &dname, item.shape, layer.function, input, output, doutput);
                self.give(first_input, dinput);
            }
            Layer::MaxPooling2D(layer) | Layer::AveragePooling2D(layer) => {
                let Some(below) = first_input.and_then(below) else {
                    return;
                };
                let Some(grid) = self.grid(item, &layer.window) else {
                    return;
                };
                let (pool, taken) = pool_kind(&node.layer, input, output);
                let dinput = self.shaped(format!("d{}", below.node.name), below.shape);
                let geometry = Pooling {
                    channels: item.shape.channels(),
                    grid,
                };
                self.push(
                    name,
                    Kind::PoolBackward {
                        pool,
                        geometry,
                        taken,
                        doutput,
                        dinput,
                    },
                );
                self.give(first_input, dinput);
            }
            Layer::GlobalMaxPooling2D(_) | Layer::GlobalAveragePooling2D(_) => {
                let Some(below) = first_input.and_then(below) else {
                    return;
                };
                let (pool, taken) = pool_kind(&node.layer, input, output);
                let dinput = self.shaped(format!("d{}", below.node.name), below.shape);
                self.push(
                    name,
                    Kind::GlobalPoolBackward {
                        pool,
                        taken,
                        doutput,
                        dinput,
                    },
                );
                self.give(first_input, dinput);
            }
            Layer::Flatten(_) if item.view => self.give(first_input, doutput),
            Layer::Flatten(_) => {
                let Some(below) = first_input.and_then(below) else {
                    return;
                };
                let (rows, columns) = self.map_sizes(item);
                let dinput = self.shaped(format!("d{}", below.node.name), below.shape);
                self.push(
                    name,
                    Kind::Transpose {
                        rows: columns,
                        columns: rows,
                        input: doutput,
                        output: dinput,
                    },
                );
                self.give(first_input, dinput);
            }
            Layer::Add(_) => {
                for input in node.inputs.iter().filter(|input| below(input).is_some()) {
                    self.give(Some(input), doutput);
                }
            }
            Layer::Concatenate(layer) => {
                for (part, id) in parts(graph, item, layer.axis).iter().zip(&node.inputs) {
                    let Some(below) = below(id) else { continue };
                    let dinput = self.shaped(format!("d{}", below.node.name), below.shape);
                    self.push(
                        name,
                        Kind::Copy {
                            blocks: part.blocks,
                            block: part.block,
                            input_stride: part.stride,
                            input_offset: part.offset,
                            output_stride: part.block,
                            output_offset: 0,
                            input: doutput,
                            output: dinput,
                        },
                    );
                    self.give(Some(id), dinput);
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn activate_backward(
        &mut self,
        layer: &str,
        name: &str,
        shape: &Shape,
        function: Activation,
        input: TensorId,
        output: TensorId,
        doutput: TensorId,
    ) -> TensorId {
        let dinput = self.shaped(name, shape);
        let kind = if function == Activation::Softmax {
            Kind::SoftmaxBackward {
                output,
                doutput,
                dinput,
            }
        } else {
            let input = function.needs_input().then_some(input);
            Kind::ActivationBackward {
                function,
                input,
                output,
                doutput,
                dinput,
            }
        };
        self.push(layer, kind);
        dinput
    }

    /// Adds a gradient to what a layer's output has got so far.
    fn give(&mut self, to: Option<&NodeId>, gradient: TensorId) {
        if let Some(gradients) = to.and_then(|id| self.gradients.get_mut(id.0)) {
            gradients.push(gradient);
        }
    }

    /// Channels and positions of the map that a layer takes.
    fn map_sizes(&self, item: &Item<'_>) -> (usize, usize) {
        let input = item.node.inputs.first().and_then(|&input| self.graph.item(input));
        input.map_or((1, 1), |input| (input.shape.channels(), input.shape.positions()))
    }

    fn grid(&self, item: &Item<'_>, window: &Window) -> Option<Grid> {
        let input = item.node.inputs.first().and_then(|&input| self.graph.item(input))?;
        let (height, width, _) = input.shape.as_map()?;
        window.over(height, width)
    }

    /// The product that a layer with a kernel is. A 1x1 convolution of stride 1 is a dense layer at every pixel.
    fn product(&self, item: &Item<'_>) -> Option<Product> {
        let (channels, positions) = self.map_sizes(item);
        match &item.node.layer {
            Layer::Conv2D(layer) if layer.window.size == (1, 1) && layer.window.strides == (1, 1) => {
                Some(Product::Dense(Dense {
                    inputs: channels,
                    units: layer.filters,
                    positions,
                }))
            }
            Layer::Conv2D(layer) => {
                let grid = self.grid(item, &layer.window)?;
                Some(Product::Convolution(Convolution {
                    in_channels: channels,
                    out_channels: layer.filters,
                    grid,
                }))
            }
            Layer::Dense(layer) => Some(Product::Dense(Dense {
                inputs: channels,
                units: layer.units,
                positions,
            })),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
enum Product {
    Convolution(Convolution),
    Dense(Dense),
}

fn pool_kind(layer: &Layer, input: TensorId, output: TensorId) -> (PoolKind, Option<Taken>) {
    if matches!(layer, Layer::MaxPooling2D(_) | Layer::GlobalMaxPooling2D(_)) {
        (PoolKind::Max, Some(Taken { input, output }))
    } else {
        (PoolKind::Average, None)
    }
}

/// One input's place in a concatenation, in elements of a sample.
struct Part {
    blocks: usize,
    block: usize,
    stride: usize,
    offset: usize,
}

/// The inputs' places along `axis` (of Keras's order). In memory the channels come first, then the other axes in order.
fn parts(graph: &Graph<'_>, item: &Item<'_>, axis: usize) -> Vec<Part> {
    let rank = item.shape.rank();
    let is_channels = axis + 1 == rank;
    let sizes = item.shape.sizes();
    let before = if is_channels {
        1
    } else {
        item.shape.channels() * sizes.iter().take(axis).product::<usize>()
    };
    let after = if is_channels {
        item.shape.positions()
    } else {
        sizes
            .iter()
            .take(rank.saturating_sub(1))
            .skip(axis + 1)
            .product::<usize>()
    };
    let stride = sizes.get(axis).copied().unwrap_or(1) * after;
    let mut offset = 0;
    let mut parts = Vec::new();
    for &input in &item.node.inputs {
        let size = graph
            .item(input)
            .and_then(|input| input.shape.sizes().get(axis))
            .copied()
            .unwrap_or(0);
        parts.push(Part {
            blocks: before,
            block: size * after,
            stride,
            offset,
        });
        offset += size * after;
    }
    parts
}
