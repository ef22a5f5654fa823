//! Turns arguments as a description writes them into the JSON of a Keras configuration: `(3, 3)` becomes `[3, 3]`, `None` becomes
//! `null`, `Constant(value=0.5)` an object with its module and class.

use serde_json::{Map, Value, json};

/// The JSON of one argument; `module` is Keras's module of what a call makes. A word becomes a string, and so does anything else.
pub fn json(text: &str, module: &str) -> Value {
    let text = text.trim();
    if let Some(inner) = enclosed(text, '(', ')').or_else(|| enclosed(text, '[', ']')) {
        return Value::Array(parts(inner).map(|part| json(part, module)).collect());
    }
    if let Some(inner) = enclosed(text, '"', '"').or_else(|| enclosed(text, '\'', '\'')) {
        return Value::String(inner.to_owned());
    }
    match text {
        "None" => return Value::Null,
        "true" | "True" => return Value::Bool(true),
        "false" | "False" => return Value::Bool(false),
        _ => {}
    }
    // Keras's optimizers refuse whole numbers where they want floats, and take floats everywhere.
    let takes_floats = module.starts_with("keras.optimizers");
    if let Some(number) = text.parse::<i64>().ok().filter(|_| !takes_floats) {
        return json!(number);
    }
    if let Ok(number) = text.parse::<f64>() {
        return json!(number);
    }
    match text.split_once('(') {
        Some((class, rest)) if rest.ends_with(')') => object(class, rest.strip_suffix(')').unwrap_or(rest), module),
        Some(_) | None => Value::String(text.to_owned()),
    }
}

/// The configuration of the object that `class(arguments)` makes.
fn object(class: &str, arguments: &str, module: &str) -> Value {
    let mut config = Map::new();
    for part in parts(arguments) {
        if let Some((name, value)) = part.split_once('=') {
            let inner = if name.trim() == "learning_rate" {
                "keras.optimizers.schedules"
            } else {
                module
            };
            config.insert(name.trim().to_owned(), json(value, inner));
        }
    }
    json!({"module": module, "class_name": class.trim(), "config": config, "registered_name": null})
}

fn enclosed(text: &str, open: char, close: char) -> Option<&str> {
    text.strip_prefix(open)?.strip_suffix(close)
}

/// The parts between the outermost commas.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let split = text.split(move |letter| {
        match letter {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    split.filter(|part| !part.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_become_json() {
        let of = |text| json(text, "keras.initializers").to_string();
        assert_eq!(of("(3, 3)"), "[3,3]");
        assert_eq!(of("(5,)"), "[5]");
        assert_eq!(of("((1, 2), (0, 0))"), "[[1,2],[0,0]]");
        assert_eq!(of("same"), "\"same\"");
        assert_eq!(of("None"), "null");
        assert_eq!(of("true"), "true");
        assert_eq!(of("1e-7"), "1e-7");
        assert_eq!(
            json("Constant(value=0.5)", "keras.initializers"),
            json!({"module": "keras.initializers", "class_name": "Constant", "config": {"value": 0.5}, "registered_name": null})
        );
        let rate = json(
            "SGD(learning_rate=CosineDecay(initial_learning_rate=0.1, decay_steps=10))",
            "keras.optimizers",
        );
        assert_eq!(rate["config"]["learning_rate"]["module"], "keras.optimizers.schedules");
        assert_eq!(rate["config"]["learning_rate"]["config"]["decay_steps"], 10.0);
    }
}
