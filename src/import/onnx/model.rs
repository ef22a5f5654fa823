//! ONNX's messages, as in `onnx.proto3`: a graph of nodes, and constant arrays with names.

use super::wire::{broken, each, fields, floats, int, integers, text};
use crate::session::{Error, Result};
use std::collections::HashMap;

/// The graph of a model (`GraphProto`).
pub struct Graph {
    pub nodes: Vec<Node>,
    /// The constant arrays by their names, weights among them.
    pub constants: HashMap<String, Array>,
    /// The inputs of the graph: names and sizes, with 0 for a size that is left open.
    pub inputs: Vec<(String, Vec<i64>)>,
    pub outputs: Vec<String>,
    pub name: String,
    /// What the program that wrote it says of it (`doc_string`).
    pub about: String,
}

/// One use of an operator (`NodeProto`).
pub struct Node {
    pub operator: String,
    pub name: String,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    attributes: HashMap<String, Attribute>,
}

struct Attribute {
    int: i64,
    float: f32,
    text: String,
    ints: Vec<i64>,
    array: Option<Array>,
}

/// A constant array (`TensorProto`), row-major.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub shape: Vec<usize>,
    pub values: Values,
}

/// The values of an array, by their type.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    Floats(Vec<f32>),
    Ints(Vec<i64>),
}

impl Array {
    /// The values where they are floats, else `None`.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Floats(values) => Some(values),
            Values::Ints(_) => None,
        }
    }

    /// The values where they are integers, else `None`.
    pub fn ints(&self) -> Option<&[i64]> {
        match &self.values {
            Values::Ints(values) => Some(values),
            Values::Floats(_) => None,
        }
    }
}

impl Node {
    /// The integer attribute with this name, or `default` without one.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attributes.get(name).map_or(default, |attribute| attribute.int)
    }

    /// The float attribute with this name, or `default` without one.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attributes.get(name).map_or(default, |attribute| attribute.float)
    }

    /// The text attribute with this name; empty without one.
    pub fn text(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", |attribute| &attribute.text)
    }

    /// The attribute with this name that is a list of integers; `None` without one.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        self.attributes.get(name).map(|attribute| attribute.ints.as_slice())
    }

    /// The attribute with this name as two sizes, for rows and columns: `default` for both without one, `None` if it is something
    /// else.
    pub fn pair(&self, name: &str, default: usize) -> Option<(usize, usize)> {
        match self.ints(name) {
            None => Some((default, default)),
            Some(&[first, second]) => Some((small(first)?, small(second)?)),
            Some(_) => None,
        }
    }

    /// What messages call the node: its name and its operator.
    pub fn label(&self) -> String {
        if self.name.is_empty() {
            self.operator.clone()
        } else {
            format!("{} ({})", self.name, self.operator)
        }
    }
}

/// A size or a step, no larger than those of any picture.
fn small(value: i64) -> Option<usize> {
    usize::try_from(value).ok().filter(|value| *value <= 1 << 20)
}

/// The graph of a model.
pub fn read(bytes: &[u8]) -> Result<Graph> {
    let model = fields(bytes)?;
    let graph = fields(each(&model, 7).last().ok_or_else(broken)?)?;
    let mut nodes = Vec::new();
    let mut constants = HashMap::new();
    for bytes in each(&graph, 5) {
        let (name, array) = array(bytes)?;
        constants.insert(name, array);
    }
    for bytes in each(&graph, 1) {
        let node = node(bytes)?;
        let value = node
            .attributes
            .get("value")
            .and_then(|attribute| attribute.array.clone());
        match (node.operator.as_str(), value, node.outputs.first()) {
            ("Constant", Some(value), Some(output)) => {
                constants.insert(output.clone(), value);
            }
            _ => nodes.push(node),
        }
    }
    let named = |number: u64| -> Result<Vec<(String, Vec<i64>)>> { each(&graph, number).map(value).collect() };
    let inputs = named(11)?
        .into_iter()
        .filter(|(name, _)| !constants.contains_key(name))
        .collect();
    let outputs = named(12)?.into_iter().map(|(name, _)| name).collect();
    Ok(Graph {
        nodes,
        inputs,
        outputs,
        constants,
        name: text(&graph, 2),
        about: text(&graph, 10),
    })
}

/// Reads the name and the sizes of a value.
fn value(bytes: &[u8]) -> Result<(String, Vec<i64>)> {
    let own = fields(bytes)?;
    let mut sizes = Vec::new();
    if let Some(kind) = each(&own, 2).last() {
        let kind = fields(kind)?;
        if let Some(tensor) = each(&kind, 1).last() {
            let tensor = fields(tensor)?;
            if let Some(shape) = each(&tensor, 2).last() {
                for dimension in each(&fields(shape)?, 1) {
                    sizes.push(int(&fields(dimension)?, 1));
                }
            }
        }
    }
    Ok((text(&own, 1), sizes))
}

fn node(bytes: &[u8]) -> Result<Node> {
    let own = fields(bytes)?;
    let words = |number: u64| {
        each(&own, number)
            .map(|word| String::from_utf8_lossy(word).into_owned())
            .collect()
    };
    let mut attributes = HashMap::new();
    for bytes in each(&own, 5) {
        let attribute = fields(bytes)?;
        let made = Attribute {
            int: int(&attribute, 3),
            float: floats(&attribute, 2).last().copied().unwrap_or(0.0),
            text: text(&attribute, 4),
            ints: integers(&attribute, 8)?,
            array: each(&attribute, 5)
                .last()
                .map(|bytes| array(bytes).map(|(_, array)| array))
                .transpose()?,
        };
        attributes.insert(text(&attribute, 1), made);
    }
    Ok(Node {
        operator: text(&own, 4),
        name: text(&own, 3),
        inputs: words(1),
        outputs: words(2),
        attributes,
    })
}

/// Reads an array and its name.
fn array(bytes: &[u8]) -> Result<(String, Array)> {
    let own = fields(bytes)?;
    let name = text(&own, 8);
    let refused = |what: &str| Error::message(format!("the array {name} {what}"));
    if int(&own, 14) != 0 {
        return Err(refused("lies in another file").with_help("save the model in one piece"));
    }
    let shape: Option<Vec<usize>> = integers(&own, 1)?
        .into_iter()
        .map(|size| usize::try_from(size).ok().filter(|size| *size < 1 << 31))
        .collect();
    let shape = shape.ok_or_else(|| refused("has an impossible size"))?;
    let count = shape
        .iter()
        .try_fold(1_usize, |all, &size| all.checked_mul(size))
        .ok_or_else(|| refused("is too large"))?;
    let raw = each(&own, 9).last();
    let values = match int(&own, 2) {
        1 => Values::Floats(match raw {
            Some(raw) => raw
                .as_chunks::<4>()
                .0
                .iter()
                .map(|word| f32::from_le_bytes(*word))
                .collect(),
            None => floats(&own, 4),
        }),
        6 => Values::Ints(match raw {
            Some(raw) => raw
                .as_chunks::<4>()
                .0
                .iter()
                .map(|word| i64::from(i32::from_le_bytes(*word)))
                .collect(),
            None => integers(&own, 5)?,
        }),
        7 => Values::Ints(match raw {
            Some(raw) => raw
                .as_chunks::<8>()
                .0
                .iter()
                .map(|word| i64::from_le_bytes(*word))
                .collect(),
            None => integers(&own, 7)?,
        }),
        _ => return Err(refused("does not hold float32 numbers or integers")),
    };
    let held = match &values {
        Values::Floats(values) => values.len(),
        Values::Ints(values) => values.len(),
    };
    if held != count {
        return Err(refused(&format!(
            "holds {held} numbers; its shape {shape:?} has {count}"
        )));
    }
    Ok((name, Array { shape, values }))
}
