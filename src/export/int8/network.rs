//! A network in integers, made from one in floats.

use super::params::{Kernel, Params};
use super::{rules, run};
use crate::session::{Error, Result};
use compiler::portable::{Graph, Node, Op, ValueId, WeightId, fold};
use std::collections::{BTreeMap, BTreeSet};

/// A network of which products and pools compute in 8-bit integers.
#[derive(Debug, Clone, PartialEq)]
pub struct Quantized {
    /// The network with normalizations folded into its kernels, and kernels and biases rounded to what their integers stand for.
    pub graph: Graph,
    /// The tensors that are integers, with the numbers that these stand for.
    pub params: BTreeMap<ValueId, Params>,
    /// For each node of the graph, whether it computes in integers.
    pub integer: Vec<bool>,
    /// The kernels of the nodes that compute in integers.
    pub kernels: BTreeMap<WeightId, Kernel>,
}

impl Quantized {
    /// Quantizes a network; `samples` has the values of samples, one after another, to calibrate it on.
    ///
    /// # Errors
    /// When a number is infinite or NaN.
    pub fn of(graph: &Graph, samples: &[f32]) -> Result<Self> {
        let mut graph = unshared(fold(graph.clone()));
        let elements = elements(&graph).max(1);
        let mut ranges = vec![(0.0_f32, 0.0_f32); graph.values.len()];
        for sample in samples.chunks_exact(elements) {
            run::run(&graph, sample, &mut |value, numbers| {
                if let Some((low, high)) = ranges.get_mut(value.0) {
                    *low = numbers.iter().copied().fold(*low, f32::min);
                    *high = numbers.iter().copied().fold(*high, f32::max);
                }
            });
        }
        if ranges.iter().any(|(low, high)| !(high - low).is_finite()) {
            return Err(Error::message(
                "the network's numbers grow without bound: it cannot be quantised",
            ));
        }
        let integer = rules::integers(&graph);
        let params = rules::params(&graph, &integer, &ranges);
        let mut kernels = BTreeMap::new();
        let nodes = graph.nodes.clone();
        for (node, _) in nodes.iter().zip(&integer).filter(|(_, integer)| **integer) {
            let Some((kernel, bias)) = rules::product(&node.op) else {
                continue;
            };
            let scale = params.get(&graph.first(node)).map_or(1.0, |params| params.scale);
            let made = quantized(&graph, kernel, bias, scale)?;
            round(&mut graph, kernel, bias, &made);
            kernels.insert(kernel, made);
        }
        Ok(Self {
            graph,
            params,
            integer,
            kernels,
        })
    }

    /// The outputs of the network for a sample, computed with numbers rounded to those that integers stand for.
    pub fn predict(&self, sample: &[f32]) -> Vec<f32> {
        run::run(&self.graph, sample, &mut |value, numbers| {
            if let Some(params) = self.params.get(&value) {
                numbers.iter_mut().for_each(|number| *number = params.rounded(*number));
            }
        })
    }

    /// The scale of the output of the node that a kernel belongs to.
    pub fn scale_behind(&self, kernel: WeightId) -> f32 {
        let is_own = |node: &&Node| rules::product(&node.op).is_some_and(|(own, _)| own == kernel);
        let node = self.graph.nodes.iter().find(is_own);
        node.and_then(|node| self.params_of(node.output))
            .map_or(1.0, |params| params.scale)
    }

    /// Whether the node at this index computes in integers.
    pub fn is_integer(&self, place: usize) -> bool {
        self.integer.get(place).copied().unwrap_or(false)
    }

    /// The numbers that a tensor's integers stand for; `None` where it holds floats.
    pub fn params_of(&self, value: ValueId) -> Option<Params> {
        self.params.get(&value).copied()
    }

    /// Whether a node does not change integers: a relu after a product that is rounded to numbers from 0 on already.
    pub fn is_idle(&self, node: &Node) -> bool {
        let of = |value: ValueId| self.params_of(value);
        matches!(node.op, Op::Activation(_)) && of(self.graph.first(node)) == of(node.output)
    }
}

/// How many numbers a sample has, over all inputs together.
pub fn elements(graph: &Graph) -> usize {
    graph.inputs.iter().map(|&input| graph.shape(input).elements()).sum()
}

/// Each product with a kernel and a bias of its own: scales go by what it takes.
fn unshared(mut graph: Graph) -> Graph {
    let mut seen = BTreeSet::new();
    let Graph { nodes, weights, .. } = &mut graph;
    for node in nodes {
        let (kernel, bias) = match &mut node.op {
            Op::Convolution(op) => (&mut op.kernel, &mut op.bias),
            Op::Dense(op) => (&mut op.kernel, &mut op.bias),
            Op::ConvolutionTranspose(_)
            | Op::Pool(_)
            | Op::GlobalPool(_)
            | Op::Affine { .. }
            | Op::Normalize { .. }
            | Op::Activation(_)
            | Op::Prelu { .. }
            | Op::Softmax
            | Op::Pad(_)
            | Op::Crop(_)
            | Op::Reshape
            | Op::Permute(_)
            | Op::Concatenate(_)
            | Op::Merge(_)
            | Op::Resize(_) => continue,
        };
        for own in std::iter::once(kernel).chain(bias) {
            if !seen.insert(*own)
                && let Some(copy) = weights.get(own.0).cloned()
            {
                weights.push(copy);
                *own = WeightId(weights.len() - 1);
            }
        }
    }
    graph
}

/// A kernel's integers, and those of its bias.
fn quantized(graph: &Graph, kernel: WeightId, bias: Option<WeightId>, input: f32) -> Result<Kernel> {
    let held = graph.weight(kernel);
    let outputs = held.shape.last().copied().unwrap_or(1).max(1);
    let bias = bias.map_or_else(|| vec![0.0; outputs], |bias| graph.weight(bias).values.clone());
    if held.values.iter().chain(&bias).any(|value| !value.is_finite()) {
        return Err(Error::message(format!(
            "{} holds numbers that are not finite",
            held.name
        )));
    }
    let mut scales = vec![0.0_f32; outputs];
    for row in held.values.chunks(outputs) {
        for (scale, value) in scales.iter_mut().zip(row) {
            *scale = scale.max(value.abs() / 127.0);
        }
    }
    for (scale, bias) in scales.iter_mut().zip(&bias) {
        // A bias far beyond the products of its kernel has to fit 32 bits.
        *scale = scale.max(bias.abs() / input / 1e9);
        if *scale <= f32::MIN_POSITIVE {
            *scale = 1.0;
        }
    }
    let integers = held.values.chunks(outputs).flat_map(|row| {
        let pairs = row.iter().zip(&scales);
        pairs.map(|(value, scale)| (value / scale).round_ties_even().clamp(-127.0, 127.0) as i8)
    });
    let bias_scales: Vec<f32> = scales.iter().map(|scale| scale * input).collect();
    let biases = bias.iter().zip(&bias_scales);
    Ok(Kernel {
        values: integers.collect(),
        bias: biases
            .map(|(bias, scale)| (f64::from(*bias) / f64::from(*scale)).round_ties_even() as i32)
            .collect(),
        scales,
        bias_scales,
    })
}

/// Replaces a kernel and a bias by the numbers that their integers stand for.
fn round(graph: &mut Graph, kernel: WeightId, bias: Option<WeightId>, made: &Kernel) {
    let scales = made.scales.iter().cycle();
    if let Some(held) = graph.weights.get_mut(kernel.0) {
        held.values = made
            .values
            .iter()
            .zip(scales)
            .map(|(&q, scale)| f32::from(q) * scale)
            .collect();
    }
    if let Some(held) = bias.and_then(|bias| graph.weights.get_mut(bias.0)) {
        let biases = made.bias.iter().zip(&made.bias_scales);
        held.values = biases
            .map(|(&q, scale)| (f64::from(q) * f64::from(*scale)) as f32)
            .collect();
    }
}
