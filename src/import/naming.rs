//! The names of layers in a description that is written, and which of them others are wired to.

use super::draft::{Draft, Layer, Nested};
use compiler::layers::{self, definition::Arity};
use std::collections::{HashMap, HashSet};

/// The classes that have been named automatically, and how often: a file counts on from one model to the next.
pub type Counts = HashMap<String, usize>;

/// A model as it is written: the network, or a model that is a layer.
#[derive(Clone, Copy)]
pub struct Model<'a> {
    /// Its layers.
    pub layers: &'a [Layer],
    /// The places of the layers that are its outputs; empty where the last one is.
    pub outputs: &'a [usize],
    /// The models that may be layers of it.
    pub models: &'a [Nested],
    /// Keras's class of a model that is a layer, which its file of weights tells apart; `None` for the network.
    pub class: Option<&'static str>,
}

impl<'a> Model<'a> {
    /// The network itself.
    pub fn of(draft: &'a Draft) -> Self {
        Self {
            layers: &draft.layers,
            outputs: &draft.outputs,
            models: &draft.models,
            class: None,
        }
    }

    /// Whether it is written as a `Sequential`: names of its layers do not stand before a `=` there.
    pub fn is_sequential(&self) -> bool {
        self.class == Some("Sequential")
    }

    /// Whether it is functional and nothing in it says so yet, so that the layer behind its input has to.
    pub fn must_say_functional(&self, names: &[Option<String>]) -> bool {
        let is_wired = || {
            self.layers
                .iter()
                .enumerate()
                .any(|(index, layer)| self.is_wired(index, layer))
        };
        self.class == Some("Functional") && names.iter().all(Option::is_none) && !is_wired()
    }

    /// Whether a layer is a model of the file.
    pub fn is_nested(&self, layer: &Layer) -> bool {
        self.models.iter().any(|nested| nested.name == layer.class)
    }

    /// Whether the layer has to say what it takes. A model that is a layer keeps its name so, where anything is wired.
    pub fn is_wired(&self, index: usize, layer: &Layer) -> bool {
        let is_branched = || {
            !self.outputs.is_empty()
                || self
                    .layers
                    .iter()
                    .enumerate()
                    .any(|(index, layer)| is_wired(index, layer))
        };
        is_wired(index, layer) || self.is_nested(layer) && is_branched()
    }
}

/// The names of layers, given or, for those that others are wired to, made here: `conv1`, `add2`. Names that would be given
/// automatically are left away.
pub fn names(model: Model<'_>, automatic: &mut Counts) -> Vec<Option<String>> {
    let layers = model.layers;
    let mut taken: HashSet<String> = layers.iter().filter_map(|layer| layer.name.clone()).collect();
    let mut wired: HashSet<usize> = HashSet::new();
    for (index, layer) in layers.iter().enumerate() {
        if model.is_wired(index, layer) {
            wired.extend(&layer.inputs);
        }
        wired.extend(layer.again);
    }
    wired.extend(model.outputs);
    // Of several inputs each needs a name.
    let inputs = layers.iter().filter(|layer| layer.class == "Input").count();
    let mut made: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let is_input = index == 0 && inputs == 1;
        let is_one_of_several = layer.class == "Input" && inputs > 1;
        if let Some(name) = &layer.name {
            let entry = layers::entry(&layer.class);
            let class = entry.map_or(layer.class.as_str(), |entry| entry.keras_class);
            let count = automatic.entry(class.to_owned()).or_default();
            let stem = compiler::resolve::snake_case(class);
            let own = if *count == 0 { stem } else { format!("{stem}_{count}") };
            if own == *name && layer.again.is_none() && !is_one_of_several && (is_input || !wired.contains(&index)) {
                *count += 1;
                names.push(None);
            } else if wired.contains(&index) && !is_identifier(name) {
                // What is wired is a name of the text.
                let mut plain = name.replace('-', "_");
                if !is_identifier(&plain) {
                    plain.insert_str(0, "layer_");
                }
                while !taken.insert(plain.clone()) {
                    plain.push('_');
                }
                names.push(Some(plain));
            } else {
                names.push(Some(name.clone()));
            }
        } else if is_one_of_several || wired.contains(&index) && !is_input {
            let stem = stem(&layer.class);
            let name = loop {
                let count = made.entry(stem).or_default();
                *count += 1;
                let name = format!("{stem}{count}");
                if taken.insert(name.clone()) {
                    break name;
                }
            };
            names.push(Some(name));
        } else if layer.again.is_some() {
            names.push(None);
        } else {
            let entry = layers::entry(&layer.class);
            let class = entry.map_or(layer.class.as_str(), |entry| entry.keras_class);
            *automatic.entry(class.to_owned()).or_default() += 1;
            names.push(None);
        }
    }
    names
}

/// Whether the layer has to say what it takes.
fn is_wired(index: usize, layer: &Layer) -> bool {
    let many = layers::entry(&layer.class).is_some_and(|entry| entry.arity == Arity::Many);
    index > 0 && (many || layer.again.is_some() || !(layer.inputs.is_empty() || layer.inputs == [index - 1]))
}

/// What names of a class begin with; no automatic name has a number right behind its letters.
pub fn stem(class: &str) -> &'static str {
    match class {
        "Conv2D" | "Conv1D" | "SeparableConv2D" | "DepthwiseConv2D" | "Conv2DTranspose" => "conv",
        "Dense" => "dense",
        "BatchNormalization" | "LayerNormalization" | "GroupNormalization" => "norm",
        "Activation" | "ReLU" | "LeakyReLU" | "PReLU" | "ELU" | "Softmax" => "act",
        "Add" | "Subtract" => "sum",
        "Multiply" => "product",
        "Concatenate" => "joined",
        "Dropout" | "SpatialDropout2D" => "drop",
        "Input" => "input",
        _ if class.contains("Pool") => "pool",
        _ => "layer",
    }
}

/// Whether a name can stand before `=`.
pub fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(name, "model" | "let" | "True" | "true" | "False" | "false" | "None")
}
