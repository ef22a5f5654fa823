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
    /// The models that are layers of it or of one another, each before those that it is in.
    pub models: Vec<Nested>,
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
    /// The call of `fit`; `None` where the imported file has none.
    pub fit: Option<Call>,
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

/// A model that is a layer: a `Layer` with its name as the class applies it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nested {
    /// The name that the description has for it.
    pub name: String,
    /// Keras's class: `Sequential` or `Functional`.
    pub class: &'static str,
    /// Its layers, its input first and its output last.
    pub layers: Vec<Layer>,
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
    /// The place of the layer that this is, applied again: it has that one's arguments and weights.
    pub again: Option<usize>,
    /// Where it was found.
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
    /// The layers of a model by its place among `models`; behind those, the network's own.
    pub fn layers_of(&mut self, model: usize) -> &mut Vec<Layer> {
        match self.models.get_mut(model) {
            Some(nested) => &mut nested.layers,
            None => &mut self.layers,
        }
    }

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
