//! Computes a portable graph in float32, tensor by tensor, so that each can be inspected or rounded.

use crate::export::text::sizes3;
use compiler::activation::ActivationFunction;
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Convolution, ConvolutionTranspose, Graph, Merge, Node, Op, Pool, Sets, ValueId};
use compiler::shape::Shape;

/// The outputs of the graph for one sample, one after another; `row` has its inputs so. `seen` is called with each tensor before it is used, and may change its values.
pub fn run(graph: &Graph, row: &[f32], seen: &mut dyn FnMut(ValueId, &mut [f32])) -> Vec<f32> {
    let mut tensors: Vec<Vec<f32>> = vec![Vec::new(); graph.values.len()];
    let mut put = |value: ValueId, mut numbers: Vec<f32>, tensors: &mut Vec<Vec<f32>>| {
        seen(value, &mut numbers);
        if let Some(tensor) = tensors.get_mut(value.0) {
            *tensor = numbers;
        }
    };
    let mut rest = row;
    for &input in &graph.inputs {
        let (own, behind) = rest
            .split_at_checked(graph.shape(input).elements())
            .unwrap_or((rest, &[]));
        rest = behind;
        put(input, own.to_vec(), &mut tensors);
    }
    for node in &graph.nodes {
        let inputs: Vec<&[f32]> = node
            .inputs
            .iter()
            .map(|input| tensors.get(input.0).map_or(&[][..], Vec::as_slice))
            .collect();
        let made = compute(graph, node, &inputs);
        put(node.output, made, &mut tensors);
    }
    let outputs = graph.outputs.iter().filter_map(|output| tensors.get(output.0));
    outputs.flatten().copied().collect()
}

/// The output of a node for these inputs.
fn compute(graph: &Graph, node: &Node, inputs: &[&[f32]]) -> Vec<f32> {
    let x = inputs.first().copied().unwrap_or_default();
    let (from, to) = (graph.shape(graph.first(node)), graph.shape(node.output));
    let channels = from.channels().max(1);
    let held = |weight: compiler::portable::WeightId| graph.weight(weight).values.as_slice();
    match &node.op {
        Op::Convolution(op) => convolution(graph, op, x, from, to),
        Op::ConvolutionTranspose(op) => transposed(graph, op, x, from, to),
        Op::Dense(op) => {
            let (kernel, units) = (held(op.kernel), to.channels().max(1));
            let mut y = biased(op.bias.map(held), units, from.positions());
            for (row, sums) in x.chunks(channels).zip(y.chunks_mut(units)) {
                for (value, weights) in row.iter().zip(kernel.chunks(units)) {
                    add_scaled(sums, *value, weights);
                }
            }
            y
        }
        Op::Pool(op) => pool(op, x, from, to),
        Op::GlobalPool(kind) => {
            let mut y = match kind {
                PoolKind::Max => x.get(..channels).unwrap_or_default().to_vec(),
                PoolKind::Average => vec![0.0; channels],
            };
            for row in x.chunks(channels) {
                for (sum, value) in y.iter_mut().zip(row) {
                    match kind {
                        PoolKind::Max => *sum = sum.max(*value),
                        PoolKind::Average => *sum += value,
                    }
                }
            }
            if *kind == PoolKind::Average {
                let positions = from.positions().max(1) as f32;
                y.iter_mut().for_each(|sum| *sum /= positions);
            }
            y
        }
        Op::Affine { scale, shift } => {
            let rows = x.chunks(channels);
            let (scale, shift) = (held(*scale), held(*shift));
            rows.flat_map(|row| row.iter().zip(scale.iter().zip(shift)).map(|(x, (a, b))| x * a + b))
                .collect()
        }
        Op::Normalize {
            sets,
            epsilon,
            gamma,
            beta,
        } => normalized(x, channels, *sets, *epsilon, held(*gamma), held(*beta)),
        Op::Activation(function) => x.iter().map(|&x| applied(*function, x)).collect(),
        Op::Prelu { alpha } => {
            let alpha = graph.weight(*alpha);
            let [_, width, depth] = sizes3(to);
            let [ah, aw, ac] = strides(&alpha.shape);
            let slope = |index: usize| {
                let (channel, column, row) = (index % depth, index / depth % width, index / depth / width);
                alpha
                    .values
                    .get(row * ah + column * aw + channel * ac)
                    .copied()
                    .unwrap_or(0.0)
            };
            let numbers = x.iter().enumerate();
            numbers
                .map(|(index, &x)| if x > 0.0 { x } else { x * slope(index) })
                .collect()
        }
        Op::Softmax => x.chunks(channels).flat_map(softmax).collect(),
        Op::Pad([(top, _), (left, _)]) => moved(x, from, to, (*top as isize, *left as isize)),
        Op::Crop([(top, _), (left, _)]) => moved(x, from, to, (-(*top as isize), -(*left as isize))),
        Op::Reshape => x.to_vec(),
        Op::Permute(order) => {
            let (inner, outer) = (row_major(from.sizes()), row_major(to.sizes()));
            (0..to.elements())
                .map(|index| {
                    let place = outer.iter().zip(to.sizes()).zip(order).map(|((stride, size), axis)| {
                        let along = index / (*stride).max(1) % (*size).max(1);
                        along * inner.get(*axis).copied().unwrap_or(0)
                    });
                    x.get(place.sum::<usize>()).copied().unwrap_or(0.0)
                })
                .collect()
        }
        Op::Concatenate(axis) => {
            let after: usize = to.sizes().iter().skip(axis + 1).product();
            let before: usize = to.sizes().iter().take(*axis).product();
            let mut y = Vec::with_capacity(to.elements());
            for block in 0..before {
                for (part, value) in inputs.iter().zip(&node.inputs) {
                    let along = graph.shape(*value).sizes().get(*axis).copied().unwrap_or(1) * after;
                    y.extend_from_slice(part.get(block * along..(block + 1) * along).unwrap_or_default());
                }
            }
            y
        }
        Op::Merge(merge) => {
            let z = inputs.get(1).copied().unwrap_or_default();
            let right = node.inputs.get(1).map_or(from, |right| graph.shape(*right));
            let (left, right) = (strides(from.sizes()), strides(right.sizes()));
            let [_, width, depth] = sizes3(to);
            let at = |numbers: &[f32], strides: [usize; 3], index: usize| {
                let (channel, column, row) = (index % depth, index / depth % width, index / depth / width);
                let place = row * strides[0] + column * strides[1] + channel * strides[2];
                numbers.get(place).copied().unwrap_or(0.0)
            };
            (0..to.elements())
                .map(|index| {
                    let (a, b) = (at(x, left, index), at(z, right, index));
                    match merge {
                        Merge::Add => a + b,
                        Merge::Multiply => a * b,
                        Merge::Subtract => a - b,
                        Merge::Maximum => a.max(b),
                        Merge::Minimum => a.min(b),
                    }
                })
                .collect()
        }
        Op::Resize(op) => resized(x, from, to, op.factors, op.interpolation),
    }
}

/// Rows of sums that start from the bias, or from zeros without one.
fn biased(bias: Option<&[f32]>, outputs: usize, rows: usize) -> Vec<f32> {
    match bias {
        Some(bias) => bias.iter().copied().cycle().take(outputs * rows).collect(),
        None => vec![0.0; outputs * rows],
    }
}

fn add_scaled(sums: &mut [f32], value: f32, weights: &[f32]) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += value * weight;
    }
}

fn convolution(graph: &Graph, op: &Convolution, x: &[f32], from: &Shape, to: &Shape) -> Vec<f32> {
    let kernel = graph.weight(op.kernel);
    let &[rows, columns, inner, outputs] = kernel.shape.as_slice() else {
        return vec![0.0; to.elements()];
    };
    let [height, width, channels] = sizes3(from);
    let [_, across, _] = sizes3(to);
    let [(top, _), (left, _)] = op.pads;
    let bias = op.bias.map(|bias| graph.weight(bias).values.as_slice());
    let mut y = biased(bias, outputs, to.positions());
    let own = outputs / op.groups.max(1);
    for (place, sums) in y.chunks_mut(outputs.max(1)).enumerate() {
        let (i, j) = (place / across.max(1), place % across.max(1));
        for u in 0..rows {
            let Some(row) = (i * op.strides.0 + u * op.dilation.0)
                .checked_sub(top)
                .filter(|&row| row < height)
            else {
                continue;
            };
            for v in 0..columns {
                let column = (j * op.strides.1 + v * op.dilation.1).checked_sub(left);
                let Some(column) = column.filter(|&column| column < width) else {
                    continue;
                };
                let at = (row * width + column) * channels;
                let cell = x.get(at..at + channels).unwrap_or_default();
                let tap = (u * columns + v) * inner;
                for (channel, &value) in cell.iter().enumerate() {
                    let (group, within) = (channel / inner.max(1), channel % inner.max(1));
                    let weights = (tap + within) * outputs + group * own;
                    let weights = kernel.values.get(weights..weights + own).unwrap_or_default();
                    let sums = sums.get_mut(group * own..(group + 1) * own).unwrap_or_default();
                    add_scaled(sums, value, weights);
                }
            }
        }
    }
    y
}

fn transposed(graph: &Graph, op: &ConvolutionTranspose, x: &[f32], from: &Shape, to: &Shape) -> Vec<f32> {
    let kernel = graph.weight(op.kernel);
    let &[rows, columns, outputs, inputs] = kernel.shape.as_slice() else {
        return vec![0.0; to.elements()];
    };
    let ([_, width, _], [tall, across, _]) = (sizes3(from), sizes3(to));
    let bias = op.bias.map(|bias| graph.weight(bias).values.as_slice());
    let mut y = biased(bias, outputs, to.positions());
    for (place, cell) in x.chunks(inputs.max(1)).enumerate() {
        let (i, j) = (place / width.max(1), place % width.max(1));
        for u in 0..rows {
            let row = (i * op.strides.0 + u * op.dilation.0).checked_sub(op.before.0);
            let Some(row) = row.filter(|&row| row < tall) else {
                continue;
            };
            for v in 0..columns {
                let column = (j * op.strides.1 + v * op.dilation.1).checked_sub(op.before.1);
                let Some(column) = column.filter(|&column| column < across) else {
                    continue;
                };
                let at = (row * across + column) * outputs;
                for o in 0..outputs {
                    let weights = ((u * columns + v) * outputs + o) * inputs;
                    let weights = kernel.values.get(weights..weights + inputs).unwrap_or_default();
                    let sum: f32 = cell.iter().zip(weights).map(|(a, b)| a * b).sum();
                    if let Some(y) = y.get_mut(at + o) {
                        *y += sum;
                    }
                }
            }
        }
    }
    y
}

fn pool(op: &Pool, x: &[f32], from: &Shape, to: &Shape) -> Vec<f32> {
    let ([height, width, channels], [tall, across, _]) = (sizes3(from), sizes3(to));
    let [(top, _), (left, _)] = op.pads;
    let mut y = Vec::with_capacity(to.elements());
    for place in 0..tall * across {
        let (i, j) = (place / across.max(1), place % across.max(1));
        let mut cells: Vec<usize> = Vec::new();
        for u in 0..op.size.0 {
            let Some(row) = (i * op.strides.0 + u).checked_sub(top).filter(|&row| row < height) else {
                continue;
            };
            for v in 0..op.size.1 {
                let column = (j * op.strides.1 + v).checked_sub(left);
                cells.extend(
                    column
                        .filter(|&column| column < width)
                        .map(|column| row * width + column),
                );
            }
        }
        for channel in 0..channels {
            let values = cells
                .iter()
                .filter_map(|cell| x.get(cell * channels + channel))
                .copied();
            y.push(match op.kind {
                PoolKind::Max => values.reduce(f32::max).unwrap_or(0.0),
                PoolKind::Average => values.sum::<f32>() / cells.len().max(1) as f32,
            });
        }
    }
    y
}

fn normalized(x: &[f32], channels: usize, sets: Sets, epsilon: f32, gamma: &[f32], beta: &[f32]) -> Vec<f32> {
    let width = match sets {
        Sets::Positions => channels,
        Sets::Groups(groups) => channels / groups.max(1),
    };
    let set = |index: usize| match sets {
        Sets::Positions => index / channels,
        Sets::Groups(_) => index % channels / width.max(1),
    };
    let count = x.len().checked_sub(1).map_or(0, set) + 1;
    let (mut sums, mut sizes) = (vec![(0.0_f64, 0.0_f64); count], vec![0.0_f64; count]);
    for (index, &value) in x.iter().enumerate() {
        let set = set(index);
        if let (Some(sum), Some(size)) = (sums.get_mut(set), sizes.get_mut(set)) {
            sum.0 += f64::from(value);
            *size += 1.0;
        }
    }
    let mean = |set: usize, sums: &[(f64, f64)]| {
        sums.get(set).map_or(0.0, |sum| sum.0) / sizes.get(set).copied().unwrap_or(1.0)
    };
    for (index, &value) in x.iter().enumerate() {
        let set = set(index);
        let distance = f64::from(value) - mean(set, &sums);
        if let Some(sum) = sums.get_mut(set) {
            sum.1 += distance * distance;
        }
    }
    let at = |numbers: &[f32], index: usize| f64::from(numbers.get(index % channels).copied().unwrap_or(0.0));
    let numbers = x.iter().enumerate().map(|(index, &value)| {
        let set = set(index);
        let size = sizes.get(set).copied().unwrap_or(1.0);
        let variance = sums.get(set).map_or(0.0, |sum| sum.1) / size;
        let normal = (f64::from(value) - mean(set, &sums)) / (variance + f64::from(epsilon)).sqrt();
        (normal * at(gamma, index) + at(beta, index)) as f32
    });
    numbers.collect()
}

/// An activation function of one number; softmax is an operation of its own.
fn applied(function: ActivationFunction, x: f32) -> f32 {
    const SELU: (f32, f32) = (1.050_701, 1.673_263_2);
    match function {
        ActivationFunction::Linear | ActivationFunction::Softmax => x,
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => {
            if x > threshold {
                x.min(ceiling.unwrap_or(f32::INFINITY))
            } else {
                negative_slope * (x - threshold)
            }
        }
        ActivationFunction::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        ActivationFunction::Tanh => x.tanh(),
        ActivationFunction::Elu { alpha } => {
            if x > 0.0 {
                x
            } else {
                alpha * x.exp_m1()
            }
        }
        ActivationFunction::Selu => SELU.0 * if x > 0.0 { x } else { SELU.1 * x.exp_m1() },
        ActivationFunction::Softplus => x.max(0.0) + (-x.abs()).exp().ln_1p(),
        ActivationFunction::Softsign => x / (1.0 + x.abs()),
        ActivationFunction::Silu => x / (1.0 + (-x).exp()),
        ActivationFunction::Gelu => 0.5 * x * (1.0 + libm::erff(x * std::f32::consts::FRAC_1_SQRT_2)),
        ActivationFunction::HardSigmoid => (x / 6.0 + 0.5).clamp(0.0, 1.0),
        ActivationFunction::Exponential => x.exp(),
    }
}

fn softmax(row: &[f32]) -> Vec<f32> {
    let most = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = row.iter().map(|value| (value - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// An image placed in a larger or smaller one, with zeros around it.
fn moved(x: &[f32], from: &Shape, to: &Shape, (top, left): (isize, isize)) -> Vec<f32> {
    let ([height, width, channels], [tall, across, _]) = (sizes3(from), sizes3(to));
    let mut y = Vec::with_capacity(to.elements());
    for i in 0..tall {
        for j in 0..across {
            let row = i.checked_add_signed(-top).filter(|&row| row < height);
            let column = j.checked_add_signed(-left).filter(|&column| column < width);
            match row.zip(column) {
                Some((row, column)) => {
                    let at = (row * width + column) * channels;
                    y.extend_from_slice(x.get(at..at + channels).unwrap_or_default());
                }
                None => y.extend(std::iter::repeat_n(0.0, channels)),
            }
        }
    }
    y
}

fn resized(x: &[f32], from: &Shape, to: &Shape, factors: (usize, usize), interpolation: Interpolation) -> Vec<f32> {
    let ([height, width, channels], [tall, across, _]) = (sizes3(from), sizes3(to));
    let at = |row: usize, column: usize, channel: usize| {
        x.get((row * width + column) * channels + channel)
            .copied()
            .unwrap_or(0.0)
    };
    // The cells before and behind a place, and how far it is to the second.
    let between = |index: usize, factor: usize, size: usize| {
        let place = ((index as f32 + 0.5) / factor as f32 - 0.5).max(0.0);
        let before = (place as usize).min(size - 1);
        (before, (before + 1).min(size - 1), place - before as f32)
    };
    let mut y = Vec::with_capacity(to.elements());
    for i in 0..tall {
        for j in 0..across {
            for channel in 0..channels {
                y.push(match interpolation {
                    Interpolation::Nearest => at(i / factors.0.max(1), j / factors.1.max(1), channel),
                    Interpolation::Bilinear => {
                        let (r0, r1, a) = between(i, factors.0, height);
                        let (s0, s1, b) = between(j, factors.1, width);
                        let above = (1.0 - b) * at(r0, s0, channel) + b * at(r0, s1, channel);
                        let below = (1.0 - b) * at(r1, s0, channel) + b * at(r1, s1, channel);
                        (1.0 - a) * above + a * below
                    }
                });
            }
        }
    }
    y
}

/// Strides along height, width and channels; 0 where one value serves for all.
fn strides(sizes: &[usize]) -> [usize; 3] {
    let [height, width, channels] = sizes3(&Shape::new(sizes.to_vec()));
    let stride = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
    [
        stride(height, width * channels),
        stride(width, channels),
        stride(channels, 1),
    ]
}

fn row_major(sizes: &[usize]) -> Vec<usize> {
    (0..sizes.len())
        .map(|axis| sizes.iter().skip(axis + 1).product())
        .collect()
}
