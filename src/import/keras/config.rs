//! The architecture in a Keras file: Keras 3's `config.json`, and what Keras 1 and 2 wrote into `.h5` files.

use super::values::{arguments, compile};
use crate::import::draft::{Draft, Layer, model_name};
use crate::import::literal::{Argument, Literal};
use crate::session::{Error, Result};
use compiler::layers;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// The draft of the model in a configuration; `training` is that of `compile`, if there is one.
pub fn draft(model: &Value, training: Option<&Value>) -> Result<Draft> {
    let class = text(model, "class_name").unwrap_or_default();
    let config = model.get("config").ok_or_else(|| refused("has no config"))?;
    // Keras 1 and early Keras 2 had the bare list.
    let listed = config.get("layers").or_else(|| config.is_array().then_some(config));
    let listed = listed
        .and_then(Value::as_array)
        .ok_or_else(|| refused("has no layers"))?;
    let mut layers = match class {
        "Sequential" => sequential(listed, config, model),
        "Functional" | "Model" | "Graph" => functional(listed, config),
        other => Err(
            Error::message(format!("a model of the class {other} cannot be imported"))
                .with_help("what can be are Sequential and functional models; a class of its own is Python code"),
        ),
    }?;
    // Names are the file's; two layers that differ in what a description's name cannot hold would be one.
    let mut seen = BTreeSet::new();
    for layer in &mut layers {
        if let Some(name) = &layer.name
            && !seen.insert(name.clone())
        {
            return Err(Error::message(format!("two layers are called {name}")));
        }
    }
    Ok(Draft {
        name: config
            .get("name")
            .and_then(Value::as_str)
            .map(model_name)
            .unwrap_or_default(),
        layers,
        compile: training.or_else(|| model.get("compile_config")).and_then(compile),
        ..Draft::default()
    })
}

fn refused(what: &str) -> Error {
    Error::message(format!("the file's model {what}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn sequential(listed: &[Value], config: &Value, model: &Value) -> Result<Vec<Layer>> {
    let mut layers: Vec<Layer> = Vec::new();
    for value in listed {
        let (mut made, _) = layer(value)?;
        if layers.is_empty() && made.class != "Input" {
            let own = value.get("config").and_then(input_shape);
            let built = config
                .get("build_input_shape")
                .or_else(|| model.get("build_config")?.get("input_shape"));
            let shape = own
                .or_else(|| shape_of(built?))
                .ok_or_else(|| refused("does not say what shape it takes"))?;
            layers.push(input(shape));
        }
        made.inputs = layers.len().checked_sub(1).into_iter().collect();
        layers.push(made);
    }
    Ok(layers)
}

fn functional(listed: &[Value], config: &Value) -> Result<Vec<Layer>> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut layers: Vec<Layer> = Vec::new();
    for value in listed {
        let (mut made, name) = layer(value)?;
        let nodes = value
            .get("inbound_nodes")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        if nodes.len() > 1 {
            return Err(Error::message(format!(
                "the layer {name} is used {} times: a layer that is applied again is not imported",
                nodes.len()
            )));
        }
        let mut inputs = Vec::new();
        if let Some(node) = nodes.first() {
            taken(node, &mut inputs, 0)?;
        }
        for input in inputs {
            let at = places.get(&input).ok_or_else(|| {
                Error::message(format!("the layer {name} takes {input}, which does not come before it"))
            })?;
            made.inputs.push(*at);
        }
        if places.insert(name.clone(), layers.len()).is_some() {
            return Err(Error::message(format!("two layers are called {name}")));
        }
        layers.push(made);
    }
    let outputs = ends(config.get("output_layers"));
    let [output] = outputs.as_slice() else {
        return Err(Error::message(format!(
            "the model has {} outputs: a model of several outputs is not imported",
            outputs.len()
        )));
    };
    let output = *places
        .get(output)
        .ok_or_else(|| refused("has an output that is none of its layers"))?;
    Ok(ordered(&layers, output))
}

/// The layers that the output depends on, the output last.
fn ordered(layers: &[Layer], output: usize) -> Vec<Layer> {
    let mut kept = BTreeSet::new();
    let mut open = vec![output];
    while let Some(place) = open.pop() {
        if kept.insert(place) {
            open.extend(
                layers
                    .get(place)
                    .into_iter()
                    .flat_map(|layer| layer.inputs.iter().copied()),
            );
        }
    }
    let mut order: Vec<usize> = kept.into_iter().filter(|&place| place != output).collect();
    order.push(output);
    let new: HashMap<usize, usize> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
    order
        .into_iter()
        .filter_map(|old| {
            let mut layer = layers.get(old)?.clone();
            layer.inputs = layer
                .inputs
                .iter()
                .filter_map(|input| new.get(input).copied())
                .collect();
            Some(layer)
        })
        .collect()
}

/// The names of layers in `[["a", 0, 0]]`, `["a", 0, 0]` or `{"keras_history": ...}`.
fn ends(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => match items.as_slice() {
            [Value::String(name), ..] => vec![name.clone()],
            items => items
                .iter()
                .filter_map(|item| item.get(0)?.as_str().map(str::to_owned))
                .collect(),
        },
        Some(Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => {
            Vec::new()
        }
    }
}

/// Adds the names of the layers that a node takes: Keras 3 has tensors with a history, Keras 2 `["a", 0, 0, {}]`.
fn taken(node: &Value, names: &mut Vec<String>, depth: usize) -> Result<()> {
    if depth > 8 {
        return Err(refused("is wired too deep"));
    }
    match node {
        Value::Object(object) => {
            if let Some(history) = object.get("config").and_then(|config| config.get("keras_history")) {
                names.extend(history.get(0).and_then(Value::as_str).map(str::to_owned));
                return Ok(());
            }
            // The arguments by name are settings: `training`.
            object
                .get("args")
                .map_or(Ok(()), |arguments| taken(arguments, names, depth + 1))
        }
        Value::Array(items) => match items.as_slice() {
            [Value::String(name), Value::Number(_), Value::Number(_), ..] => {
                names.push(name.clone());
                Ok(())
            }
            items => items.iter().try_for_each(|item| taken(item, names, depth + 1)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// A layer, and its name in the file.
fn layer(value: &Value) -> Result<(Layer, String)> {
    let class = text(value, "class_name").ok_or_else(|| refused("has a layer without a class"))?;
    let config = value
        .get("config")
        .and_then(Value::as_object)
        .ok_or_else(|| refused("has a layer without a config"))?;
    let name = config
        .get("name")
        .and_then(Value::as_str)
        .or_else(|| text(value, "name"))
        .unwrap_or_default()
        .to_owned();
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '-' {
            letter
        } else {
            '_'
        }
    };
    let own: String = name.chars().map(plain).collect();
    let named = (!own.is_empty()).then_some(own);
    if class == "InputLayer" {
        let shape = input_shape(value.get("config").unwrap_or(&Value::Null))
            .ok_or_else(|| refused("has an input without a shape"))?;
        return Ok((
            Layer {
                name: named,
                ..input(shape)
            },
            name,
        ));
    }
    let entry = layers::entry(class);
    let class = entry.map_or(class, |entry| entry.signature.name);
    let made = Layer {
        class: class.to_owned(),
        arguments: arguments(class, config, entry.map(|entry| entry.signature)),
        name: named,
        inputs: Vec::new(),
        place: if name.is_empty() {
            String::new()
        } else {
            format!("layer {name}")
        },
    };
    Ok((made, name))
}

fn input(shape: Literal) -> Layer {
    Layer {
        class: "Input".to_owned(),
        arguments: vec![Argument::named("shape", shape)],
        name: None,
        inputs: Vec::new(),
        place: String::new(),
    }
}

fn input_shape(config: &Value) -> Option<Literal> {
    shape_of(config.get("batch_shape").or_else(|| config.get("batch_input_shape"))?)
}

/// The shape after that of the batch.
fn shape_of(batched: &Value) -> Option<Literal> {
    let sizes = batched.as_array()?.get(1..)?;
    let size = |size: &Value| {
        size.as_i64()
            .map_or(Literal::Unknown("any_size".to_owned()), Literal::Int)
    };
    Some(Literal::Tuple(sizes.iter().map(size).collect()))
}
