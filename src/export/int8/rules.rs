//! Which operations compute in integers, and with which scales.

use super::params::Params;
use compiler::activation::ActivationFunction;
use compiler::ops::PoolKind;
use compiler::portable::{Graph, Merge, Node, Op, ValueId, WeightId};
use std::collections::BTreeMap;

/// Whether an operation can compute in integers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// It always computes in integers.
    Integers,
    /// It computes in integers if all of its inputs come from operations that do.
    Follows,
    /// It computes in floats.
    Floats,
}

fn way(graph: &Graph, node: &Node) -> Way {
    match &node.op {
        Op::Convolution(op) => {
            let channels = graph.shape(graph.first(node)).channels();
            if op.groups == 1 || op.groups == channels {
                Way::Integers
            } else {
                Way::Floats
            }
        }
        Op::Dense(_) => Way::Integers,
        Op::Activation(function) if is_relu(*function) => Way::Follows,
        Op::Pool(_)
        | Op::GlobalPool(_)
        | Op::Pad(_)
        | Op::Crop(_)
        | Op::Reshape
        | Op::Permute(_)
        | Op::Concatenate(_)
        | Op::Merge(Merge::Add) => Way::Follows,
        Op::ConvolutionTranspose(_)
        | Op::Affine { .. }
        | Op::Normalize { .. }
        | Op::Activation(_)
        | Op::Prelu { .. }
        | Op::Softmax
        | Op::Merge(Merge::Multiply | Merge::Subtract | Merge::Maximum | Merge::Minimum)
        | Op::Resize(_) => Way::Floats,
    }
}

/// Whether a function is 0 for negative numbers and does not change positive ones, up to a ceiling.
fn is_relu(function: ActivationFunction) -> bool {
    matches!(
        function,
        ActivationFunction::Relu {
            negative_slope: 0.0,
            threshold: 0.0,
            ..
        }
    )
}

/// For each node, whether it computes in integers.
pub fn integers(graph: &Graph) -> Vec<bool> {
    let mut made: Vec<ValueId> = Vec::new();
    let mut all = Vec::new();
    for node in &graph.nodes {
        let integer = match way(graph, node) {
            Way::Integers => true,
            Way::Follows => node.inputs.iter().all(|input| made.contains(input)),
            Way::Floats => false,
        };
        if integer {
            made.push(node.output);
        }
        all.push(integer);
    }
    all
}

/// The numbers that the integers of tensors stand for, given the ranges of all tensors.
pub fn params(graph: &Graph, integer: &[bool], ranges: &[(f32, f32)]) -> BTreeMap<ValueId, Params> {
    let own = |value: ValueId| {
        let (low, high) = ranges.get(value.0).copied().unwrap_or_default();
        Params::of(low, high)
    };
    let mut params = BTreeMap::new();
    let nodes = || graph.nodes.iter().zip(integer).filter(|(_, integer)| **integer);
    for (node, _) in nodes() {
        for &input in &node.inputs {
            params.entry(input).or_insert_with(|| own(input));
        }
        let made = match &node.op {
            // The same numbers, or some of them; a mean of them is among them.
            Op::Pool(_) | Op::GlobalPool(PoolKind::Max) | Op::Pad(_) | Op::Crop(_) | Op::Reshape | Op::Permute(_) => {
                params.get(&graph.first(node)).copied()
            }
            Op::Convolution(_) | Op::Dense(_) | Op::Merge(_) => cut(graph, integer, node).map(own),
            Op::ConvolutionTranspose(_)
            | Op::GlobalPool(PoolKind::Average)
            | Op::Affine { .. }
            | Op::Normalize { .. }
            | Op::Activation(_)
            | Op::Prelu { .. }
            | Op::Softmax
            | Op::Concatenate(_)
            | Op::Resize(_) => None,
        };
        params.insert(node.output, made.unwrap_or_else(|| own(node.output)));
    }
    params
}

/// The output of a relu that alone takes this node's output: the range then begins at 0, so that rounding does what the relu
/// does.
fn cut(graph: &Graph, integer: &[bool], node: &Node) -> Option<ValueId> {
    let mut users = graph.nodes.iter().zip(integer);
    let (user, integer) = users.find(|(user, _)| user.inputs.contains(&node.output))?;
    let Op::Activation(function) = user.op else {
        return None;
    };
    (*integer && graph.users(node.output) == 1 && is_relu(function)).then_some(user.output)
}

/// The kernel and the bias of a convolution or dense layer; `None` for other operations.
pub fn product(op: &Op) -> Option<(WeightId, Option<WeightId>)> {
    match op {
        Op::Convolution(op) => Some((op.kernel, op.bias)),
        Op::Dense(op) => Some((op.kernel, op.bias)),
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
        | Op::Resize(_) => None,
    }
}
