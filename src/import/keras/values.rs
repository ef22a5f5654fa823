//! Writes values in Keras's configurations as a description does: arguments of layers, optimizers, losses.

use crate::import::draft::Call;
use crate::import::literal::{Argument, Literal};
use compiler::call::initializers;
use compiler::call::signature::{self, Signature};
use compiler::training::metrics::MetricKind;
use compiler::training::optimizers::Rule;
use serde_json::{Map, Value};

/// Arguments that say where and how a layer runs, but not what it computes.
const APART: [&str; 12] = [
    "name",
    "dtype",
    "batch_shape",
    "batch_input_shape",
    "batch_size",
    "sparse",
    "ragged",
    "dynamic",
    "autocast",
    "optional",
    "activity_regularizer_config",
    "registered_name",
];

/// The arguments whose values are not the layer's defaults.
pub fn arguments(class: &str, config: &Map<String, Value>, signature: Option<&'static Signature>) -> Vec<Argument> {
    let mut arguments = Vec::new();
    for (name, value) in config {
        // Keras 2's depthwise convolutions carry those of an ordinary one.
        let left = class == "DepthwiseConv2D"
            && matches!(
                name.as_str(),
                "groups" | "kernel_initializer" | "kernel_regularizer" | "kernel_constraint" | "filters"
            );
        if APART.contains(&name.as_str()) || left {
            continue;
        }
        let name = match (class, name.as_str()) {
            ("LeakyReLU", "alpha") => "negative_slope",
            (_, name) => name,
        };
        let mut literal = literal(value, 0);
        if name == "axis"
            && let Some([only]) = literal.items()
        {
            literal = only.clone();
        }
        let known = signature.and_then(|signature| signature.argument(name));
        let usual = match known {
            Some(argument) => is_default(&literal, argument.default),
            // What this layer's class has not, at a value that asks for nothing.
            None => {
                matches!(value, Value::Null | Value::Bool(false))
                    || (name == "trainable" && value == true)
                    || (name == "groups" && value == 1)
            }
        };
        let apart = matches!((name, value), ("data_format", Value::String(format)) if format == "channels_last");
        if !(usual || apart || name == "trainable" && *value == Value::Bool(true)) {
            arguments.push(Argument::named(name, literal));
        }
    }
    // In the order in which they are documented.
    let place = |argument: &Argument| {
        let name = argument.name.as_deref().unwrap_or_default();
        signature
            .and_then(|signature| signature.all().position(|known| known.name == name))
            .unwrap_or(usize::MAX)
    };
    arguments.sort_by_key(place);
    arguments
}

/// Whether the value of an argument amounts to its default: `GlorotUniform()` is "`glorot_uniform`", "linear" is no activation.
fn is_default(literal: &Literal, default: signature::Literal) -> bool {
    if literal.is_default(default) {
        return true;
    }
    match (literal, default) {
        (Literal::Str(text), signature::Literal::None) => text == "linear",
        (Literal::Str(name), signature::Literal::Str(default)) => compiler::resolve::snake_case(name) == default,
        _ => false,
    }
}

/// A value of a configuration as a description writes it.
fn literal(value: &Value, depth: usize) -> Literal {
    match value {
        _ if depth > 8 => Literal::Unknown("too_deep".to_owned()),
        Value::Null => Literal::None,
        Value::Bool(value) => Literal::Bool(*value),
        Value::Number(number) => number.as_i64().map_or_else(
            || Literal::Float(short(number.as_f64().unwrap_or(f64::NAN))),
            Literal::Int,
        ),
        Value::String(text) => Literal::Str(text.clone()),
        Value::Array(items) => Literal::Tuple(items.iter().map(|item| literal(item, depth + 1)).collect()),
        Value::Object(object) => call(object, depth),
    }
}

/// The call of an object's configuration: `{"class_name": "L2", "config": {"l2": 0.01}}`, or Keras's other forms of it.
fn call(object: &Map<String, Value>, depth: usize) -> Literal {
    // What there is for each of several outputs, by their names.
    if !object.contains_key("class_name") {
        let entries = object
            .iter()
            .map(|(name, value)| (Literal::Str(name.clone()), literal(value, depth + 1)));
        return Literal::Dictionary(entries.collect());
    }
    let class = object.get("class_name").and_then(Value::as_str).unwrap_or("an_object");
    match (class, object.get("config")) {
        // `{"class_name": "function", "config": "relu"}`, `{"class_name": "__tuple__", "items": ...}`
        (_, Some(Value::String(name))) => return Literal::Str(name.clone()),
        ("__tuple__", _) => {
            return object
                .get("items")
                .map_or(Literal::None, |items| literal(items, depth + 1));
        }
        _ => {}
    }
    let empty = Map::new();
    let config = object.get("config").and_then(Value::as_object).unwrap_or(&empty);
    let signature = initializers::SIGNATURES
        .iter()
        .find(|signature| signature.is_called(class));
    let signature = signature.or_else(|| {
        Rule::SIGNATURES
            .iter()
            .copied()
            .find(|signature| signature.is_called(class))
    });
    let signature = signature.or_else(|| {
        MetricKind::SIGNATURES
            .iter()
            .copied()
            .find(|signature| signature.is_called(class))
    });
    let mut arguments = Vec::new();
    for (name, value) in config {
        let name = match name.as_str() {
            "name" | "dtype" | "is_legacy_optimizer" | "jit_compile" | "reduction" | "fn" => continue,
            "lr" => "learning_rate",
            "decay" if value.as_f64() == Some(0.0) => continue,
            name => name,
        };
        let value = literal(value, depth + 1);
        let known = signature.and_then(|signature| signature.argument(name));
        let usual = known.map_or(value == Literal::None || value == Literal::Bool(false), |known| {
            is_default(&value, known.default)
        });
        if !usual {
            arguments.push(Argument::named(name, value));
        }
    }
    let is_initializer = initializers::SIGNATURES
        .iter()
        .any(|signature| signature.is_called(class));
    if arguments.is_empty()
        && is_initializer
        && !matches!(
            class,
            "Constant" | "RandomUniform" | "RandomNormal" | "TruncatedNormal" | "VarianceScaling"
        )
    {
        return Literal::Str(compiler::resolve::snake_case(class));
    }
    Literal::Call(class.to_owned(), arguments)
}

/// The shortest number that rounds to the same float32, if the number is one.
fn short(value: f64) -> f64 {
    let narrow = value as f32;
    // The JSON may be off by the last bit of what was written.
    if (f64::from(narrow) - value).abs() <= f64::EPSILON * value.abs() {
        return narrow.to_string().parse().unwrap_or(value);
    }
    value
}

/// `compile`, where the file says how the model was trained; it has so many outputs.
pub fn compile(training: &Value, outputs: usize) -> Option<Call> {
    let optimizer = training.get("optimizer").or_else(|| training.get("optimizer_config"))?;
    let loss = training.get("loss").filter(|loss| !loss.is_null())?;
    let mut call = Call {
        arguments: vec![
            Argument::named("optimizer", literal(optimizer, 0)),
            Argument::named("loss", listed(literal(loss, 0))),
        ],
        place: String::new(),
    };
    if let Some(weights) = training.get("loss_weights").filter(|weights| !weights.is_null()) {
        call.set("loss_weights", listed(literal(weights, 0)));
    }
    let metrics = training.get("metrics").or_else(|| training.get("metrics_config"));
    for (name, metrics) in [
        ("metrics", metrics),
        ("weighted_metrics", training.get("weighted_metrics")),
    ] {
        if let Some(metrics) = metrics.and_then(|metrics| measured(metrics, outputs)) {
            call.set(name, metrics);
        }
    }
    Some(call)
}

/// What `compile` is given as metrics of so many outputs; None where there are none.
fn measured(metrics: &Value, outputs: usize) -> Option<Literal> {
    match metrics {
        Value::Array(metrics) => {
            let all = |metric: &Value| metric.as_array().map(|own| own.iter().map(named_metric).collect());
            let metrics: Vec<Literal> = if outputs > 1 {
                // A list for each output.
                metrics
                    .iter()
                    .map(|metric| all(metric).map_or_else(|| named_metric(metric), Literal::List))
                    .collect()
            } else {
                // Keras 2 nests them once more.
                metrics
                    .iter()
                    .flat_map(|metric| all(metric).unwrap_or_else(|| vec![named_metric(metric)]))
                    .collect()
            };
            (!metrics.is_empty()).then_some(Literal::List(metrics))
        }
        Value::Object(named) => {
            let own = |metrics: &Value| match metrics {
                Value::Array(metrics) => metrics.iter().map(named_metric).collect(),
                one => vec![named_metric(one)],
            };
            let entries = named
                .iter()
                .map(|(name, metrics)| (name, own(metrics)))
                .filter(|(_, metrics): &(_, Vec<Literal>)| !metrics.is_empty())
                .map(|(name, metrics)| (Literal::Str(name.clone()), Literal::List(metrics)));
            let entries: Vec<(Literal, Literal)> = entries.collect();
            (!entries.is_empty()).then_some(Literal::Dictionary(entries))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A list, where there is one for each output.
fn listed(literal: Literal) -> Literal {
    match literal {
        Literal::Tuple(items) => Literal::List(items),
        other => other,
    }
}

/// Keras 2 writes "accuracy" as a wrapped function with that name; "mae" is a metric that is called so.
fn named_metric(metric: &Value) -> Literal {
    let wrapped = metric.get("class_name").and_then(Value::as_str) == Some("MeanMetricWrapper");
    match metric
        .get("config")
        .and_then(|config| config.get("name"))
        .and_then(Value::as_str)
    {
        Some(name) if wrapped => Literal::Str(name.to_owned()),
        Some(name) => match literal(metric, 0) {
            Literal::Call(class, mut arguments) if compiler::resolve::snake_case(&class) != name => {
                arguments.push(Argument::named("name", Literal::Str(name.to_owned())));
                Literal::Call(class, arguments)
            }
            other => other,
        },
        None => literal(metric, 0),
    }
}
