//! The layers of the draft, and what is known of the tensors between them.

use super::model::{Array, Graph, Node};
use super::order::{Flattened, Order, channels_first};
use crate::import::draft::Layer;
use crate::import::literal::{Argument, Literal};
use crate::session::{Error, Result};
use std::collections::HashMap;

/// The values of a variable; `layer` is the index of its layer in the draft.
pub struct Weight {
    pub layer: usize,
    pub variable: &'static str,
    pub shape: Vec<usize>,
    pub values: Vec<f32>,
}

/// What a layer gives.
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
    pub graph: &'a Graph,
    pub tensors: HashMap<String, Tensor>,
    kept: HashMap<String, Array>,
    pub layers: Vec<Layer>,
    pub weights: Vec<Weight>,
    uses: HashMap<&'a str, usize>,
    /// The first layer with each set of weights, by their names.
    owners: HashMap<String, usize>,
    /// How many numbers weights may still have.
    room: usize,
    /// Whether a tensor or the weights are larger than they may be.
    pub is_too_large: bool,
}

/// The largest size of a tensor's axis: far more than a description may have.
const LARGEST: usize = 1 << 24;
/// How many numbers weights may have beside those of the file, which nodes may share.
const SPARE: usize = 1 << 20;

/// How many numbers a shape has; what cannot be counted is as many as there can be.
pub fn elements<'s>(sizes: impl IntoIterator<Item = &'s usize>) -> usize {
    sizes.into_iter().fold(1, |all: usize, &size| all.saturating_mul(size))
}

impl<'a> Builder<'a> {
    /// Starts with the input of the graph.
    pub fn new(graph: &'a Graph) -> Result<Self> {
        if graph.inputs.is_empty() {
            return Err(Error::message("the graph takes nothing"));
        }
        let mut uses: HashMap<&str, usize> = HashMap::new();
        for input in graph.nodes.iter().flat_map(|node| &node.inputs) {
            *uses.entry(input).or_default() += 1;
        }
        let mut builder = Self {
            graph,
            tensors: HashMap::new(),
            kept: HashMap::new(),
            layers: Vec::new(),
            weights: Vec::new(),
            uses,
            owners: HashMap::new(),
            room: graph.constants.values().fold(SPARE, |room: usize, array| {
                room.saturating_add(elements(&array.shape).saturating_mul(4))
            }),
            is_too_large: false,
        };
        for (name, sizes) in &graph.inputs {
            builder.begin(name, sizes)?;
        }
        Ok(builder)
    }

    /// An input; of several each has its name.
    fn begin(&mut self, name: &str, sizes: &[i64]) -> Result<()> {
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
        let order = if sizes.len() == 3 && channels_first(self.graph, name, &sizes) {
            Order::First
        } else {
            Order::Last
        };
        let shape = match (order, sizes.as_slice()) {
            (Order::First, &[channels, height, width]) => vec![height, width, channels],
            _ => sizes,
        };
        let literal = Literal::Tuple(shape.iter().map(|&size| Literal::Int(size as i64)).collect());
        let input = self.push("Input", vec![Argument::named("shape", literal)], &[], shape, order);
        if self.graph.inputs.len() > 1 {
            self.call(input.layer, name);
        }
        self.tensors.insert(name.to_owned(), input);
        Ok(())
    }

    /// Gives a layer a name.
    pub fn call(&mut self, layer: usize, name: &str) {
        if let Some(layer) = self.layers.get_mut(layer) {
            layer.name = Some(plain(name));
        }
    }

    /// Adds a layer with weights of those names; where an earlier layer of the kind has them, it is that one, applied again.
    pub fn push_weighted(
        &mut self,
        weights: &[&str],
        (class, arguments): (&str, Vec<Argument>),
        inputs: &[usize],
        shape: Vec<usize>,
        order: Order,
    ) -> Tensor {
        let key = format!("{class} {}", weights.join(" "));
        let owner = self.owners.get(&key).copied();
        let same = |layer: &Layer| layer.class == class && layer.arguments == arguments;
        let owner = owner.filter(|&owner| self.layers.get(owner).is_some_and(same));
        let made = self.push(class, arguments, inputs, shape, order);
        match (owner, self.layers.get_mut(made.layer)) {
            (Some(owner), Some(layer)) => {
                layer.arguments.clear();
                layer.again = Some(owner);
            }
            (_, _) => {
                self.owners.insert(key, made.layer);
            }
        }
        made
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
        found.ok_or_else(|| Error::message(format!("its input {} is not a constant of floats", place + 1)))
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
        self.is_too_large |= shape.iter().any(|&size| size > LARGEST);
        let shape = shape.into_iter().map(|size| size.min(LARGEST)).collect();
        self.layers.push(Layer {
            inputs: inputs.to_vec(),
            ..Layer::new(class, arguments)
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
        let all = elements(&input.shape);
        let channels = input.channels();
        let places = elements(input.shape.iter().rev().skip(1));
        let made = self.push("Flatten", Vec::new(), &[input.layer], vec![all], Order::Last);
        let turned = input.order == Order::First && places > 1;
        Tensor {
            flattened: turned.then_some(Flattened { places, channels }),
            ..made
        }
    }

    /// Records the values of a variable.
    pub fn weight(&mut self, layer: usize, variable: &'static str, shape: Vec<usize>, values: Vec<f32>) {
        if self.layers.get(layer).is_some_and(|layer| layer.again.is_some()) {
            return;
        }
        let Some(room) = self.room.checked_sub(values.len()) else {
            self.is_too_large = true;
            return;
        };
        self.room = room;
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
            return Err(Error::message("its bias does not have one number for each output"));
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
}

/// A name as a description can have it.
fn plain(name: &str) -> String {
    let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
    let name: String = name.chars().map(plain).collect();
    if name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        name
    } else {
        format!("x{name}")
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
