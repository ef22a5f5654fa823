//! Turns the operators of a graph into layers, one after another.

use super::layers::{Builder, Tensor, Weight, elements, float, says};
use super::model::{Array, Graph, Node};
use super::order::Order;
use super::pictures::{flatten, global_pool, pad, pool, reshape, resize};
use super::products::{convolution, dense, transposed_convolution};
use crate::import::draft::{Draft, model_name};
use crate::import::literal::{Argument, Literal};
use crate::session::{Error, Result};

/// The most nodes of a graph: far more than a description may have layers.
const MOST_NODES: usize = 20_000;

/// Follows a graph from its inputs to its outputs.
pub fn follow(graph: &Graph) -> Result<(Draft, Vec<Weight>)> {
    if graph.nodes.len() > MOST_NODES {
        return Err(Error::message(format!("the graph has more than {MOST_NODES} nodes")));
    }
    let mut builder = Builder::new(graph)?;
    for node in &graph.nodes {
        let made = operator(&mut builder, node).map_err(|error| {
            let error = Error::message(format!("{}: {error}", node.label()));
            error
                .with_help("the operators of convolutional networks for pictures can be imported, in their usual forms")
        })?;
        if builder.is_too_large {
            return Err(Error::message(format!("{}: it makes too many numbers", node.label())));
        }
        if let (Some(made), Some(output)) = (made, node.outputs.first()) {
            builder.tensors.insert(output.clone(), made);
        }
    }
    let mut outputs = Vec::new();
    for name in &graph.outputs {
        let found = builder.tensors.get(name);
        let output = found.ok_or_else(|| Error::message(format!("the graph's output {name} comes from nothing")))?;
        let layer = output.layer;
        if outputs.contains(&layer) {
            return Err(Error::message(format!("the graph's output {name} is named twice")));
        }
        outputs.push(layer);
        if graph.outputs.len() > 1 {
            builder.call(layer, name);
        }
    }
    if outputs.is_empty() {
        return Err(Error::message("the graph has no outputs"));
    }
    let (layers, weights, outputs) = builder.ordered(&outputs);
    let draft = Draft {
        name: if graph.name.is_empty() {
            String::new()
        } else {
            model_name(&graph.name)
        },
        layers,
        outputs,
        ..Draft::default()
    };
    Ok((draft, weights))
}

/// The tensor that an operator makes; `None` where it makes a constant, which is recorded.
fn operator(builder: &mut Builder<'_>, node: &Node) -> Result<Option<Tensor>> {
    let operator = node.operator.as_str();
    let constant = |builder: &Builder<'_>, place: usize| node.inputs.get(place).and_then(|name| builder.constant(name));
    let made = match operator {
        "Identity" | "Dropout" | "Cast" => match constant(builder, 0) {
            Some(array) => {
                builder.keep(node, array);
                return Ok(None);
            }
            None => builder.input(node, 0)?,
        },
        "Transpose" => transpose(builder, node)?,
        "Conv" => convolution(builder, node)?,
        "ConvTranspose" => transposed_convolution(builder, node)?,
        "Gemm" => dense(builder, node)?,
        "MatMul" => dense(builder, node)?,
        "BatchNormalization" => batch_normalization(builder, node)?,
        "Relu" => activation(builder, node, "relu")?,
        "Sigmoid" => activation(builder, node, "sigmoid")?,
        "Tanh" => activation(builder, node, "tanh")?,
        "Softplus" => activation(builder, node, "softplus")?,
        "Softsign" => activation(builder, node, "softsign")?,
        "Exp" => activation(builder, node, "exponential")?,
        "Selu" => activation(builder, node, "selu")?,
        "Gelu" => activation(builder, node, "gelu")?,
        "HardSigmoid" => {
            let (alpha, beta) = (node.float("alpha", 0.2), node.float("beta", 0.5));
            if (alpha - 1.0 / 6.0).abs() > 1e-6 || (beta - 0.5).abs() > 1e-6 {
                return Err(says("its line is not Keras's x / 6 + 0.5"));
            }
            activation(builder, node, "hard_sigmoid")?
        }
        "Elu" => {
            let alpha = Argument::named("alpha", float(node.float("alpha", 1.0)));
            builder.layer("ELU", vec![alpha], node, 0)?
        }
        "LeakyRelu" => {
            let slope = Argument::named("negative_slope", float(node.float("alpha", 0.01)));
            builder.layer("LeakyReLU", vec![slope], node, 0)?
        }
        "Clip" => {
            let bound = |place: usize, name: &str| {
                let held = constant(builder, place).and_then(|array| array.floats()?.first().copied());
                held.or_else(|| node.ints(name).map(|_| node.float(name, 0.0)))
            };
            match (bound(1, "min"), bound(2, "max")) {
                (Some(0.0), Some(most)) => {
                    builder.layer("ReLU", vec![Argument::named("max_value", float(most))], node, 0)?
                }
                _ => return Err(says("numbers are clipped, and layers can only clip from 0")),
            }
        }
        "PRelu" => {
            let slopes = constant(builder, 1).ok_or_else(|| says("its slopes are not a constant"))?;
            let shared = Argument::named("shared_axes", Literal::Tuple(vec![Literal::Int(1), Literal::Int(2)]));
            let made = builder.layer("PReLU", vec![shared], node, 0)?;
            let values = slopes
                .floats()
                .ok_or_else(|| says("its slopes are not floats"))?
                .to_vec();
            if values.len() != made.channels() || made.shape.len() != 3 {
                return Err(says("its slopes are not one for each channel of a picture"));
            }
            builder.weight(made.layer, "alpha", vec![1, 1, values.len()], values);
            made
        }
        "Softmax" => {
            let input = builder.input(node, 0)?;
            let axis = node.int("axis", -1);
            if axis != -1 && axis != input.shape.len() as i64 {
                return Err(says("the softmax is not over the last axis"));
            }
            activation(builder, node, "softmax")?
        }
        "MaxPool" | "AveragePool" => pool(builder, node)?,
        "GlobalAveragePool" | "GlobalMaxPool" | "ReduceMean" | "ReduceMax" => global_pool(builder, node)?,
        "Flatten" => flatten(builder, node)?,
        "Reshape" | "Squeeze" => reshape(builder, node)?,
        "Pad" => pad(builder, node)?,
        "Resize" => resize(builder, node)?,
        "Concat" => {
            let inputs = builder.all(node)?;
            let first = inputs.first().ok_or_else(|| says("there is nothing to join"))?;
            let rank = first.shape.len() as i64;
            let axis = node.int("axis", 1);
            let axis = if axis < 0 { axis + rank + 1 } else { axis };
            let channels = match first.order {
                Order::First => axis == 1,
                Order::Last => axis == rank,
            };
            if !channels || inputs.iter().any(|input| input.flattened.is_some()) {
                return Err(says("it joins something other than channels"));
            }
            let mut shape = first.shape.clone();
            let all = inputs.iter().map(Tensor::channels).sum();
            if let Some(last) = shape.last_mut() {
                *last = all;
            }
            builder.merged("Concatenate", &inputs, shape)
        }
        "Add" | "Mul" | "Sub" | "Div" | "Max" | "Min" => merge(builder, node)?,
        _ => return Err(says("no layer does the work of this operator")),
    };
    Ok(Some(made))
}

fn activation(builder: &mut Builder<'_>, node: &Node, name: &str) -> Result<Tensor> {
    builder.layer(
        "Activation",
        vec![Argument::placed(Literal::Str(name.to_owned()))],
        node,
        0,
    )
}

fn transpose(builder: &Builder<'_>, node: &Node) -> Result<Tensor> {
    let input = builder.input(node, 0)?;
    let order = node.ints("perm").unwrap_or_default();
    let rank = input.shape.len() as i64;
    let to_first: Vec<i64> = [0, rank].into_iter().chain(1..rank).collect();
    let to_last: Vec<i64> = std::iter::once(0).chain(2..=rank).chain([1]).collect();
    match input.order {
        Order::Last if order == to_first => Ok(Tensor {
            order: Order::First,
            ..input
        }),
        Order::First if order == to_last => Ok(Tensor {
            order: Order::Last,
            ..input
        }),
        Order::Last | Order::First => Err(says(format!(
            "axes go to {order:?}, which is more than channels first or last"
        ))),
    }
}

fn batch_normalization(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let mut arguments = Vec::new();
    let (momentum, epsilon) = (node.float("momentum", 0.9), node.float("epsilon", 1e-5));
    arguments.push(Argument::named("momentum", float(momentum)));
    arguments.push(Argument::named("epsilon", float(epsilon)));
    let input = builder.input(node, 0)?;
    if input.order == Order::Last && input.shape.len() > 1 {
        return Err(says("it does not normalise channels"));
    }
    let names: Vec<&str> = node.inputs.iter().skip(1).map(String::as_str).collect();
    let made = builder.push_weighted(
        &names,
        ("BatchNormalization", arguments),
        &[input.layer],
        input.shape.clone(),
        input.order,
    );
    for (place, name) in [(1, "gamma"), (2, "beta"), (3, "moving_mean"), (4, "moving_variance")] {
        let values = builder.floats(node, place)?.floats().unwrap_or_default().to_vec();
        if values.len() != made.channels() {
            return Err(says("it does not have one number for each channel"));
        }
        let values = match input.flattened {
            Some(flattened) => flattened.turned(&values),
            None => values,
        };
        builder.weight(made.layer, name, vec![values.len()], values);
    }
    Ok(Tensor {
        flattened: input.flattened,
        ..made
    })
}

/// The layer that merges two tensors, or a tensor and a number for each channel.
fn merge(builder: &mut Builder<'_>, node: &Node) -> Result<Tensor> {
    let constants: Vec<Option<Array>> = node.inputs.iter().map(|name| builder.constant(name)).collect();
    let (tensor, array) = match constants.as_slice() {
        [None, None] => {
            let inputs = builder.all(node)?;
            let class = match node.operator.as_str() {
                "Add" => "Add",
                "Mul" => "Multiply",
                "Sub" => "Subtract",
                "Max" => "Maximum",
                "Min" => "Minimum",
                _ => return Err(says("it divides one tensor by another")),
            };
            let shape = inputs
                .iter()
                .map(|input| input.shape.clone())
                .max_by_key(|shape| elements(shape.iter()))
                .unwrap_or_default();
            return Ok(builder.merged(class, &inputs, shape));
        }
        [None, Some(array)] => (builder.input(node, 0)?, array.clone()),
        [Some(array), None] if node.operator == "Add" || node.operator == "Mul" => {
            (builder.input(node, 1)?, array.clone())
        }
        _ => return Err(says("it does not join two tensors")),
    };
    let values = array
        .floats()
        .ok_or_else(|| says("its constant does not hold floats"))?
        .to_vec();
    if let Some(made) = builder.with_added_bias(&tensor, node, &values) {
        return Ok(made);
    }
    let channels = tensor.channels();
    let along: usize = match tensor.order {
        Order::First if tensor.shape.len() > 1 => array
            .shape
            .iter()
            .rev()
            .nth(tensor.shape.len() - 1)
            .copied()
            .unwrap_or(1),
        Order::First | Order::Last => array.shape.last().copied().unwrap_or(1),
    };
    let (scale, offset): (Vec<f32>, Vec<f32>) = match node.operator.as_str() {
        "Mul" => (values.clone(), vec![0.0; values.len()]),
        "Div" => (
            values.iter().map(|value| 1.0 / value).collect(),
            vec![0.0; values.len()],
        ),
        "Add" => (vec![1.0; values.len()], values.clone()),
        "Sub" => (vec![1.0; values.len()], values.iter().map(|value| -value).collect()),
        _ => return Err(says("it is with a constant")),
    };
    if values.len() == 1 && channels != 1 {
        let number = |values: &[f32]| float(values.first().copied().unwrap_or(0.0));
        let mut arguments = vec![Argument::placed(number(&scale))];
        if node.operator == "Add" || node.operator == "Sub" {
            arguments.push(Argument::named("offset", number(&offset)));
        }
        return Ok(builder.push(
            "Rescaling",
            arguments,
            &[tensor.layer],
            tensor.shape.clone(),
            tensor.order,
        ));
    }
    if values.len() != channels || along != channels || tensor.flattened.is_some() {
        return Err(says("its constant is not a number for each channel"));
    }
    // A factor and a summand for each channel: a normalisation that has nothing left to divide by, since 0.999 and an epsilon of
    // 0.001 are 1 in float32.
    let made = builder.push(
        "BatchNormalization",
        Vec::new(),
        &[tensor.layer],
        tensor.shape.clone(),
        tensor.order,
    );
    for (name, values) in [
        ("gamma", scale),
        ("beta", offset),
        ("moving_mean", vec![0.0; channels]),
        ("moving_variance", vec![0.999; channels]),
    ] {
        builder.weight(made.layer, name, vec![channels], values);
    }
    Ok(made)
}
