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
    /// Its layers, the input first, each after what it takes; the last is the output.
    pub layers: Vec<Layer>,
    /// How it is trained.
    pub compile: Option<Call>,
    /// On what, and for how long.
    pub fit: Option<Call>,
    /// What is not in the description.
    pub left_out: Vec<LeftOut>,
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
