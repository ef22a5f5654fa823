//! `config.json`: the model in the form that Keras deserializes.

use super::literal;
use crate::export::model::Model;
use compiler::layers::definition::{Arity, InKeras};
use compiler::network::{CheckedNetwork, Network, Node, NodeId, Port};
use compiler::training::compile::Judgement;
use compiler::training::losses::Loss;
use compiler::training::metrics::Metric;
use serde_json::{Map, Value, json};

/// The whole model, with the arguments of `compile` if the description has it.
pub fn model(model: &Model<'_>) -> Value {
    let checked = &model.description.network;
    let network = checked.network();
    let layers: Vec<Value> = checked
        .nodes()
        .filter(|(_, node, ..)| node.shares.is_none())
        .map(|(id, node, ..)| layer(checked, id, node))
        .collect();
    let mut config = Map::new();
    config.insert("name".to_owned(), json!(network.name));
    config.insert("trainable".to_owned(), json!(true));
    config.insert("layers".to_owned(), Value::Array(layers));
    let (home, class) = if is_sequential(network) {
        let input = checked.inputs().first().map(|port| described(checked, port.node));
        config.insert("build_input_shape".to_owned(), json!(input));
        ("keras", "Sequential")
    } else {
        config.insert("input_layers".to_owned(), ends(network, checked.inputs()));
        config.insert("output_layers".to_owned(), ends(network, checked.outputs()));
        // The class that `keras.Model` makes is not exported.
        ("keras.src.models.functional", "Functional")
    };
    let mut whole = json!({
        "module": home,
        "class_name": class,
        "config": config,
        "registered_name": null,
        "build_config": {"input_shape": taken(checked)},
    });
    if let (Some(training), Some(whole)) = (compiled(network), whole.as_object_mut()) {
        whole.insert("compile_config".to_owned(), training);
    }
    whole
}

/// Inputs or outputs: one, or a list of several.
fn ends(network: &Network, ports: &[Port]) -> Value {
    let all: Vec<Value> = ports.iter().map(|port| history(network, port.node)).collect();
    match all.as_slice() {
        [one] => one.clone(),
        _ => Value::Array(all),
    }
}

/// The shape of what the model takes, or those.
fn taken(checked: &CheckedNetwork) -> Value {
    match checked.inputs() {
        [one] => described(checked, one.node),
        several => several.iter().map(|port| described(checked, port.node)).collect(),
    }
}

/// The layer of a node, which of its applications it is, and which of its outputs.
fn history(network: &Network, id: NodeId) -> Value {
    let owner = network.nodes.get(id.0).and_then(|node| node.shares).unwrap_or(id);
    let name = network.nodes.get(owner.0).map_or(String::new(), called);
    json!([name, applications(network, owner).iter().position(|own| *own == id), 0])
}

/// The nodes of a layer: itself, and each place where it is applied again.
fn applications(network: &Network, owner: NodeId) -> Vec<NodeId> {
    let again = network
        .nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| node.shares == Some(owner));
    std::iter::once(owner)
        .chain(again.map(|(index, _)| NodeId(index)))
        .collect()
}

/// The class that the file gives a layer.
pub fn class(node: &Node) -> &'static str {
    match node.layer.in_keras() {
        InKeras::Itself | InKeras::Nothing => node.layer.keras_class(),
        InKeras::Other(class, _) => class,
    }
}

/// Whether each layer takes the one before it.
fn is_sequential(network: &Network) -> bool {
    let chained = |(index, node): (usize, &Node)| index == 0 || node.inputs == [NodeId(index - 1)];
    !network.functional
        && !network.has_several_ends()
        && network.nodes.iter().enumerate().all(chained)
        && network.output.0 + 1 == network.nodes.len()
}

fn layer(checked: &CheckedNetwork, id: NodeId, node: &Node) -> Value {
    let (class, arguments) = match node.layer.in_keras() {
        InKeras::Itself | InKeras::Nothing => (node.layer.keras_class(), node.layer.arguments()),
        InKeras::Other(class, arguments) => (class, arguments),
    };
    let mut config = Map::new();
    config.insert("name".to_owned(), json!(called(node)));
    config.insert("dtype".to_owned(), json!("float32"));
    if node.layer.is_input() {
        config.insert("batch_shape".to_owned(), described(checked, id));
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
    let takes_many = compiler::layers::entry(node.layer.class()).is_some_and(|entry| entry.arity == Arity::Many);
    let network = checked.network();
    let nodes = applications(network, id).into_iter();
    let taken = nodes.filter_map(|id| network.nodes.get(id.0)).map(|node| {
        let inputs: Vec<Value> = node.inputs.iter().map(|&input| tensor(checked, input)).collect();
        if takes_many {
            json!({"args": [inputs], "kwargs": {}})
        } else {
            json!({"args": inputs, "kwargs": {}})
        }
    });
    let inbound: Vec<Value> = if node.inputs.is_empty() {
        Vec::new()
    } else {
        taken.collect()
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
    let shape = described(checked, id);
    json!({
        "class_name": "__keras_tensor__",
        "config": {"shape": shape, "dtype": "float32", "keras_history": history(checked.network(), id)},
    })
}

/// The shape of a node's output after a batch of any size, with null for sizes that the description leaves open.
fn described(checked: &CheckedNetwork, id: NodeId) -> Value {
    let sizes = checked.described(id).into_iter().map(|size| json!(size));
    Value::Array(std::iter::once(Value::Null).chain(sizes).collect())
}

/// The optimizer, the loss and the metrics; `None` without `compile`.
fn compiled(network: &Network) -> Option<Value> {
    let compile = network.last_compile()?;
    let metrics = |metrics: &[Metric], weighted: bool| -> Vec<Value> {
        let written = metrics
            .iter()
            .filter(|metric| metric.weighted == weighted)
            .map(|metric| literal::json(&metric.printed(), "keras.metrics"));
        written.collect()
    };
    let loss = |loss: &Loss| literal::json(&loss.printed(), "keras.losses");
    let mut config = json!({
        "optimizer": literal::json(&compile.optimizer.printed(), "keras.optimizers"),
        "loss": loss(&compile.loss),
        "metrics": metrics(&compile.metrics, false),
    });
    let weighs = compile
        .judgements()
        .any(|judgement| judgement.metrics.iter().any(|metric| metric.weighted));
    let Some(held) = config.as_object_mut() else {
        return Some(config);
    };
    if !compile.others.is_empty() {
        // By the outputs' names, as Keras finds them again.
        let named = |value: &dyn Fn(&Judgement) -> Value| -> Value {
            let pairs = compile.outputs.iter().zip(compile.judgements());
            Value::Object(
                pairs
                    .map(|(name, judgement)| (name.replace('/', "_"), value(&judgement)))
                    .collect(),
            )
        };
        held.insert("loss".to_owned(), named(&|judgement| loss(&judgement.loss)));
        held.insert(
            "metrics".to_owned(),
            named(&|judgement| json!(metrics(&judgement.metrics, false))),
        );
        if weighs {
            let weighted = named(&|judgement| json!(metrics(&judgement.metrics, true)));
            held.insert("weighted_metrics".to_owned(), weighted);
        }
        held.insert(
            "loss_weights".to_owned(),
            named(&|judgement| json!(judgement.loss_weight)),
        );
        return Some(config);
    }
    if weighs {
        held.insert("weighted_metrics".to_owned(), json!(metrics(&compile.metrics, true)));
    }
    if compile.is_weighed() {
        held.insert("loss_weights".to_owned(), json!(compile.loss_weight));
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
