//! A draft of a description: what an import found, before it is written as text.

use super::literal::{Argument, Literal};

/// A place in the imported file as messages name it: `line 12`, `cell 3, line 4`; empty where it has no name.
pub type Place = String;

/// Everything that an import found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The name of the model.
    pub name: String,
    /// The name of the imported file.
    pub origin: String,
    /// The data sets that get a name of their own in the description.
    pub values: Vec<Named>,
    /// The layers, the input first, each after those that it takes as inputs; the last one is the output.
    pub layers: Vec<Layer>,
    /// The calls of `freeze` and `thaw`, in order: which layers of models within it are not trained.
    pub freezing: Vec<Freezing>,
    /// The call of `compile`; `None` where the imported file has none.
    pub compile: Option<Call>,
    /// The call of `fit`; `None` where the imported file has none.
    pub fit: Option<Call>,
    /// What is in the imported file, but not in the description.
    pub left_out: Vec<LeftOut>,
}

/// A data set with a name: `train = image_dataset_from_directory(...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// The name on the left of the assignment.
    pub name: String,
    /// The call that makes it.
    pub value: Literal,
    /// Where it is in the imported file.
    pub place: Place,
}

/// A call that says which layers are trained: `freeze("vgg16", from_layer="block5_conv1")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Freezing {
    /// The call of `freeze` or `thaw` as it is written.
    pub call: Literal,
    /// Where it is in the imported file.
    pub place: Place,
}

/// A layer of the network.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The name of its class in Keras.
    pub class: String,
    /// Its arguments, without its name.
    pub arguments: Vec<Argument>,
    /// The name that it was given; `None` where Keras names it automatically.
    pub name: Option<String>,
    /// The indices in the list of the layers that it takes as inputs.
    pub inputs: Vec<usize>,
    /// Where it is in the imported file.
    pub place: Place,
}

/// A call of `compile(...)` or `fit(...)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// The arguments in the order in which they are written.
    pub arguments: Vec<Argument>,
    /// Where it is in the imported file.
    pub place: Place,
}

/// Something in the imported file that the description leaves out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its first and last line, to sort by; counted through all cells of a notebook.
    pub lines: (usize, usize),
    /// Where it is in the imported file.
    pub place: Place,
    /// Its text, or why it was left out.
    pub what: String,
}

impl Call {
    /// The value of the argument with this name.
    pub fn argument(&self, name: &str) -> Option<&Literal> {
        let found = self.arguments.iter().find(|argument| argument.is(name));
        found.map(|argument| &argument.value)
    }

    /// Sets an argument, replacing an earlier one of that name.
    pub fn set(&mut self, name: &str, value: Literal) {
        match self.arguments.iter_mut().find(|argument| argument.is(name)) {
            Some(argument) => argument.value = value,
            None => self.arguments.push(Argument::named(name, value)),
        }
    }
}

impl Draft {
    /// Inserts a chain of layers between the input and the layers that take it.
    pub fn put_in_front(&mut self, front: Vec<Layer>) {
        let count = front.len();
        if count == 0 || self.layers.is_empty() {
            return;
        }
        for layer in self.layers.iter_mut().skip(1) {
            for input in &mut layer.inputs {
                *input += count;
            }
        }
        let chain = front.into_iter().enumerate().map(|(index, layer)| Layer {
            inputs: vec![index],
            ..layer
        });
        drop(self.layers.splice(1..1, chain));
    }

    /// Removes a layer; those that took its output take its input instead.
    pub fn take_out(&mut self, place: usize) -> Option<Layer> {
        let before = self.layers.get(place)?.inputs.first().copied()?;
        let gone = self.layers.remove(place);
        for input in self.layers.iter_mut().flat_map(|layer| &mut layer.inputs) {
            match (*input).cmp(&place) {
                std::cmp::Ordering::Less => {}
                std::cmp::Ordering::Equal => *input = before,
                std::cmp::Ordering::Greater => *input -= 1,
            }
        }
        Some(gone)
    }
}

/// A name for the model of a file, as a description can have it: `my-net.v2.py` gives `my_net_v2`.
pub fn model_name(stem: &str) -> String {
    let mut name: String = stem
        .chars()
        .map(|letter| {
            if letter.is_ascii_alphanumeric() {
                letter.to_ascii_lowercase()
            } else {
                '_'
            }
        })
        .collect();
    if !name.starts_with(|first: char| first.is_ascii_alphabetic()) || name == "model" {
        name.insert_str(0, "net_");
    }
    match name.as_str() {
        "true" | "false" | "none" | "let" => format!("net_{name}"),
        _ => name,
    }
}
