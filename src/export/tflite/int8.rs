//! Portable operations as TFLite's operators on 8-bit integers, and conversions between integers and floats.

use super::nodes::is_same;
use super::operators::{self, Operator, Options, Padding};
use super::{Kind, Writer, flat::Field};
use crate::export::int8::{Kernel, Params, Quantized};
use crate::export::text::transposed;
use crate::session::{Error, Result};
use compiler::ops::PoolKind;
use compiler::portable::{Convolution, Node, Op, ValueId, WeightId};

impl Writer<'_> {
    /// The tensor of a value in floats; of a value in integers, what they stand for.
    pub(super) fn value(&mut self, value: ValueId) -> i32 {
        if let Some(&tensor) = self.values.get(&value) {
            return tensor;
        }
        let integers = self.integers.get(&value).copied().unwrap_or(0);
        let shape = self.batched(value);
        let floats = self.push(Operator::Dequantize, &[integers], &shape, None);
        self.values.insert(value, floats);
        floats
    }

    /// Records the float tensor of a value; where operations take the value as integers, all of them take it rounded.
    pub(super) fn made(&mut self, value: ValueId, tensor: i32) {
        let Some(params) = self.int8.and_then(|int8| int8.params_of(value)) else {
            self.values.insert(value, tensor);
            return;
        };
        let shape = self.batched(value);
        let integers = self.push_integers(Operator::Quantize, &[tensor], &shape, None, params);
        self.integers.insert(value, integers);
    }

    /// Makes sure that the network's output is in floats.
    pub(super) fn end(&mut self) {
        let _ = self.value(self.graph.output);
    }

    /// Adds a tensor of integers with a scale for each index of an axis, or a single scale.
    fn integer_tensor(
        &mut self,
        shape: &[usize],
        contents: Option<(Kind, Vec<u8>)>,
        scales: &[f32],
        zero: i32,
        axis: i32,
    ) -> i32 {
        let (kind, bytes) = match contents {
            Some((kind, bytes)) => (kind, Some(bytes)),
            None => (Kind::Byte, None),
        };
        let index = self.tensor("", shape, kind, bytes);
        let quantization = vec![
            (2, Field::floats(scales)),
            (3, Field::longs(scales.iter().map(|_| i64::from(zero)))),
            (6, Field::int(axis)),
        ];
        if let Some(fields) = self.tensors.last_mut() {
            fields.push((4, Field::table(quantization)));
        }
        index
    }

    fn push_integers(
        &mut self,
        operator: Operator,
        inputs: &[i32],
        shape: &[usize],
        options: Options,
        params: Params,
    ) -> i32 {
        let output = self.integer_tensor(shape, None, &[params.scale], params.zero, 0);
        self.operators.push((operator, inputs.to_vec(), output, options));
        output
    }

    /// Adds the operators of a node that computes in integers.
    pub(super) fn integer_node(&mut self, int8: &Quantized, node: &Node) -> Result<()> {
        let input = self.graph.first(node);
        let (from, to) = (self.batched(input), self.batched(node.output));
        let Some(params) = int8.params_of(node.output) else {
            return Ok(());
        };
        let x = self.integers.get(&input).copied().unwrap_or(0);
        let push = |own: &mut Self, operator, inputs: &[i32], options| {
            own.push_integers(operator, inputs, &to, options, params)
        };
        let output = match &node.op {
            Op::Convolution(op) => {
                let kernel = self.kernel_of(int8, op.kernel)?;
                self.integer_convolution(op, kernel, x, &from, &to, params)
            }
            Op::Dense(op) => {
                let kernel = self.kernel_of(int8, op.kernel)?;
                let weights = self.integer_kernel(op.kernel, kernel, &[1, 0], 0);
                let bias = self.integer_bias(kernel);
                push(self, Operator::FullyConnected, &[x, weights, bias], operators::dense())
            }
            Op::Pool(op) => {
                let operator = match op.kind {
                    PoolKind::Max => Operator::MaxPool2d,
                    PoolKind::Average => Operator::AveragePool2d,
                };
                let padding = if is_same(&from, &to, op.size, op.strides, (1, 1), op.pads) {
                    Padding::Same
                } else {
                    Padding::Valid
                };
                push(self, operator, &[x], operators::pool(padding, op.strides, op.size))
            }
            Op::GlobalPool(kind) => {
                let axes: Vec<i32> = (1..from.len() as i32 - 1).collect();
                let axes = self.ints(&[axes.len()], &axes);
                let operator = match kind {
                    PoolKind::Max => Operator::ReduceMax,
                    PoolKind::Average => Operator::Mean,
                };
                push(self, operator, &[x, axes], operators::reducer(to.len() > 2))
            }
            Op::Activation(_) if int8.is_idle(node) => x,
            Op::Activation(_) => push(self, Operator::Relu, &[x], None),
            Op::Pad([(top, bottom), (left, right)]) => {
                let sides = [0, 0, *top, *bottom, *left, *right, 0, 0].map(|side| side as i32);
                let sides = self.ints(&[4, 2], &sides);
                push(self, Operator::Pad, &[x, sides], None)
            }
            Op::Crop([(top, _), (left, _)]) => {
                let begin = self.ints(&[4], &[0, *top as i32, *left as i32, 0]);
                let sizes = self.open_sizes(&to);
                push(self, Operator::Slice, &[x, begin, sizes], None)
            }
            Op::Reshape => {
                let sizes = self.open_sizes(&to);
                push(self, Operator::Reshape, &[x, sizes], None)
            }
            Op::Permute(order) => {
                let order: Vec<i32> = std::iter::once(0)
                    .chain(order.iter().map(|&axis| axis as i32 + 1))
                    .collect();
                let order = self.ints(&[order.len()], &order);
                push(self, Operator::Transpose, &[x, order], None)
            }
            Op::Concatenate(axis) => {
                // All parts at the scale of the whole.
                let parts: Vec<i32> = node
                    .inputs
                    .iter()
                    .map(|part| {
                        let tensor = self.integers.get(part).copied().unwrap_or(0);
                        if int8.params_of(*part) == Some(params) {
                            return tensor;
                        }
                        let shape = self.batched(*part);
                        self.push_integers(Operator::Quantize, &[tensor], &shape, None, params)
                    })
                    .collect();
                push(
                    self,
                    Operator::Concatenation,
                    &parts,
                    operators::concatenation(axis + 1),
                )
            }
            Op::Merge(_) => {
                let parts: Vec<i32> = node
                    .inputs
                    .iter()
                    .map(|part| self.integers.get(part).copied().unwrap_or(0))
                    .collect();
                push(self, Operator::Add, &parts, None)
            }
            // Those that compute in floats; the rules have no others.
            Op::ConvolutionTranspose(_)
            | Op::Affine { .. }
            | Op::Normalize { .. }
            | Op::Prelu { .. }
            | Op::Softmax
            | Op::Resize(_) => return self.node(node),
        };
        self.integers.insert(node.output, output);
        Ok(())
    }

    /// Adds a constant with a shape whose first size is left open.
    fn open_sizes(&mut self, shape: &[usize]) -> i32 {
        let sizes = shape.iter().skip(1).map(|&size| size as i32);
        let sizes: Vec<i32> = std::iter::once(-1).chain(sizes).collect();
        self.ints(&[sizes.len()], &sizes)
    }

    fn kernel_of<'q>(&self, int8: &'q Quantized, kernel: WeightId) -> Result<&'q Kernel> {
        let name = &self.graph.weight(kernel).name;
        let found = int8.kernels.get(&kernel);
        found.ok_or_else(|| Error::message(format!("{name} has no integers")))
    }

    /// Adds a kernel of integers with its axes in another order; `outputs` is the new index of the outputs' axis.
    fn integer_kernel(&mut self, kernel: WeightId, made: &Kernel, order: &[usize], outputs: i32) -> i32 {
        let held = self.graph.weight(kernel);
        let values: Vec<f32> = made.values.iter().map(|&value| f32::from(value)).collect();
        let (shape, values) = transposed(&held.shape, &values, order);
        let bytes = values.iter().map(|&value| (value as i8).cast_unsigned()).collect();
        self.integer_tensor(&shape, Some((Kind::Byte, bytes)), &made.scales, 0, outputs)
    }

    fn integer_bias(&mut self, made: &Kernel) -> i32 {
        let bytes = made.bias.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.integer_tensor(&[made.bias.len()], Some((Kind::Int, bytes)), &made.bias_scales, 0, 0)
    }

    fn integer_convolution(
        &mut self,
        op: &Convolution,
        made: &Kernel,
        x: i32,
        from: &[usize],
        to: &[usize],
        params: Params,
    ) -> i32 {
        let window = self.window(op.kernel);
        let (inputs, outputs) = (from.last().copied().unwrap_or(1), to.last().copied().unwrap_or(1));
        let same = is_same(from, to, window, op.strides, op.dilation, op.pads);
        let [(top, bottom), (left, right)] = op.pads;
        let (padding, x) = if same {
            (Padding::Same, x)
        } else if top + bottom + left + right == 0 {
            (Padding::Valid, x)
        } else {
            let more = [0, top + bottom, left + right, 0];
            let shape: Vec<usize> = from.iter().zip(more).map(|(size, more)| size + more).collect();
            let sides = [0, 0, top, bottom, left, right, 0, 0].map(|side| side as i32);
            let sides = self.ints(&[4, 2], &sides);
            // A border of zeros is of the same numbers.
            let own = self.scale_of(x).unwrap_or(params);
            (
                Padding::Valid,
                self.push_integers(Operator::Pad, &[x, sides], &shape, None, own),
            )
        };
        if op.groups == inputs && op.groups > 1 {
            // (height, width, 1, outputs) lies as (1, height, width, outputs) does.
            let bytes = made.values.iter().map(|value| value.cast_unsigned()).collect();
            let shape = [1, window.0, window.1, outputs];
            let kernel = self.integer_tensor(&shape, Some((Kind::Byte, bytes)), &made.scales, 0, 3);
            let bias = self.integer_bias(made);
            let options = operators::depthwise(padding, op.strides, op.dilation, outputs / inputs);
            return self.push_integers(Operator::DepthwiseConv2d, &[x, kernel, bias], to, options, params);
        }
        let kernel = self.integer_kernel(op.kernel, made, &[3, 0, 1, 2], 0);
        let bias = self.integer_bias(made);
        let options = operators::convolution(padding, op.strides, op.dilation);
        self.push_integers(Operator::Conv2d, &[x, kernel, bias], to, options, params)
    }

    /// The numbers that the integers of a tensor stand for; `None` for floats.
    fn scale_of(&self, tensor: i32) -> Option<Params> {
        let int8 = self.int8?;
        let value = self.integers.iter().find(|(_, held)| **held == tensor)?.0;
        int8.params_of(*value)
    }
}
