//! Folds normalizations by fixed numbers into the products before them: this saves operations, and int8 needs it.

use super::graph::{Graph, Node, Weight};
use super::ids::WeightId;
use super::op::{Convolution, Dense, Op};

/// The graph without `Affine` operations right behind a convolution or a dense layer whose result nothing else takes.
/// Sums are rounded in another order, so that results differ in their last bits. Layers whose outputs are gone are
/// not listed any more.
#[must_use]
pub fn fold(mut graph: Graph) -> Graph {
    let mut kept: Vec<Node> = Vec::with_capacity(graph.nodes.len());
    let nodes = graph.nodes.clone();
    for node in nodes {
        if let Op::Affine { scale, shift } = node.op {
            let input = graph.first(&node);
            let before = kept.iter_mut().find(|before| before.output == input);
            if let Some(before) = before.filter(|_| graph.users(input) == 1)
                && let Some(op) = absorbed(&mut graph, &before.op, scale, shift)
            {
                before.op = op;
                before.output = node.output;
                graph.layers.retain(|&(_, value)| value != input);
                continue;
            }
        }
        kept.push(node);
    }
    graph.nodes = kept;
    graph
}

/// The product whose results are already scaled and shifted; None for operations that are not products.
fn absorbed(graph: &mut Graph, op: &Op, scale: WeightId, shift: WeightId) -> Option<Op> {
    match op {
        Op::Convolution(convolution) => {
            let (kernel, bias) = scaled(graph, convolution.kernel, convolution.bias, scale, shift);
            Some(Op::Convolution(Convolution {
                kernel,
                bias: Some(bias),
                ..convolution.clone()
            }))
        }
        Op::Dense(dense) => {
            let (kernel, bias) = scaled(graph, dense.kernel, dense.bias, scale, shift);
            Some(Op::Dense(Dense {
                kernel,
                bias: Some(bias),
            }))
        }
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

/// A kernel and a bias with each output's scale and shift applied. The kernel's last axis counts the outputs.
fn scaled(
    graph: &mut Graph,
    kernel: WeightId,
    bias: Option<WeightId>,
    scale: WeightId,
    shift: WeightId,
) -> (WeightId, WeightId) {
    let (scale, shift) = (graph.weight(scale).values.clone(), graph.weight(shift).values.clone());
    let mut kernel = graph.weight(kernel).clone();
    for row in kernel.values.chunks_mut(scale.len().max(1)) {
        row.iter_mut().zip(&scale).for_each(|(value, scale)| *value *= scale);
    }
    let old = bias.map(|bias| graph.weight(bias).values.clone());
    let old = old.unwrap_or_else(|| vec![0.0; scale.len()]);
    let moved = old.iter().zip(scale.iter().zip(&shift));
    let values = moved.map(|(bias, (scale, shift))| (f64::from(*bias) * f64::from(*scale) + f64::from(*shift)) as f32);
    let bias = Weight {
        name: kernel.name.replace("kernel", "bias"),
        shape: vec![scale.len()],
        values: values.collect(),
    };
    graph.weights.extend([kernel, bias]);
    let last = graph.weights.len();
    (WeightId(last - 2), WeightId(last - 1))
}
