//! The graph: its tensors, constants and operations.

use super::ids::{ValueId, WeightId};
use super::op::Op;
use crate::shape::Shape;

/// A tensor that an operation takes or makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The layer's name, followed by a part's name where the layer makes several tensors.
    pub name: String,
    /// The shape of one sample.
    pub shape: Shape,
}

/// A constant of the graph, trained or computed from trained ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// The layer's and the variable's name, joined by a dot: `conv2d.kernel`.
    pub name: String,
    /// The sizes of the axes, in Keras's order.
    pub shape: Vec<usize>,
    /// The numbers, with the last axis innermost.
    pub values: Vec<f32>,
}

/// An operation with its inputs and its output.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The operation, with its constants.
    pub op: Op,
    /// The tensors that it takes, in order.
    pub inputs: Vec<ValueId>,
    /// The tensor that it makes.
    pub output: ValueId,
}

/// A network for prediction. Nodes stand in an order in which they can be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The name that the description gives the model.
    pub name: String,
    /// All tensors, by the numbers that nodes know them by.
    pub values: Vec<Value>,
    /// All constants, by the numbers that operations know them by.
    pub weights: Vec<Weight>,
    /// The operations, inputs before users.
    pub nodes: Vec<Node>,
    /// The tensor of the samples.
    pub input: ValueId,
    /// The tensor of the network's output.
    pub output: ValueId,
    /// The name and the output of each layer, in the order of the description; a layer that does nothing has its
    /// input as its output.
    pub layers: Vec<(String, ValueId)>,
}

impl Graph {
    /// The shape of one sample of a tensor.
    pub fn shape(&self, value: ValueId) -> &Shape {
        static EMPTY: std::sync::LazyLock<Shape> = std::sync::LazyLock::new(|| Shape::flat(0));
        self.values.get(value.0).map_or(&*EMPTY, |value| &value.shape)
    }

    /// The name of a tensor; empty where there is no such tensor.
    pub fn name_of(&self, value: ValueId) -> &str {
        self.values.get(value.0).map_or("", |value| &value.name)
    }

    /// The constant with this number; an empty one where there is none.
    pub fn weight(&self, weight: WeightId) -> &Weight {
        static NONE: Weight = Weight {
            name: String::new(),
            shape: Vec::new(),
            values: Vec::new(),
        };
        self.weights.get(weight.0).unwrap_or(&NONE)
    }

    /// The first input of a node; the samples where it has none.
    pub fn first(&self, node: &Node) -> ValueId {
        node.inputs.first().copied().unwrap_or(self.input)
    }

    /// How many nodes take a tensor; the network's own output counts as one more.
    pub fn users(&self, value: ValueId) -> usize {
        let taken = self.nodes.iter().flat_map(|node| &node.inputs);
        taken.filter(|&&taken| taken == value).count() + usize::from(self.output == value)
    }
}
