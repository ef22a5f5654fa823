//! What identifies a run: everything that its results depend on, except for the data.

use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use compiler::network::CheckedNetwork;
use compiler::training::fit::Fit;
use serde_yaml::{Mapping, Value};
use sha2::{Digest, Sha256};

/// A network with all arguments, its optimizer and its settings, but without `epochs`, which may grow, and `data`, which are
/// compared by their contents.
#[derive(Debug, Clone, PartialEq)]
pub struct Identity(Value);

/// The first part in which two runs differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The name of the part, such as `fit: validation_split` or `layer dense_1: units`.
    pub what: String,
    /// Its value in the run that was started earlier.
    pub then: String,
    /// Its value in the description and the command line now.
    pub now: String,
}

impl Identity {
    /// The identity of a network that is trained with these settings, one for each phase, including those of the command line.
    /// The epochs of all phases but the last belong to it, since the next phase begins where one ends.
    ///
    /// # Errors
    /// Never in practice: all of it can be written as YAML.
    pub fn of(network: &CheckedNetwork, fits: &[Fit]) -> Result<Self> {
        let refused = |error: serde_yaml::Error| {
            RuntimeError::mismatch(network.network().name.clone(), "a network as YAML", error.to_string())
        };
        let text = compiler::ir::yaml(network).map_err(refused)?;
        let mut value: Value = serde_yaml::from_str(&text).map_err(refused)?;
        for (index, fit) in fits.iter().enumerate() {
            let phase = match index.checked_sub(1) {
                None => Some(&mut value),
                Some(later) => value.get_mut("phases").and_then(|phases| phases.get_mut(later)),
            };
            let settings = phase.and_then(|phase| phase.get_mut("fit"));
            let Some(settings) = settings.and_then(Value::as_mapping_mut) else {
                continue;
            };
            settings.remove("data");
            if index + 1 == fits.len() {
                settings.remove("epochs");
            } else {
                settings.insert("epochs".into(), fit.epochs.into());
            }
            let validation = fit.validation_batch_size.unwrap_or(fit.batch_size);
            settings.insert("batch_size".into(), fit.batch_size.into());
            settings.insert("validation_batch_size".into(), validation.into());
            settings.insert("seed".into(), fit.seed.into());
        }
        Ok(Self(value))
    }

    /// The SHA-256 of everything in it, in hex.
    pub fn sha256(&self) -> String {
        let mut text = String::new();
        write(&self.0, &mut text);
        hex(&Sha256::digest(text.as_bytes()))
    }

    /// The first part in which `now` differs, layers in their order, then the rest; `None` where nothing does.
    pub fn difference(&self, now: &Self) -> Option<Difference> {
        difference(&self.0, &now.0, &mut Vec::new())
    }
}

/// Writes a value as text; equal values give equal text, since the keys of a mapping are sorted.
fn write(value: &Value, text: &mut String) {
    match value {
        Value::Mapping(mapping) => {
            let mut pairs: Vec<(String, &Value)> = mapping.iter().map(|(key, value)| (words(key), value)).collect();
            pairs.sort_by(|(left, _), (right, _)| left.cmp(right));
            text.push('{');
            for (key, value) in pairs {
                text.push_str(&format!("{key:?}:"));
                write(value, text);
                text.push(',');
            }
            text.push('}');
        }
        Value::Sequence(values) => {
            text.push('[');
            for value in values {
                write(value, text);
                text.push(',');
            }
            text.push(']');
        }
        Value::String(string) => text.push_str(&format!("{string:?}")),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Tagged(_) => text.push_str(&words(value)),
    }
}

/// A value as messages show it.
fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Sequence(values) => format!("[{}]", values.iter().map(words).collect::<Vec<_>>().join(", ")),
        Value::Mapping(mapping) => match mapping.get("type").or_else(|| mapping.get("name")) {
            Some(kind) => words(kind),
            None => "something else".to_owned(),
        },
        Value::Tagged(tagged) => words(&tagged.value),
    }
}

fn difference(then: &Value, now: &Value, path: &mut Vec<String>) -> Option<Difference> {
    if then == now {
        return None;
    }
    match (then, now) {
        (Value::Mapping(left), Value::Mapping(right)) => in_mappings(left, right, path),
        (Value::Sequence(left), Value::Sequence(right)) if left.iter().chain(right).any(Value::is_mapping) => {
            let none = Value::Null;
            (0..left.len().max(right.len())).find_map(|index| {
                let (then, now) = (left.get(index).unwrap_or(&none), right.get(index).unwrap_or(&none));
                // A layer is called by its name, where both have it.
                let name = |value: &Value| value.get("name").map(words);
                let (then_name, now_name) = (name(then), name(now));
                let is_phase = path.last().is_some_and(|part| part == "phases");
                path.push(match (&then_name, &now_name) {
                    _ if is_phase => format!("phase {}", index + 2),
                    (Some(then), Some(now)) if then == now => format!("layer {then}"),
                    _ => format!("layer {}", index + 1),
                });
                let found = if then_name == now_name {
                    difference(then, now, path)
                } else {
                    let called = |name: Option<String>, value: &Value| match name {
                        Some(name) => format!("{name} ({})", words(value)),
                        None => "missing".to_owned(),
                    };
                    Some(Difference {
                        what: path.join(": "),
                        then: called(then_name, then),
                        now: called(now_name, now),
                    })
                };
                path.pop();
                found
            })
        }
        _ => Some(Difference {
            what: path.join(": "),
            then: words(then),
            now: words(now),
        }),
    }
}

fn in_mappings(then: &Mapping, now: &Mapping, path: &mut Vec<String>) -> Option<Difference> {
    let none = Value::Null;
    let mut keys: Vec<&Value> = then
        .keys()
        .chain(now.keys().filter(|key| !then.contains_key(*key)))
        .collect();
    // What follows from other parts is told last: a layer's shape and variables, the number of all parameters.
    let follows = |key: &&Value| {
        ["parameters", "output_shape", "variables"]
            .iter()
            .any(|name| key.as_str() == Some(name))
    };
    keys.sort_by_key(follows);
    keys.into_iter().find_map(|key| {
        let name = words(key);
        let unnamed = ["layers", "arguments"].contains(&name.as_str());
        if !unnamed {
            path.push(name);
        }
        let found = difference(then.get(key).unwrap_or(&none), now.get(key).unwrap_or(&none), path);
        if !unnamed {
            path.pop();
        }
        found
    })
}
