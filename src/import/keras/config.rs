//! The architecture in a Keras file: Keras 3's `config.json`, and what Keras 1 and 2 wrote into `.h5` files.

use super::inference;
use super::values::{arguments, compile};
use crate::import::draft::{Draft, Layer, Nested, Phase, model_name};
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
    let mut models = Models::default();
    let (layers, outputs) = contents(class, listed, model, &mut models)?;
    let training = training.or_else(|| model.get("compile_config"));
    let compile = training.and_then(|training| compile(training, outputs.len().max(1)));
    let phase = compile.map(|compile| Phase {
        compile: Some(compile),
        ..Phase::default()
    });
    Ok(Draft {
        name: config
            .get("name")
            .and_then(Value::as_str)
            .map(model_name)
            .unwrap_or_default(),
        models: models.found,
        layers,
        outputs,
        phases: phase.into_iter().collect(),
        ..Draft::default()
    })
}

/// The models that are layers, found so far.
#[derive(Default)]
struct Models {
    found: Vec<Nested>,
    /// How many models this one is in.
    depth: usize,
}

/// The layers of a model, and the places of its outputs where there are several.
fn contents(class: &str, listed: &[Value], model: &Value, models: &mut Models) -> Result<(Vec<Layer>, Vec<usize>)> {
    let config = model.get("config").unwrap_or(&Value::Null);
    let (mut layers, outputs) = match class {
        "Sequential" => sequential(listed, model, models).map(|layers| (layers, Vec::new())),
        "Functional" | "Model" | "Graph" => functional(listed, config, models),
        other => Err(
            Error::message(format!("a model of the class {other} cannot be imported"))
                .with_help("Sequential and functional models can be; a model class of your own is Python code"),
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
    Ok((layers, outputs))
}

/// How deeply models may be nested.
const DEPTH: usize = 16;

/// A model that is a layer: it becomes a model of the description's own, and the layer applies that.
fn nested(class: &str, listed: &[Value], model: &Value, models: &mut Models) -> Result<(Layer, String)> {
    let config = model.get("config").unwrap_or(&Value::Null);
    let called = text(config, "name").or_else(|| text(model, "name")).unwrap_or_default();
    if models.depth >= DEPTH {
        return Err(refused("has models in models in models without end"));
    }
    models.depth += 1;
    let made = contents(class, listed, model, models);
    models.depth -= 1;
    let (mut layers, outputs) = made?;
    if let ("Sequential", Some(input)) = (class, layers.first_mut()) {
        input.name = None;
    }
    let inputs = layers.iter().filter(|layer| layer.class == "Input").count();
    if inputs != 1 || !outputs.is_empty() {
        let several = if inputs == 1 { "outputs" } else { "inputs" };
        return Err(
            Error::message(format!("the model {called}, which is a layer, has several {several}"))
                .with_help("a model that is a layer has one input and one output in a description"),
        );
    }
    let mut name = model_name(called);
    let is_taken = |name: &str| {
        matches!(name, "outputs" | "input" | "compile" | "fit" | "freeze" | "thaw")
            || models.found.iter().any(|other| other.name == name)
    };
    while is_taken(&name) {
        name.push('_');
    }
    models.found.push(Nested {
        name: name.clone(),
        class: if class == "Sequential" {
            "Sequential"
        } else {
            "Functional"
        },
        layers,
    });
    let layer = Layer {
        place: format!("layer {called}"),
        ..Layer::new(&name, Vec::new())
    };
    Ok((layer, called.to_owned()))
}

/// The most layers, each application counted: far more than a description may have.
const MOST_LAYERS: usize = 20_000;

fn refused(what: &str) -> Error {
    Error::message(format!("the file's model {what}"))
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn sequential(listed: &[Value], model: &Value, models: &mut Models) -> Result<Vec<Layer>> {
    let config = model.get("config").unwrap_or(&Value::Null);
    let mut layers: Vec<Layer> = Vec::new();
    for value in listed {
        let (mut made, _) = layer(value, models)?;
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

/// A tensor in a file: the layer that makes it, and which of its applications.
type Made = (String, usize);

/// Several inputs and outputs, and layers that are applied again.
fn functional(listed: &[Value], config: &Value, models: &mut Models) -> Result<(Vec<Layer>, Vec<usize>)> {
    // Each application of each layer with what it takes, in the file's order.
    let mut open: Vec<(Made, Layer, Vec<Made>)> = Vec::new();
    let mut names = BTreeSet::new();
    for value in listed {
        let (mut made, name) = layer(value, models)?;
        if !names.insert(name.clone()) {
            return Err(Error::message(format!("two layers are called {name}")));
        }
        let nodes = value
            .get("inbound_nodes")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice);
        if nodes.iter().any(inference::says_so) {
            inference::keep(&mut made, &mut models.found);
        }
        if nodes.is_empty() || made.class == "Input" {
            open.push(((name, 0), made, Vec::new()));
            continue;
        }
        for (index, node) in nodes.iter().enumerate() {
            let mut inputs = Vec::new();
            taken(node, &mut inputs, 0)?;
            open.push(((name.clone(), index), made.clone(), inputs));
        }
    }
    if open.len() > MOST_LAYERS {
        return Err(refused("has too many layers"));
    }
    let inputs = ends(config.get("input_layers"));
    let rank = |made: &Made| inputs.iter().position(|input| input == made).unwrap_or(inputs.len());
    // The inputs first, in the model's order; all else as the file has it.
    open.sort_by_key(|(made, layer, _)| {
        if layer.class == "Input" {
            (false, rank(made))
        } else {
            (true, 0)
        }
    });
    let mut places: HashMap<Made, usize> = HashMap::new();
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut layers: Vec<Layer> = Vec::new();
    // An application may take what a layer further down makes of another input.
    while !open.is_empty() {
        let count = open.len();
        let mut later = Vec::new();
        for (made, mut layer, inputs) in open {
            let found: Option<Vec<usize>> = inputs.iter().map(|input| places.get(input).copied()).collect();
            let Some(found) = found else {
                later.push((made, layer, inputs));
                continue;
            };
            layer.inputs = found;
            if let Some(&owner) = first.get(&made.0) {
                layer.again = Some(owner);
                layer.arguments.clear();
                layer.name = None;
            }
            first.entry(made.0.clone()).or_insert(layers.len());
            places.insert(made, layers.len());
            layers.push(layer);
        }
        if later.len() == count {
            let (name, input) = later
                .first()
                .map_or((String::new(), String::new()), |((name, _), _, inputs)| {
                    let unknown = inputs.iter().find(|input| !places.contains_key(*input));
                    (name.clone(), unknown.map_or(String::new(), |(name, _)| name.clone()))
                });
            return Err(Error::message(format!(
                "the layer {name} takes {input}, which does not come before it"
            )));
        }
        open = later;
    }
    let outputs = ends(config.get("output_layers"));
    if outputs.is_empty() {
        return Err(refused("has no outputs"));
    }
    let outputs: Option<Vec<usize>> = outputs.iter().map(|output| places.get(output).copied()).collect();
    let outputs = outputs.ok_or_else(|| refused("has an output that is not one of its layers"))?;
    Ok(ordered(&layers, &outputs))
}

/// The layers that the outputs depend on, a single output last, and the places of several.
fn ordered(layers: &[Layer], outputs: &[usize]) -> (Vec<Layer>, Vec<usize>) {
    let mut kept = BTreeSet::new();
    let mut open = outputs.to_vec();
    while let Some(place) = open.pop() {
        if kept.insert(place)
            && let Some(layer) = layers.get(place)
        {
            open.extend(layer.inputs.iter().copied().chain(layer.again));
        }
    }
    let mut order: Vec<usize> = kept.into_iter().collect();
    if let [output] = outputs {
        order.retain(|place| place != output);
        order.push(*output);
    }
    let new: HashMap<usize, usize> = order.iter().enumerate().map(|(new, &old)| (old, new)).collect();
    let moved = |place: &usize| new.get(place).copied();
    let layers = order.iter().filter_map(|&old| {
        let layer = layers.get(old)?;
        Some(Layer {
            inputs: layer.inputs.iter().filter_map(moved).collect(),
            again: layer.again.as_ref().and_then(moved),
            ..layer.clone()
        })
    });
    let layers = layers.collect();
    let outputs = match outputs {
        [_] => Vec::new(),
        several => several.iter().filter_map(moved).collect(),
    };
    (layers, outputs)
}

/// `[["a", 0, 0]]` or `["a", 0, 0]`; of several outputs with names a dictionary of such.
fn ends(value: Option<&Value>) -> Vec<Made> {
    match value {
        Some(Value::Array(items)) => match items.as_slice() {
            [Value::String(_), ..] => tensor(items).into_iter().collect(),
            items => items.iter().filter_map(|item| tensor(item.as_array()?)).collect(),
        },
        Some(Value::Object(named)) => named.values().filter_map(|item| tensor(item.as_array()?)).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
    }
}

/// A tensor as a saved model names it, `["a", 0, 0]`: its layer, which call of the layer made it, and which of that call's
/// outputs it is.
fn tensor(items: &[Value]) -> Option<Made> {
    let name = items.first()?.as_str()?.to_owned();
    let index = items.get(1).and_then(Value::as_u64).unwrap_or(0);
    Some((name, usize::try_from(index).ok()?))
}

/// The tensors in a node: Keras 3's with a history, Keras 2's `["a", 0, 0, {}]`.
fn taken(node: &Value, tensors: &mut Vec<Made>, depth: usize) -> Result<()> {
    if depth > 8 {
        return Err(refused("is nested too deep"));
    }
    match node {
        Value::Object(object) => {
            if let Some(history) = object.get("config").and_then(|config| config.get("keras_history")) {
                tensors.extend(history.as_array().and_then(|items| tensor(items)));
                return Ok(());
            }
            // The arguments by name are settings: `training`.
            object
                .get("args")
                .map_or(Ok(()), |arguments| taken(arguments, tensors, depth + 1))
        }
        Value::Array(items) => match items.as_slice() {
            [Value::String(_), Value::Number(_), Value::Number(_), ..] => {
                tensors.extend(tensor(items));
                Ok(())
            }
            items => items.iter().try_for_each(|item| taken(item, tensors, depth + 1)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

/// A layer, and its name in the file.
fn layer(value: &Value, models: &mut Models) -> Result<(Layer, String)> {
    let class = text(value, "class_name").ok_or_else(|| refused("has a layer without a class"))?;
    if let "Sequential" | "Functional" | "Model" = class {
        let config = value.get("config");
        let listed = config.and_then(|config| config.get("layers").or(Some(config)));
        if let Some(listed) = listed.and_then(Value::as_array) {
            return nested(class, listed, value, models);
        }
    }
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
        name: named,
        place: if name.is_empty() {
            String::new()
        } else {
            format!("layer {name}")
        },
        ..Layer::new(class, arguments(class, config, entry.map(|entry| entry.signature)))
    };
    Ok((made, name))
}

fn input(shape: Literal) -> Layer {
    Layer::new("Input", vec![Argument::named("shape", shape)])
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
