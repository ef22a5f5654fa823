//! The graph: tensors, constants and operations.

use super::ids::{ValueId, WeightId};
use super::op::Op;
use crate::shape::Shape;

/// A tensor that the network takes or makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// Its layer's name, with a part's name behind it where the layer makes several.
    pub name: String,
    /// The shape of one sample.
    pub shape: Shape,
}

/// Numbers that training has fixed.
#[derive(Debug, Clone, PartialEq)]
pub struct Weight {
    /// `LAYER.VARIABLE`
    pub name: String,
    /// Sizes in Keras's order.
    pub shape: Vec<usize>,
    /// As many numbers, the last axis innermost.
    pub values: Vec<f32>,
}

/// An operation with what it takes and makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What is done.
    pub op: Op,
    /// What it takes.
    pub inputs: Vec<ValueId>,
    /// What it makes.
    pub output: ValueId,
}

/// A network for prediction. Nodes stand in an order in which they can be computed.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The model's name.
    pub name: String,
    /// Every tensor.
    pub values: Vec<Value>,
    /// Every constant.
    pub weights: Vec<Weight>,
    /// The operations.
    pub nodes: Vec<Node>,
    /// What it takes, in the network's order.
    pub inputs: Vec<ValueId>,
    /// What it gives, in the network's order.
    pub outputs: Vec<ValueId>,
    /// Each layer's name with its output, in the order of the description; one that does nothing has its input's.
    pub layers: Vec<(String, ValueId)>,
}

impl Graph {
    /// The shape of a tensor.
    pub fn shape(&self, value: ValueId) -> &Shape {
        static EMPTY: std::sync::LazyLock<Shape> = std::sync::LazyLock::new(|| Shape::flat(0));
        self.values.get(value.0).map_or(&*EMPTY, |value| &value.shape)
    }

    /// The name of a tensor.
    pub fn name_of(&self, value: ValueId) -> &str {
        self.values.get(value.0).map_or("", |value| &value.name)
    }

    /// A constant.
    pub fn weight(&self, weight: WeightId) -> &Weight {
        static NONE: Weight = Weight {
            name: String::new(),
            shape: Vec::new(),
            values: Vec::new(),
        };
        self.weights.get(weight.0).unwrap_or(&NONE)
    }

    /// The first of what it takes: the samples, where there is one input.
    pub fn input(&self) -> ValueId {
        self.inputs.first().copied().unwrap_or(ValueId(0))
    }

    /// The first of what it gives: the prediction, where there is one output.
    pub fn output(&self) -> ValueId {
        self.outputs.first().copied().unwrap_or(ValueId(0))
    }

    /// The first thing that a node takes.
    pub fn first(&self, node: &Node) -> ValueId {
        node.inputs.first().copied().unwrap_or(self.input())
    }

    /// How many nodes take a tensor, each of the network's own outputs counted as one.
    pub fn users(&self, value: ValueId) -> usize {
        let taken = self.nodes.iter().flat_map(|node| &node.inputs);
        taken.chain(&self.outputs).filter(|&&taken| taken == value).count()
    }
}
