//! The portable graph as the JSON that the page's engine reads.

use crate::export::text::sizes3;
use compiler::activation::ActivationFunction;
use compiler::ops::{Interpolation, PoolKind};
use compiler::portable::{Graph, Merge, Node, Op, Sets, WeightId};
use compiler::shape::Shape;
use serde_json::{Map, Value, json};

/// The operations in order.
pub fn nodes(graph: &Graph) -> Vec<Value> {
    graph.nodes.iter().map(|node| self::node(graph, node)).collect()
}

fn node(graph: &Graph, node: &Node) -> Value {
    let (name, arguments) = operation(graph, node);
    let mut whole: Map<String, Value> = match arguments {
        Value::Object(arguments) => arguments,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let inputs: Vec<usize> = node.inputs.iter().map(|input| input.0).collect();
    whole.insert("op".to_owned(), json!(name));
    whole.insert("inputs".to_owned(), json!(inputs));
    whole.insert("output".to_owned(), json!(node.output.0));
    Value::Object(whole)
}

/// The name that the page's engine has for an operation, with its arguments.
fn operation(graph: &Graph, node: &Node) -> (&'static str, Value) {
    let (from, to) = (graph.shape(graph.first(node)), graph.shape(node.output));
    let bias = |bias: Option<WeightId>| bias.map(|bias| bias.0);
    let window = |kernel: WeightId| graph.weight(kernel).shape.iter().take(2).copied().collect::<Vec<_>>();
    let mean = |kind: PoolKind| match kind {
        PoolKind::Max => false,
        PoolKind::Average => true,
    };
    match &node.op {
        Op::Convolution(op) => (
            "convolution",
            json!({
                "k": op.kernel.0, "b": bias(op.bias), "window": window(op.kernel), "strides": op.strides,
                "dilation": op.dilation, "groups": op.groups, "pads": [op.pads[0].0, op.pads[1].0],
            }),
        ),
        Op::ConvolutionTranspose(op) => (
            "transposed",
            json!({
                "k": op.kernel.0, "b": bias(op.bias), "window": window(op.kernel), "strides": op.strides,
                "dilation": op.dilation, "before": op.before,
            }),
        ),
        Op::Dense(op) => ("dense", json!({"k": op.kernel.0, "b": bias(op.bias)})),
        Op::Pool(op) => (
            "pool",
            json!({
                "mean": mean(op.kind), "window": op.size, "strides": op.strides, "pads": [op.pads[0].0, op.pads[1].0],
            }),
        ),
        Op::GlobalPool(kind) => ("global_pool", json!({"mean": mean(*kind)})),
        Op::Affine { scale, shift } => ("affine", json!({"scale": scale.0, "shift": shift.0})),
        Op::Normalize {
            sets,
            epsilon,
            gamma,
            beta,
        } => {
            let groups = match sets {
                Sets::Positions => None,
                Sets::Groups(groups) => Some(groups),
            };
            (
                "normalize",
                json!({"groups": groups, "epsilon": epsilon, "gamma": gamma.0, "beta": beta.0}),
            )
        }
        Op::Activation(function) => ("activation", activation(*function)),
        Op::Prelu { alpha } => ("prelu", json!({"alpha": alpha.0, "slopes": graph.weight(*alpha).shape})),
        Op::Softmax => ("softmax", json!({})),
        Op::Pad([(top, _), (left, _)]) => ("shift", json!({"by": [top, left]})),
        Op::Crop([(top, _), (left, _)]) => ("shift", json!({"by": [-(*top as i64), -(*left as i64)]})),
        Op::Reshape => ("reshape", json!({})),
        Op::Permute(order) => ("permute", json!({"along": along(from, order)})),
        Op::Concatenate(axis) => {
            let after: usize = to.sizes().iter().skip(axis + 1).product();
            let before: usize = to.sizes().iter().take(*axis).product();
            let parts = node
                .inputs
                .iter()
                .map(|&part| graph.shape(part).sizes().get(*axis).copied().unwrap_or(1) * after);
            (
                "concatenate",
                json!({"before": before, "parts": parts.collect::<Vec<_>>()}),
            )
        }
        Op::Merge(merge) => {
            let name = match merge {
                Merge::Add => "add",
                Merge::Multiply => "multiply",
                Merge::Subtract => "subtract",
                Merge::Maximum => "maximum",
                Merge::Minimum => "minimum",
            };
            ("merge", json!({"name": name}))
        }
        Op::Resize(op) => {
            let bilinear = match op.interpolation {
                Interpolation::Nearest => false,
                Interpolation::Bilinear => true,
            };
            ("resize", json!({"factors": op.factors, "bilinear": bilinear}))
        }
    }
}

/// Strides of the input along the output's height, width and channels.
fn along(from: &Shape, order: &[usize]) -> [usize; 3] {
    let stride = |axis: usize| from.sizes().iter().skip(axis + 1).product::<usize>();
    let mut strides = [0; 3];
    let first = sizes3(from).len() - order.len().min(3);
    for (place, &axis) in strides.iter_mut().skip(first).zip(order) {
        *place = stride(axis);
    }
    strides
}

fn activation(function: ActivationFunction) -> Value {
    match function {
        // Neither of the two is an activation of a portable graph.
        ActivationFunction::Linear | ActivationFunction::Softmax => {
            json!({"name": "relu", "slope": 1, "ceiling": null, "threshold": 0})
        }
        ActivationFunction::Relu {
            negative_slope,
            ceiling,
            threshold,
        } => json!({"name": "relu", "slope": negative_slope, "ceiling": ceiling, "threshold": threshold}),
        ActivationFunction::Elu { alpha } => json!({"name": "elu", "alpha": alpha}),
        ActivationFunction::Sigmoid => json!({"name": "sigmoid"}),
        ActivationFunction::Tanh => json!({"name": "tanh"}),
        ActivationFunction::Selu => json!({"name": "selu"}),
        ActivationFunction::Softplus => json!({"name": "softplus"}),
        ActivationFunction::Softsign => json!({"name": "softsign"}),
        ActivationFunction::Silu => json!({"name": "silu"}),
        ActivationFunction::Gelu => json!({"name": "gelu"}),
        ActivationFunction::HardSigmoid => json!({"name": "hard_sigmoid"}),
        ActivationFunction::Exponential => json!({"name": "exponential"}),
    }
}
