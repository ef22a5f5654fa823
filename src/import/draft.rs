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
    /// Its layers, the inputs first, each after what it takes; the last is the output, where there is one.
    pub layers: Vec<Layer>,
    /// The places of the layers that are its outputs, in order, where there are several.
    pub outputs: Vec<usize>,
    /// How it is trained, in the order in which that is done; none where nothing says so.
    pub phases: Vec<Phase>,
    /// What is not in the description.
    pub left_out: Vec<LeftOut>,
}

/// A part of the training: the first one, or what goes on with the weights of the one before.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase {
    /// What is kept as it is from here on, and what trains again: calls of `freeze` and `thaw`, in their order.
    pub freezing: Vec<Freezing>,
    /// With what it is trained; none to go on with what there is.
    pub compile: Option<Call>,
    /// On what, and for how long.
    pub fit: Option<Call>,
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
    /// The place of the layer that this is, applied again: it has that one's arguments and weights.
    pub again: Option<usize>,
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

impl Layer {
    /// A layer without a name that takes nothing yet.
    pub fn new(class: &str, arguments: Vec<Argument>) -> Self {
        Self {
            class: class.to_owned(),
            arguments,
            name: None,
            inputs: Vec::new(),
            again: None,
            place: Place::new(),
        }
    }
}

impl Draft {
    /// How many inputs it has.
    pub fn inputs(&self) -> usize {
        self.layers.iter().filter(|layer| layer.class == "Input").count()
    }

    /// Puts a chain of layers between the input and what takes it.
    pub fn put_in_front(&mut self, front: Vec<Layer>) {
        let count = front.len();
        if count == 0 || self.layers.is_empty() {
            return;
        }
        let moved = |place: &mut usize| *place += usize::from(*place > 0) * count;
        for layer in self.layers.iter_mut().skip(1) {
            layer.inputs.iter_mut().for_each(|input| *input += count);
            layer.again.iter_mut().for_each(moved);
        }
        self.outputs.iter_mut().for_each(moved);
        let chain = front.into_iter().enumerate().map(|(index, layer)| Layer {
            inputs: vec![index],
            ..layer
        });
        drop(self.layers.splice(1..1, chain));
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
