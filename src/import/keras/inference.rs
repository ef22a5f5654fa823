//! Layers that a model applies as in prediction: `base(x, training=False)`.

use crate::import::draft::{Layer, Nested};
use crate::import::literal::{Argument, Literal};
use serde_json::Value;

/// Whether a node of a layer says `training=False`: Keras 3's `kwargs`, or Keras 2's last of `["a", 0, 0, {}]`.
pub fn says_so(node: &Value) -> bool {
    let is_off = |arguments: &Value| arguments.get("training") == Some(&Value::Bool(false));
    match node {
        Value::Object(object) => object.get("kwargs").is_some_and(is_off),
        Value::Array(items) => items.iter().any(|item| is_off(item) || item.get(3).is_some_and(is_off)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Keeps the statistics of a layer, or those in a model that is one, as they are.
pub fn keep(layer: &mut Layer, models: &mut [Nested]) {
    if let Some(place) = models.iter().position(|nested| nested.name == layer.class) {
        let mut inner = std::mem::take(match models.get_mut(place) {
            Some(nested) => &mut nested.layers,
            None => return,
        });
        // What a model has in it stands before it.
        let (before, _) = models.split_at_mut(place);
        inner.iter_mut().for_each(|layer| keep(layer, before));
        if let Some(nested) = models.get_mut(place) {
            nested.layers = inner;
        }
    } else if layer.class == "BatchNormalization" && !layer.arguments.iter().any(|argument| argument.is("trainable")) {
        let off = Argument::named("trainable", Literal::Bool(false));
        layer.arguments.push(off);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nodes_of_both_kinds_say_it() {
        assert!(says_so(&json!({"args": [], "kwargs": {"training": false}})));
        assert!(says_so(&json!([["a", 0, 0, {"training": false}]])));
        for other in [
            json!({"args": [], "kwargs": {"training": true}}),
            json!({"args": []}),
            json!([["a", 0, 0, {}]]),
        ] {
            assert!(!says_so(&other), "{other}");
        }
    }

    #[test]
    fn statistics_are_kept_however_deep_they_lie() {
        let nested = |name: &str, classes: &[&str]| Nested {
            name: name.to_owned(),
            class: "Sequential",
            layers: classes.iter().map(|class| Layer::new(class, Vec::new())).collect(),
        };
        let mut models = vec![
            nested("stem", &["BatchNormalization"]),
            nested("base", &["stem", "Dense"]),
        ];
        keep(&mut Layer::new("base", Vec::new()), &mut models);
        let kept: Vec<bool> = models
            .iter()
            .flat_map(|nested| &nested.layers)
            .map(|layer| layer.arguments.iter().any(|argument| argument.is("trainable")))
            .collect();
        assert_eq!(kept, [true, false, false]);
    }
}
