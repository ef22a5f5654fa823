//! A description in the making: what an import found, before it is text.

use super::literal::{Argument, Literal};

/// A place in the imported file, as messages call it: `line 12`, `cell 3, line 4`; empty where there is none to name.
pub type Place = String;

/// All that an import found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// The model's name.
    pub name: String,
    /// The file that it was found in.
    pub origin: String,
    /// Values with names of their own: data sets.
    pub values: Vec<Named>,
    /// Its layers, the input first, each after what it takes; the last is the output.
    pub layers: Vec<Layer>,
    /// Which layers of models in it are kept as they are: calls of `freeze` and `thaw`, in their order.
    pub freezing: Vec<Freezing>,
    /// How it is trained.
    pub compile: Option<Call>,
    /// On what, and for how long.
    pub fit: Option<Call>,
    /// What is not in the description.
    pub left_out: Vec<LeftOut>,
}

/// `train = image_dataset_from_directory(...)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The call that makes it.
    pub value: Literal,
    /// Where it was found.
    pub place: Place,
}

/// `freeze("vgg16", from_layer="block5_conv1")`.
#[derive(Debug, Clone, PartialEq)]
pub struct Freezing {
    /// The call.
    pub call: Literal,
    /// Where it was found.
    pub place: Place,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// Keras's class.
    pub class: String,
    /// Its arguments, without its name.
    pub arguments: Vec<Argument>,
    /// The name that it was given; none for an automatic one.
    pub name: Option<String>,
    /// The layers that it takes, by their places in the list.
    pub inputs: Vec<usize>,
    /// Where it was found.
    pub place: Place,
}

/// `compile(...)` or `fit(...)`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Call {
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// Where it was found.
    pub place: Place,
}

/// Something in the imported file that the description says nothing of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Its lines, for the order; counted through all cells of a notebook.
    pub lines: (usize, usize),
    /// Where it is.
    pub place: Place,
    /// What it is: its text, or why it was left out.
    pub what: String,
}

impl Call {
    /// The argument of that name.
    pub fn argument(&self, name: &str) -> Option<&Literal> {
        let found = self.arguments.iter().find(|argument| argument.is(name));
        found.map(|argument| &argument.value)
    }

    /// Sets an argument, in the place of an earlier one.
    pub fn set(&mut self, name: &str, value: Literal) {
        match self.arguments.iter_mut().find(|argument| argument.is(name)) {
            Some(argument) => argument.value = value,
            None => self.arguments.push(Argument::named(name, value)),
        }
    }
}

impl Draft {
    /// Puts a chain of layers between the input and what takes it.
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

    /// Takes a layer out whose output is that of the layer before it, as far as those behind are concerned.
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

/// A name for the model of a file: `my-net.v2.py` -> `my_net_v2`.
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
