//! `config.json`: the model in the form that Keras deserializes.

use super::literal;
use crate::export::model::Model;
use compiler::layers::definition::{Arity, InKeras};
use compiler::network::{CheckedNetwork, Network, Node, NodeId};
use compiler::shape::Shape;
use serde_json::{Map, Value, json};

/// The whole model, with the arguments of `compile` if the description has it.
pub fn model(model: &Model<'_>) -> Value {
    let checked = &model.description.network;
    let network = checked.network();
    let layers: Vec<Value> = checked
        .nodes()
        .map(|(_, node, shape, _)| layer(checked, node, shape))
        .collect();
    let name_of = |id: NodeId| network.nodes.get(id.0).map_or(String::new(), called);
    let mut config = Map::new();
    config.insert("name".to_owned(), json!(network.name));
    config.insert("trainable".to_owned(), json!(true));
    config.insert("layers".to_owned(), Value::Array(layers));
    let (home, class) = if is_sequential(network) {
        config.insert("build_input_shape".to_owned(), batched(checked.input_shape()));
        ("keras", "Sequential")
    } else {
        config.insert("input_layers".to_owned(), json!([name_of(NodeId(0)), 0, 0]));
        config.insert("output_layers".to_owned(), json!([name_of(network.output), 0, 0]));
        // The class that `keras.Model` makes is not exported.
        ("keras.src.models.functional", "Functional")
    };
    let mut whole = json!({
        "module": home,
        "class_name": class,
        "config": config,
        "registered_name": null,
        "build_config": {"input_shape": batched(checked.input_shape())},
    });
    if let (Some(training), Some(whole)) = (compiled(network), whole.as_object_mut()) {
        whole.insert("compile_config".to_owned(), training);
    }
    whole
}

/// Whether each layer takes the output of the one before it.
fn is_sequential(network: &Network) -> bool {
    let chained = |(index, node): (usize, &Node)| index == 0 || node.inputs == [NodeId(index - 1)];
    !network.functional && network.nodes.iter().enumerate().all(chained) && network.output.0 + 1 == network.nodes.len()
}

fn layer(checked: &CheckedNetwork, node: &Node, shape: &Shape) -> Value {
    let (class, arguments) = match node.layer.in_keras() {
        InKeras::Itself | InKeras::Nothing => (node.layer.keras_class(), node.layer.arguments()),
        InKeras::Other(class, arguments) => (class, arguments),
    };
    let mut config = Map::new();
    config.insert("name".to_owned(), json!(called(node)));
    config.insert("dtype".to_owned(), json!("float32"));
    if node.layer.is_input() {
        config.insert("batch_shape".to_owned(), batched(shape));
    } else {
        // Not every class takes the argument, so it is said only where it matters.
        if !node.trainable {
            config.insert("trainable".to_owned(), json!(false));
        }
        for (name, text) in arguments {
            config.insert(name.to_owned(), literal::json(&text, "keras.initializers"));
        }
        for (name, text) in node.rules.printed() {
            let module = if name.ends_with("_constraint") {
                "keras.constraints"
            } else {
                "keras.regularizers"
            };
            config.insert(name.to_owned(), literal::json(&text, module));
        }
    }
    let inputs: Vec<Value> = node.inputs.iter().map(|&input| tensor(checked, input)).collect();
    let takes_many = compiler::layers::entry(node.layer.class()).is_some_and(|entry| entry.arity == Arity::Many);
    let inbound = match inputs.as_slice() {
        [] => json!([]),
        _ if takes_many => json!([{"args": [inputs], "kwargs": {}}]),
        _ => json!([{"args": inputs, "kwargs": {}}]),
    };
    json!({
        "module": "keras.layers",
        "class_name": class,
        "config": config,
        "registered_name": null,
        "name": called(node),
        "inbound_nodes": inbound,
    })
}

/// A layer's name in Keras, where no name may contain a `/`.
fn called(node: &Node) -> String {
    node.name.replace('/', "_")
}

/// A reference to the first output of a layer.
fn tensor(checked: &CheckedNetwork, id: NodeId) -> Value {
    let found = checked.nodes().find(|(found, ..)| *found == id);
    let (name, shape) = found.map_or((String::new(), Value::Null), |(_, node, shape, _)| {
        (called(node), batched(shape))
    });
    json!({
        "class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": [name, 0, 0]},
    })
}

/// A shape after a batch of any size.
fn batched(shape: &Shape) -> Value {
    let sizes = shape.sizes().iter().map(|&size| json!(size));
    Value::Array(std::iter::once(Value::Null).chain(sizes).collect())
}

/// The optimizer, the loss and the metrics; `None` without `compile`.
fn compiled(network: &Network) -> Option<Value> {
    let compile = network.last_compile()?;
    let metrics = compile.metrics.iter();
    let metrics: Vec<Value> = metrics
        .map(|metric| literal::json(&metric.printed(), "keras.metrics"))
        .collect();
    let mut config = json!({
        "optimizer": literal::json(&compile.optimizer.printed(), "keras.optimizers"),
        "loss": literal::json(&compile.loss.printed(), "keras.losses"),
        "metrics": metrics,
    });
    if let (true, Some(config)) = (compile.is_weighed(), config.as_object_mut()) {
        config.insert("loss_weights".to_owned(), json!(compile.loss_weight));
    }
    Some(config)
}

/// The name that Keras derives from that of a class: `Conv2DTranspose` gives `conv2d_transpose` (`keras/src/utils/naming.py`).
pub fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let at = |index: usize| letters.get(index).copied().unwrap_or(' ');
    let mut name = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        // `(.)([A-Z][a-z]+)` and `([a-z])([A-Z])`, each with a `_` between.
        let begins_word = index > 0 && letter.is_ascii_uppercase() && at(index + 1).is_ascii_lowercase();
        let ends_word = letter.is_ascii_uppercase() && index > 0 && at(index - 1).is_ascii_lowercase();
        if begins_word || ends_word {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_have_keras_s_names() {
        for (class, name) in [
            ("Conv2D", "conv2d"),
            ("Conv2DTranspose", "conv2d_transpose"),
            ("BatchNormalization", "batch_normalization"),
            ("InputLayer", "input_layer"),
            ("PReLU", "p_re_lu"),
            ("ReLU", "re_lu"),
            ("LeakyReLU", "leaky_re_lu"),
            ("ELU", "elu"),
            ("GlobalAveragePooling2D", "global_average_pooling2d"),
            ("DepthwiseConv2D", "depthwise_conv2d"),
            ("UpSampling2D", "up_sampling2d"),
        ] {
            assert_eq!(snake_case(class), name);
        }
    }
}
