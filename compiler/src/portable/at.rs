//! What a layer sees while it lowers itself to portable operations.

use super::graph::{Graph, Node, Value, Weight};
use super::ids::{ValueId, WeightId};
use super::op::{Convolution, Merge, Op, Pool};
use crate::activation::ActivationFunction;
use crate::call::sizes::Sides;
use crate::ops::PoolKind;
use crate::shape::Shape;
use crate::window::{Grid, Sliding};

/// A shape in Keras's order, and its numbers with the last axis innermost.
pub(super) type Numbers = (Vec<usize>, Vec<f32>);

/// A layer's place in the graph in the making.
pub struct At<'a> {
    pub(super) graph: &'a mut Graph,
    pub(super) layer: &'a str,
    /// The name of the layer whose variables it uses: its own, unless it is a layer applied again.
    pub(super) owner: &'a str,
    pub(super) inputs: Vec<ValueId>,
    pub(super) shape: &'a Shape,
    /// Looks up a variable's numbers in Keras's order, by `LAYER.VARIABLE`.
    pub(super) variables: &'a dyn Fn(&str) -> Option<Numbers>,
}

impl At<'_> {
    /// The tensor of the network's samples.
    pub fn sample(&self) -> ValueId {
        self.graph.input
    }

    /// The layer's first input; the samples where it has none.
    pub fn input(&self) -> ValueId {
        self.inputs.first().copied().unwrap_or(self.graph.input)
    }

    /// The layer's inputs, in order.
    pub fn inputs(&self) -> Vec<ValueId> {
        self.inputs.clone()
    }

    /// The shape of the layer's first input.
    pub fn input_shape(&self) -> Shape {
        self.shape_of(self.input()).clone()
    }

    /// The shape of one sample of a tensor of the graph.
    pub fn shape_of(&self, value: ValueId) -> &Shape {
        self.graph.shape(value)
    }

    /// The shape of the layer's output.
    pub fn shape(&self) -> Shape {
        self.shape.clone()
    }

    /// Adds one of the layer's variables to the graph's constants, in Keras's shape; None where the layer has none of that name.
    pub fn variable(&mut self, name: &str) -> Option<WeightId> {
        let (shape, values) = self.values(name)?;
        Some(self.constant(name, shape, values))
    }

    /// Adds one of the layer's variables to the graph's constants in another shape; None also where the number of values differs.
    pub fn variable_as(&mut self, name: &str, shape: Vec<usize>) -> Option<WeightId> {
        let (_, values) = self.values(name)?;
        (values.len() == shape.iter().product::<usize>()).then(|| self.constant(name, shape, values))
    }

    /// A variable's shape and numbers, without adding them to the graph.
    pub fn values(&self, name: &str) -> Option<(Vec<usize>, Vec<f32>)> {
        (self.variables)(&format!("{}.{name}", self.owner))
    }

    /// Adds numbers that the layer has made itself to the graph's constants.
    pub fn constant(&mut self, name: &str, shape: Vec<usize>, values: Vec<f32>) -> WeightId {
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        self.graph.weights.push(Weight {
            name: format!("{}.{name}", self.layer),
            shape,
            values,
        });
        WeightId(self.graph.weights.len() - 1)
    }

    /// Appends an operation; `shape` is that of its output. Returns the output.
    pub fn push(&mut self, op: Op, inputs: Vec<ValueId>, shape: Shape) -> ValueId {
        let output = ValueId(self.graph.values.len());
        self.graph.values.push(Value {
            name: self.layer.to_owned(),
            shape,
        });
        self.graph.nodes.push(Node { op, inputs, output });
        output
    }

    /// Applies the function to each number, or a softmax to each row; returns `value` itself for `linear`.
    pub fn activated(&mut self, function: ActivationFunction, value: ValueId) -> ValueId {
        let shape = self.shape_of(value).clone();
        match function {
            ActivationFunction::Linear => value,
            ActivationFunction::Softmax => self.push(Op::Softmax, vec![value], shape),
            ActivationFunction::Relu { .. }
            | ActivationFunction::Sigmoid
            | ActivationFunction::Tanh
            | ActivationFunction::Elu { .. }
            | ActivationFunction::Selu
            | ActivationFunction::Softplus
            | ActivationFunction::Softsign
            | ActivationFunction::Silu
            | ActivationFunction::Gelu
            | ActivationFunction::HardSigmoid
            | ActivationFunction::Exponential => self.push(Op::Activation(function), vec![value], shape),
        }
    }

    /// The same numbers in another shape; `value` itself where it has that shape.
    pub fn reshaped(&mut self, value: ValueId, shape: Shape) -> ValueId {
        if *self.shape_of(value) == shape {
            return value;
        }
        self.push(Op::Reshape, vec![value], shape)
    }

    /// Appends the layer's convolution of `value`. `kernel` has the shape `(height, width, inputs / groups, outputs)`.
    pub fn convolved(
        &mut self,
        value: ValueId,
        kernel: WeightId,
        bias: Option<WeightId>,
        grid: Grid,
        groups: usize,
    ) -> ValueId {
        let outputs = self.graph.weight(kernel).shape.last().copied().unwrap_or(1);
        let (vertical, horizontal) = (grid.vertical, grid.horizontal);
        let op = Op::Convolution(Convolution {
            kernel,
            bias,
            strides: (vertical.stride, horizontal.stride),
            dilation: (vertical.dilation, horizontal.dilation),
            groups,
            pads: pads(grid),
        });
        self.push(op, vec![value], Shape::map(vertical.output, horizontal.output, outputs))
    }

    /// Appends a pooling of an image's windows.
    pub fn pooled(&mut self, kind: PoolKind, value: ValueId, grid: Grid) -> ValueId {
        let (vertical, horizontal) = (grid.vertical, grid.horizontal);
        let channels = self.shape_of(value).channels();
        let op = Op::Pool(Pool {
            kind,
            size: (vertical.size, horizontal.size),
            strides: (vertical.stride, horizontal.stride),
            pads: pads(grid),
        });
        let shape = Shape::map(vertical.output, horizontal.output, channels);
        self.push(op, vec![value], shape)
    }

    /// Appends `x scale + shift`, with a number of each for every channel, or one for all of them.
    pub fn affine(&mut self, value: ValueId, scale: Vec<f32>, shift: Vec<f32>) -> ValueId {
        let shape = self.shape_of(value).clone();
        let channels = shape.channels();
        let spread = |values: Vec<f32>| match *values.as_slice() {
            [only] => vec![only; channels],
            _ => values,
        };
        let scale = self.constant("scale", vec![channels], spread(scale));
        let shift = self.constant("shift", vec![channels], spread(shift));
        self.push(Op::Affine { scale, shift }, vec![value], shape)
    }

    /// Merges all inputs from the left; None where the layer has no input.
    pub fn merged(&mut self, merge: Merge) -> Option<ValueId> {
        let mut inputs = self.inputs().into_iter();
        let mut left = inputs.next()?;
        for right in inputs {
            let sizes = self.shape_of(left).sizes().iter().zip(self.shape_of(right).sizes());
            let shape: Vec<usize> = sizes.map(|(&left, &right)| left.max(right)).collect();
            left = self.push(Op::Merge(merge), vec![left, right], Shape::new(shape));
        }
        Some(left)
    }
}

/// The zeros around an image that windows read.
fn pads(grid: Grid) -> Sides {
    let of = |axis: Sliding| (axis.pad_before, axis.overhang().saturating_sub(axis.pad_before));
    [of(grid.vertical), of(grid.horizontal)]
}
