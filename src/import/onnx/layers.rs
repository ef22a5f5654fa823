//! The layers of the draft, and what is known of the tensors between them.

use super::model::{Array, Graph, Node};
use crate::import::draft::Layer;
use crate::import::literal::{Argument, Literal};
use crate::session::{Error, Result};
use std::collections::{BTreeSet, HashMap};

/// The values of a variable; `layer` is the index of its layer in the draft.
pub struct Weight {
    pub layer: usize,
    pub variable: &'static str,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// How a tensor's axes are ordered, after the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The channels are the last axis, as in this program's layers.
    Last,
    /// The channels come before rows and columns.
    First,
}

/// The sizes of a picture that was flattened with its channels first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flattened {
    pub places: usize,
    pub channels: usize,
}

/// Whether the input's channels come first, as they do in ONNX's pictures; an input that is transposed or flattened at once may
/// have them last.
fn channels_first(graph: &Graph, input: &str, sizes: &[usize]) -> bool {
    if graph.about.contains("channels last") {
        return false;
    }
    let mut name = input;
    for _ in 0..graph.nodes.len() {
        let Some(node) = graph
            .nodes
            .iter()
            .find(|node| node.inputs.iter().any(|own| own == name))
        else {
            return false;
        };
        match node.operator.as_str() {
            "Conv" | "ConvTranspose" | "MaxPool" | "AveragePool" | "GlobalAveragePool" | "GlobalMaxPool"
            | "BatchNormalization" | "Pad" | "Resize" | "PRelu" => return true,
            "Transpose" => return node.ints("perm") != Some(&[0, 3, 1, 2]),
            // Of one channel both orders are the same.
            "Flatten" | "Reshape" | "MatMul" | "Gemm" => return sizes.first() == Some(&1),
            _ => match node.outputs.first() {
                Some(output) => name = output,
                None => return false,
            },
        }
    }
    false
}

/// The output of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// The index of the layer.
    pub layer: usize,
    /// How the graph orders its axes.
    pub order: Order,
    /// The lengths of its axes without the batch, the channels last.
    pub shape: Vec<usize>,
    /// The picture that it was flattened from, where its elements are not in the order that Keras's `Flatten` gives.
    pub flattened: Option<Flattened>,
}

impl Tensor {
    /// The length of the last axis.
    pub fn channels(&self) -> usize {
        self.shape.last().copied().unwrap_or(1)
    }
}

/// A draft that is being built from a graph.
pub struct Builder<'a> {
    graph: &'a Graph,
    pub tensors: HashMap<String, Tensor>,
    kept: HashMap<String, Array>,
    layers: Vec<Layer>,
    weights: Vec<Weight>,
    uses: HashMap<&'a str, usize>,
}

impl<'a> Builder<'a> {
    /// Starts with the input of the graph.
    pub fn new(graph: &'a Graph) -> Result<Self> {
        let [(name, sizes)] = graph.inputs.as_slice() else {
            return Err(Error::message(format!(
                "the graph has {} inputs: a model of several inputs is not imported from ONNX",
                graph.inputs.len()
            )));
        };
        let sizes: Vec<usize> = sizes
            .iter()
            .skip(1)
            .map(|&size| usize::try_from(size).unwrap_or(0))
            .collect();
        if sizes.is_empty() || sizes.contains(&0) {
            return Err(Error::message(format!(
                "the graph does not say what size its input {name} has"
            )));
        }
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for input in graph.nodes.iter().flat_map(|node| &node.inputs) {
            *uses.entry(input).or_default() += 1;
        }
        let order = if sizes.len() == 3 && channels_first(graph, name, &sizes) {
            Order::First
        } else {
            Order::Last
        };
        let shape = match (order, sizes.as_slice()) {
            (Order::First, &[channels, height, width]) => vec![height, width, channels],
            _ => sizes,
        };
        let literal = Literal::Tuple(shape.iter().map(|&size| Literal::Int(size as i64)).collect());
        let mut builder = Self {
            graph,
            tensors: HashMap::new(),
            kept: HashMap::new(),
            layers: Vec::new(),
            weights: Vec::new(),
            uses,
        };
        let input = builder.push("Input", vec![Argument::named("shape", literal)], &[], shape, order);
        builder.tensors.insert(name.clone(), input);
        Ok(builder)
    }

    /// The constant array with this name.
    pub fn constant(&self, name: &str) -> Option<Array> {
        self.graph.constants.get(name).or_else(|| self.kept.get(name)).cloned()
    }

    /// Records an array as the output of a node.
    pub fn keep(&mut self, node: &Node, array: Array) {
        if let Some(output) = node.outputs.first() {
            self.kept.insert(output.clone(), array);
        }
    }

    /// The tensor that is an operator's input at an index.
    pub fn input(&self, node: &Node, place: usize) -> Result<Tensor> {
        let name = node.inputs.get(place).map_or("", String::as_str);
        self.tensors
            .get(name)
            .cloned()
            .ok_or_else(|| Error::message(format!("where `{name}` comes from is not known")))
    }

    /// All inputs of an operator; an error where they do not have the same order of axes.
    pub fn all(&self, node: &Node) -> Result<Vec<Tensor>> {
        let all: Vec<Tensor> = (0..node.inputs.len())
            .map(|place| self.input(node, place))
            .collect::<Result<_>>()?;
        let Some(first) = all.first() else { return Ok(all) };
        let alike = |other: &Tensor| {
            other.flattened == first.flattened && (other.order == first.order || other.shape.len() < 2)
        };
        if all.iter().all(alike) {
            Ok(all)
        } else {
            Err(Error::message("its inputs have their channels in different places"))
        }
    }

    /// The constant array of floats that is an operator's input at an index.
    pub fn floats(&self, node: &Node, place: usize) -> Result<Array> {
        let found = node
            .inputs
            .get(place)
            .and_then(|name| self.constant(name))
            .filter(|array| array.floats().is_some());
        found.ok_or_else(|| Error::message(format!("its input {} is no constant of floats", place + 1)))
    }

    /// As `floats`, for an input that may be missing.
    pub fn optional(&self, node: &Node, place: usize) -> Result<Option<Array>> {
        match node.inputs.get(place) {
            Some(name) if !name.is_empty() => self.floats(node, place).map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// Adds a layer and returns its output, which has this shape and order of axes.
    pub fn push(
        &mut self,
        class: &str,
        arguments: Vec<Argument>,
        inputs: &[usize],
        shape: Vec<usize>,
        order: Order,
    ) -> Tensor {
        self.layers.push(Layer {
            class: class.to_owned(),
            arguments,
            name: None,
            inputs: inputs.to_vec(),
            place: String::new(),
        });
        Tensor {
            layer: self.layers.len() - 1,
            order,
            shape,
            flattened: None,
        }
    }

    /// Adds a layer whose output has the shape of its input.
    pub fn layer(&mut self, class: &str, arguments: Vec<Argument>, node: &Node, place: usize) -> Result<Tensor> {
        let input = self.input(node, place)?;
        let made = self.push(class, arguments, &[input.layer], input.shape.clone(), input.order);
        Ok(Tensor {
            flattened: input.flattened,
            ..made
        })
    }

    /// Adds a layer that merges several tensors.
    pub fn merged(&mut self, class: &str, inputs: &[Tensor], shape: Vec<usize>) -> Tensor {
        let taken: Vec<usize> = inputs.iter().map(|input| input.layer).collect();
        let (order, flattened) = inputs
            .first()
            .map_or((Order::Last, None), |first| (first.order, first.flattened));
        let made = self.push(class, Vec::new(), &taken, shape, order);
        Tensor { flattened, ..made }
    }

    /// Adds rows and columns of zeros around a picture.
    pub fn padding(&mut self, input: &Tensor, sides: [(usize, usize); 2]) -> Tensor {
        let pair = |(before, after): (usize, usize)| {
            Literal::Tuple(vec![Literal::Int(before as i64), Literal::Int(after as i64)])
        };
        let mut shape = input.shape.clone();
        for (size, (before, after)) in shape.iter_mut().zip(sides) {
            *size = size.saturating_add(before).saturating_add(after);
        }
        let argument = Argument::placed(Literal::Tuple(sides.map(pair).to_vec()));
        self.push("ZeroPadding2D", vec![argument], &[input.layer], shape, input.order)
    }

    /// The tensor as a single axis, by a `Flatten` where it has several.
    pub fn flat(&mut self, input: &Tensor) -> Tensor {
        if input.shape.len() == 1 {
            return input.clone();
        }
        let all = input.shape.iter().product();
        let channels = input.channels();
        let places = input.shape.iter().rev().skip(1).product();
        let made = self.push("Flatten", Vec::new(), &[input.layer], vec![all], Order::Last);
        let turned = input.order == Order::First && places > 1;
        Tensor {
            flattened: turned.then_some(Flattened { places, channels }),
            ..made
        }
    }

    /// Records the values of a variable.
    pub fn weight(&mut self, layer: usize, variable: &'static str, shape: Vec<usize>, values: Vec<f32>) {
        self.weights.push(Weight {
            layer,
            variable,
            shape,
            values,
        });
    }

    /// Records the values of a layer's bias, if there is one; an error unless there is one for each output.
    pub fn bias(&mut self, layer: usize, bias: Option<Array>, outputs: usize) -> Result<()> {
        let Some(bias) = bias else { return Ok(()) };
        let values = bias.floats().unwrap_or_default().to_vec();
        if values.len() != outputs {
            return Err(Error::message("its bias has not a number for each output"));
        }
        self.weight(layer, "bias", vec![outputs], values);
        Ok(())
    }

    /// Takes a constant that is added to a product without a bias as its bias, or to a product with factors as what is added to
    /// it; `None` where that is not possible.
    pub fn with_added_bias(&mut self, tensor: &Tensor, node: &Node, values: &[f32]) -> Option<Tensor> {
        let mut taken = node.inputs.iter().filter(|name| self.tensors.contains_key(*name));
        let alone = taken.all(|name| self.uses.get(name.as_str()) == Some(&1));
        if node.operator != "Add" || !alone || values.len() != tensor.channels() {
            return None;
        }
        let layer = self.layers.get_mut(tensor.layer)?;
        match layer.class.as_str() {
            "Dense" => {
                let bare = layer.arguments.iter().position(|argument| argument.is("use_bias"))?;
                layer.arguments.remove(bare);
                self.weight(tensor.layer, "bias", vec![values.len()], values.to_vec());
            }
            // That of factors alone has no arguments, and nothing added.
            "BatchNormalization" if layer.arguments.is_empty() => {
                let own = |weight: &&mut Weight| weight.layer == tensor.layer && weight.variable == "beta";
                let beta = self.weights.iter_mut().find(own)?;
                if beta.values.iter().any(|&value| value != 0.0) {
                    return None;
                }
                beta.values = values.to_vec();
            }
            _ => return None,
        }
        Some(tensor.clone())
    }

    /// The layers that the output depends on, the output last, and their weights.
    pub fn ordered(self, output: usize) -> (Vec<Layer>, Vec<Weight>) {
        let mut needed = BTreeSet::new();
        let mut open = vec![output];
        while let Some(place) = open.pop() {
            if needed.insert(place) {
                open.extend(
                    self.layers
                        .get(place)
                        .into_iter()
                        .flat_map(|layer| layer.inputs.iter().copied()),
                );
            }
        }
        let order: Vec<usize> = needed
            .into_iter()
            .filter(|&place| place != output)
            .chain([output])
            .collect();
        let new: HashMap<usize, usize> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let moved = |place: &usize| new.get(place).copied();
        let layers = order.iter().filter_map(|&old| self.layers.get(old)).map(|layer| Layer {
            inputs: layer.inputs.iter().filter_map(moved).collect(),
            ..layer.clone()
        });
        let layers = layers.collect();
        let weights = self.weights.into_iter().filter_map(|weight| {
            let layer = moved(&weight.layer)?;
            Some(Weight { layer, ..weight })
        });
        (layers, weights.collect())
    }
}

/// An error with this message.
pub fn says(what: impl Into<String>) -> Error {
    Error::message(what)
}

/// Two sizes as a tuple, such as `(3, 3)`.
pub fn pair((first, second): (usize, usize)) -> Literal {
    Literal::Tuple(vec![Literal::Int(first as i64), Literal::Int(second as i64)])
}

/// A float32 as the shortest decimal that gives the same number.
pub fn float(value: f32) -> Literal {
    Literal::Float(value.to_string().parse().unwrap_or(f64::from(value)))
}
