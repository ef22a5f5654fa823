//! Portable operations as ONNX's operators.

use super::wire::Attribute;
use super::{Order, Writer};
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Merge, Node, Op, Sets};

impl Writer<'_> {
    /// Writes an operation as the nodes of ONNX that compute it.
    pub(super) fn node(&mut self, node: &Node) {
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
                let kernel = match self.integers_of(op.kernel, &[3, 2, 0, 1], 0) {
                    Some(kernel) => kernel,
                    None => self.weight(op.kernel, &shape, &values),
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
                let kernel = self.weight(op.kernel, &shape, &values);
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
                    None => self.weight(op.kernel, &held.shape, &held.values),
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

/// The window of a kernel of shape `(outputs, inputs, height, width)`.
fn window(shape: &[usize]) -> Attribute {
    Attribute::Ints(shape.iter().skip(2).map(|&size| size as i64).collect())
}

/// Top, left, bottom, right.
fn pads([(top, bottom), (left, right)]: [(usize, usize); 2]) -> Attribute {
    Attribute::Ints([top, left, bottom, right].map(|side| side as i64).to_vec())
}

/// Shape and values with the axes in another order.
fn transposed(shape: &[usize], values: &[f32], order: [usize; 4]) -> (Vec<usize>, Vec<f32>) {
    crate::export::text::transposed(shape, values, &order)
}
