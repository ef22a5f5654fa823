//! Portable operations as TFLite's operators.

use super::Writer;
use super::operators::{self, Operator, Padding};
use crate::export::text::transposed;
use crate::session::{Error, Result};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Convolution, ConvolutionTranspose, Merge, Node, Op, Sets, WeightId};
use compiler::window::{self, Sliding};

/// Rows before and after, columns before and after.
type Sides = [(usize, usize); 2];

impl Writer<'_> {
    /// Adds the operators of a node.
    pub(super) fn node(&mut self, node: &Node) -> Result<()> {
        let graph = self.graph;
        let input = graph.first(node);
        let (from, to) = (self.batched(input), self.batched(node.output));
        let x = self.value(input);
        let output = match &node.op {
            Op::Convolution(op) => self.convolution(op, x, &from, &to),
            Op::ConvolutionTranspose(op) => {
                self.convolution_transpose(op, x, &from, &to, graph.name_of(node.output))?
            }
            Op::Dense(op) => {
                let kernel = self.moved(op.kernel, &[1, 0]);
                let bias = self.bias(op.bias, to.last().copied().unwrap_or(1));
                self.push(Operator::FullyConnected, &[x, kernel, bias], &to, operators::dense())
            }
            Op::Pool(op) => {
                let operator = match op.kind {
                    PoolKind::Max => Operator::MaxPool2d,
                    PoolKind::Average => Operator::AveragePool2d,
                };
                // A pool's padding is Keras's own, "same" or none.
                let padding = if is_same(&from, &to, op.size, op.strides, (1, 1), op.pads) {
                    Padding::Same
                } else {
                    Padding::Valid
                };
                self.push(operator, &[x], &to, operators::pool(padding, op.strides, op.size))
            }
            Op::GlobalPool(kind) => {
                let axes: Vec<i32> = (1..from.len() as i32 - 1).collect();
                let axes = self.ints(&[axes.len()], &axes);
                let operator = match kind {
                    PoolKind::Max => Operator::ReduceMax,
                    PoolKind::Average => Operator::Mean,
                };
                self.push(operator, &[x, axes], &to, operators::reducer(to.len() > 2))
            }
            Op::Affine { scale, shift } => {
                let (scale, shift) = (self.weight(*scale), self.weight(*shift));
                let scaled = self.push(Operator::Mul, &[x, scale], &to, None);
                self.push(Operator::Add, &[scaled, shift], &to, None)
            }
            Op::Normalize {
                sets,
                epsilon,
                gamma,
                beta,
            } => {
                let normal = self.normalized(*sets, *epsilon, x, &to);
                let (gamma, beta) = (self.weight(*gamma), self.weight(*beta));
                let scaled = self.push(Operator::Mul, &[normal, gamma], &to, None);
                self.push(Operator::Add, &[scaled, beta], &to, None)
            }
            Op::Activation(function) => self.activation(*function, x, &to),
            Op::Prelu { alpha } => {
                let alpha = self.weight(*alpha);
                self.push(Operator::Prelu, &[x, alpha], &to, None)
            }
            Op::Softmax => self.push(Operator::Softmax, &[x], &to, operators::softmax()),
            Op::Pad(sides) => self.padded(x, *sides, &to),
            Op::Crop([(top, _), (left, _)]) => self.cut(x, (*top, *left), &to),
            Op::Reshape => self.reshaped(x, &to),
            Op::Permute(order) => {
                let order: Vec<i32> = std::iter::once(0)
                    .chain(order.iter().map(|&axis| axis as i32 + 1))
                    .collect();
                let order = self.ints(&[order.len()], &order);
                self.push(Operator::Transpose, &[x, order], &to, None)
            }
            Op::Concatenate(axis) => {
                let parts: Vec<i32> = node.inputs.iter().map(|&part| self.value(part)).collect();
                self.push(Operator::Concatenation, &parts, &to, operators::concatenation(axis + 1))
            }
            Op::Merge(merge) => {
                let parts: Vec<i32> = node.inputs.iter().map(|&part| self.value(part)).collect();
                let operator = match merge {
                    Merge::Add => Operator::Add,
                    Merge::Multiply => Operator::Mul,
                    Merge::Subtract => Operator::Sub,
                    Merge::Maximum => Operator::Maximum,
                    Merge::Minimum => Operator::Minimum,
                };
                self.push(operator, &parts, &to, None)
            }
            Op::Resize(op) => {
                let size: Vec<i32> = to.iter().skip(1).take(2).map(|&size| size as i32).collect();
                let size = self.ints(&[2], &size);
                let (operator, bilinear) = match op.interpolation {
                    Interpolation::Nearest => (Operator::ResizeNearestNeighbor, false),
                    Interpolation::Bilinear => (Operator::ResizeBilinear, true),
                };
                self.push(operator, &[x, size], &to, operators::resize(bilinear))
            }
        };
        self.made(node.output, output);
        Ok(())
    }

    /// Adds a kernel with its axes in another order.
    fn moved(&mut self, kernel: WeightId, order: &[usize]) -> i32 {
        let held = self.graph.weight(kernel);
        let (shape, values) = transposed(&held.shape, &held.values, order);
        self.floats(&held.name, &shape, &values)
    }

    pub(super) fn window(&self, kernel: WeightId) -> (usize, usize) {
        match *self.graph.weight(kernel).shape {
            [height, width, ..] => (height, width),
            _ => (1, 1),
        }
    }

    fn convolution(&mut self, op: &Convolution, x: i32, from: &[usize], to: &[usize]) -> i32 {
        let window = self.window(op.kernel);
        let (inputs, outputs) = (from.last().copied().unwrap_or(1), to.last().copied().unwrap_or(1));
        let same = is_same(from, to, window, op.strides, op.dilation, op.pads);
        let (padding, x) = if same {
            (Padding::Same, x)
        } else {
            (Padding::Valid, self.bordered(x, op.pads, from))
        };
        let is_depthwise = op.groups == inputs && op.groups > 1;
        let bias = |writer: &mut Self| writer.bias(op.bias, outputs);
        if is_depthwise {
            // (height, width, 1, outputs) lies as (1, height, width, outputs) does.
            let held = self.graph.weight(op.kernel);
            let kernel = self.floats(&held.name, &[1, window.0, window.1, outputs], &held.values);
            let bias = bias(self);
            let options = operators::depthwise(padding, op.strides, op.dilation, outputs / inputs);
            return self.push(Operator::DepthwiseConv2d, &[x, kernel, bias], to, options);
        }
        let kernel = self.moved(op.kernel, &[3, 0, 1, 2]);
        let bias = bias(self);
        let options = operators::convolution(padding, op.strides, op.dilation);
        self.push(Operator::Conv2d, &[x, kernel, bias], to, options)
    }

    /// Adds a transposed convolution: the operator computes everything that the windows reach, of which the output is a part.
    fn convolution_transpose(
        &mut self,
        op: &ConvolutionTranspose,
        x: i32,
        from: &[usize],
        to: &[usize],
        layer: &str,
    ) -> Result<i32> {
        if op.dilation != (1, 1) {
            return Err(Error::message(format!(
                "layer {layer}: TFLite has no transposed convolution with dilation_rate {:?}",
                op.dilation
            ))
            .with_help("--to onnx has one"));
        }
        let kernel = self.moved(op.kernel, &[2, 0, 1, 3]);
        let window = self.window(op.kernel);
        let size = |sizes: &[usize], axis: usize| sizes.get(axis).copied().unwrap_or(1);
        let whole = |axis: usize, stride: usize, window: usize, before: usize| {
            let reached = (size(from, axis) - 1) * stride + window;
            reached.max(before + size(to, axis))
        };
        let shape = [
            1,
            whole(1, op.strides.0, window.0, op.before.0),
            whole(2, op.strides.1, window.1, op.before.1),
            size(to, 3),
        ];
        let sizes = self.ints(&[4], &shape.map(|size| size as i32));
        let options = operators::transposed(Padding::Valid, op.strides);
        let made = self.push(Operator::TransposeConv, &[sizes, kernel, x], &shape, options);
        let made = if shape == *to {
            made
        } else {
            self.cut(made, op.before, to)
        };
        Ok(match op.bias {
            Some(bias) => {
                let bias = self.weight(bias);
                self.push(Operator::Add, &[made, bias], to, None)
            }
            None => made,
        })
    }

    /// Adds zeros around an image, unless there are none to add.
    fn bordered(&mut self, x: i32, pads: Sides, from: &[usize]) -> i32 {
        let [(top, bottom), (left, right)] = pads;
        if top + bottom + left + right == 0 {
            return x;
        }
        let more = [0, top + bottom, left + right, 0];
        let shape: Vec<usize> = from.iter().zip(more).map(|(size, more)| size + more).collect();
        self.padded(x, pads, &shape)
    }

    fn padded(&mut self, x: i32, [(top, bottom), (left, right)]: Sides, to: &[usize]) -> i32 {
        let sides = [0, 0, top, bottom, left, right, 0, 0].map(|side| side as i32);
        let sides = self.ints(&[4, 2], &sides);
        self.push(Operator::Pad, &[x, sides], to, None)
    }

    /// Adds an operator that cuts a part out of an image, with this corner and shape.
    fn cut(&mut self, x: i32, (top, left): (usize, usize), to: &[usize]) -> i32 {
        let begin = self.ints(&[4], &[0, top as i32, left as i32, 0]);
        let sizes: Vec<i32> = std::iter::once(-1)
            .chain(to.iter().skip(1).map(|&size| size as i32))
            .collect();
        let sizes = self.ints(&[4], &sizes);
        self.push(Operator::Slice, &[x, begin, sizes], to, None)
    }

    fn reshaped(&mut self, x: i32, to: &[usize]) -> i32 {
        let sizes: Vec<i32> = std::iter::once(-1)
            .chain(to.iter().skip(1).map(|&size| size as i32))
            .collect();
        let sizes = self.ints(&[sizes.len()], &sizes);
        self.push(Operator::Reshape, &[x, sizes], to, None)
    }

    /// Adds the normalization to mean 0 and variance 1 in each set; sets are rows and columns of (positions, groups, channels of
    /// a group).
    fn normalized(&mut self, sets: Sets, epsilon: f32, x: i32, to: &[usize]) -> i32 {
        let channels = to.last().copied().unwrap_or(1);
        let positions = to.iter().product::<usize>() / channels.max(1);
        let (groups, axes) = match sets {
            Sets::Positions => (1, vec![3]),
            Sets::Groups(groups) => (groups, vec![1, 3]),
        };
        let shape = [1, positions, groups, channels / groups.max(1)];
        let folded = match sets {
            Sets::Positions => [1, positions, 1, 1],
            Sets::Groups(groups) => [1, 1, groups, 1],
        };
        let x = self.reshaped(x, &shape);
        let axes = self.ints(&[axes.len()], &axes);
        let mean = self.push(Operator::Mean, &[x, axes], &folded, operators::reducer(true));
        let distance = self.push(Operator::Sub, &[x, mean], &shape, None);
        let square = self.push(Operator::Mul, &[distance, distance], &shape, None);
        let variance = self.push(Operator::Mean, &[square, axes], &folded, operators::reducer(true));
        let variance = self.by(Operator::Add, variance, epsilon, &folded);
        let factor = self.push(Operator::Rsqrt, &[variance], &folded, None);
        let normal = self.push(Operator::Mul, &[distance, factor], &shape, None);
        self.reshaped(normal, to)
    }
}

/// Whether this padding is the one of TFLite's `SAME`.
pub(super) fn is_same(
    from: &[usize],
    to: &[usize],
    window: (usize, usize),
    strides: (usize, usize),
    dilation: (usize, usize),
    pads: Sides,
) -> bool {
    let along = |axis: usize, window: usize, stride: usize, dilation: usize, pads: (usize, usize)| {
        let (Some(&input), Some(&output)) = (from.get(axis), to.get(axis)) else {
            return false;
        };
        Sliding::along(input, window, stride, dilation, window::Padding::Same).is_some_and(|same| {
            let after = same.overhang().saturating_sub(same.pad_before);
            (same.output, same.pad_before, after) == (output, pads.0, pads.1)
        })
    };
    along(1, window.0, strides.0, dilation.0, pads[0]) && along(2, window.1, strides.1, dilation.1, pads[1])
}
