//! Writes a draft as text, and records where each part of it came from.

use super::draft::{Call, Draft, Freezing, Layer, Named, Place};
use super::literal::{Argument, Literal};
use compiler::layers::{self, definition::Arity};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// The text of a description, with its parts.
pub struct Written {
    /// The text, as it is written to a file.
    pub text: String,
    /// The parts of the text, outer ones before those within them.
    pub parts: Vec<Part>,
}

/// A part of the text.
pub struct Part {
    /// Its range in the text, in bytes.
    pub range: Range<usize>,
    /// Where it came from in the imported file.
    pub place: Place,
    /// How to remove it from the draft; `None` where the network would be another one without it.
    pub optional: Option<Optional>,
}

/// A part of a draft that can be left out; the numbers are indices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// An argument of `compile`.
    Compile(usize),
    /// One of the metrics: the argument's place in `compile` and its own in the list.
    Metric(usize, usize),
    /// An argument of `fit`.
    Fit(usize),
    /// One of the callbacks.
    Callback(usize, usize),
    /// An argument of a callback.
    CallbackArgument(usize, usize, usize),
    /// An argument of the optimizer.
    OptimizerArgument(usize, usize),
    /// An initializer, regularizer or constraint of a layer: the layer's index and the argument's.
    LayerArgument(usize, usize),
    /// An argument of a data set: the index of the data set among the named values, and the argument's own.
    ValueArgument(usize, usize),
    /// A call of `freeze` or `thaw`.
    Freezing(usize),
}

/// The longest line that is written, wherever it can be broken.
const WIDTH: usize = 110;

/// The text of a draft.
pub fn text(draft: &Draft) -> Written {
    let mut writer = Writer {
        text: String::new(),
        parts: Vec::new(),
    };
    writer.text.push_str(&format!("# From {}.\n", plain(&draft.origin)));
    for (index, named) in draft.values.iter().enumerate() {
        writer.named(index, named);
    }
    writer.text.push_str(&format!("model {} {{\n", draft.name));
    let names = names(&draft.layers);
    for (index, layer) in draft.layers.iter().enumerate() {
        writer.layer(draft, index, layer, &names);
    }
    writer.text.push_str("}\n");
    for (index, freezing) in draft.freezing.iter().enumerate() {
        writer.freezing(index, freezing);
    }
    if let Some(compile) = &draft.compile {
        writer.call("compile", compile, Optional::Compile);
    }
    if let Some(fit) = &draft.fit {
        writer.call("fit", fit, Optional::Fit);
    }
    if !draft.left_out.is_empty() {
        writer
            .text
            .push_str(&format!("\n# Left out of {}:\n", plain(&draft.origin)));
        for left in &draft.left_out {
            let place = if left.place.is_empty() {
                String::new()
            } else {
                format!("{}: ", left.place)
            };
            writer.text.push_str(&format!("#   {place}{}\n", plain(&left.what)));
        }
    }
    Written {
        text: writer.text,
        parts: writer.parts,
    }
}

/// A text in the form that a comment can have: one line without control characters.
fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .collect()
}

/// The names of layers: the given ones, and new ones such as `conv1` and `add2` for layers that others refer to. `None` for names
/// that would be given automatically.
fn names(layers: &[Layer]) -> Vec<Option<String>> {
    let mut taken: HashSet<String> = layers.iter().filter_map(|layer| layer.name.clone()).collect();
    let mut wired: HashSet<usize> = HashSet::new();
    for (index, layer) in layers.iter().enumerate() {
        if is_wired(index, layer) {
            wired.extend(&layer.inputs);
        }
    }
    // Of several inputs each needs a name.
    let inputs = layers.iter().filter(|layer| layer.class == "Input").count();
    let mut automatic: HashMap<&str, usize> = HashMap::new();
    let mut made: HashMap<&str, usize> = HashMap::new();
    let mut names = Vec::new();
    for (index, layer) in layers.iter().enumerate() {
        let is_input = index == 0 && inputs == 1;
        let is_one_of_several = layer.class == "Input" && inputs > 1;
        if let Some(name) = &layer.name {
            let entry = layers::entry(&layer.class);
            let class = entry.map_or(layer.class.as_str(), |entry| entry.keras_class);
            let count = automatic.entry(class).or_default();
            let stem = compiler::resolve::snake_case(class);
            let own = if *count == 0 { stem } else { format!("{stem}_{count}") };
            if own == *name && !is_one_of_several && (is_input || !wired.contains(&index)) {
                *count += 1;
                names.push(None);
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
        } else {
            let entry = layers::entry(&layer.class);
            let class = entry.map_or(layer.class.as_str(), |entry| entry.keras_class);
            *automatic.entry(class).or_default() += 1;
            names.push(None);
        }
    }
    names
}

/// Whether a layer has to be written with its inputs.
fn is_wired(index: usize, layer: &Layer) -> bool {
    let many = layers::entry(&layer.class).is_some_and(|entry| entry.arity == Arity::Many);
    index > 0 && (many || !(layer.inputs.is_empty() || layer.inputs == [index - 1]))
}

/// Whether a class is a model that is used as a layer, or the preprocessing of its pixels: all of these have one input.
fn is_model(class: &str) -> bool {
    compiler::applications::entry(class).is_some() || class.ends_with(".preprocess_input")
}

/// What new names of a class begin with; no automatic name has a number right after its letters.
fn stem(class: &str) -> &'static str {
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

struct Writer {
    text: String,
    parts: Vec<Part>,
}

impl Writer {
    fn layer(&mut self, draft: &Draft, index: usize, layer: &Layer, names: &[Option<String>]) {
        self.text.push_str("    ");
        let start = self.text.len();
        let own = names.get(index).cloned().flatten();
        // A target is an identifier; Keras's names may hold a `-` as well.
        let mut arguments = layer.arguments.clone();
        match own {
            Some(name) if is_identifier(&name) => self.text.push_str(&format!("{name} = ")),
            Some(name) => arguments.push(Argument::named("name", Literal::Str(name))),
            None => {}
        }
        let value = Literal::Call(layer.class.clone(), arguments.clone());
        let is_optional = |place: usize| {
            let name = arguments.get(place)?.name.as_deref()?;
            let ends = ["_initializer", "_regularizer", "_constraint"];
            let optional = ends.iter().any(|end| name.ends_with(end));
            optional.then_some(Optional::LayerArgument(index, place))
        };
        self.value(&value, &layer.place, is_optional);
        if is_wired(index, layer) {
            let wired: Vec<String> = layer
                .inputs
                .iter()
                .map(|&input| match names.get(input).cloned().flatten() {
                    Some(name) => name,
                    None if input == 0 => "input".to_owned(),
                    None => format!("layer_{input}_of_{}", draft.layers.len()),
                })
                .collect();
            let many =
                layers::entry(&layer.class).map_or_else(|| !is_model(&layer.class), |entry| entry.arity == Arity::Many);
            match wired.as_slice() {
                [one] if !many => self.text.push_str(&format!("({one})")),
                several => self.text.push_str(&format!("([{}])", several.join(", "))),
            }
        }
        self.parts.push(Part {
            range: start..self.text.len(),
            place: layer.place.clone(),
            optional: None,
        });
        self.text.push('\n');
    }

    /// Writes a data set with a name: `train = image_dataset_from_directory(...)`.
    fn named(&mut self, index: usize, named: &Named) {
        let start = self.text.len();
        self.text.push_str(&format!("{} = ", named.name));
        let at = self.parts.len();
        // A data set without its folder is none.
        self.value(&named.value, &named.place, |argument| {
            let own = match &named.value {
                Literal::Call(_, arguments) => arguments.get(argument)?.name.is_some(),
                _ => false,
            };
            own.then_some(Optional::ValueArgument(index, argument))
        });
        let whole = Part {
            range: start..self.text.len(),
            place: named.place.clone(),
            optional: None,
        };
        self.parts.insert(at, whole);
        self.text.push('\n');
    }

    fn freezing(&mut self, index: usize, freezing: &Freezing) {
        let start = self.text.len();
        self.text.push_str(&freezing.call.to_string());
        self.parts.push(Part {
            range: start..self.text.len(),
            place: freezing.place.clone(),
            optional: Some(Optional::Freezing(index)),
        });
        self.text.push('\n');
    }

    fn call(&mut self, name: &str, call: &Call, optional: fn(usize) -> Optional) {
        let one_line = Literal::Call(name.to_owned(), call.arguments.clone()).to_string();
        let broken = one_line.len() > WIDTH;
        self.text.push('\n');
        let start = self.text.len();
        self.text.push_str(&format!("{name}("));
        let place = self.parts.len();
        for (index, argument) in call.arguments.iter().enumerate() {
            match (broken, index) {
                (true, _) => self.text.push_str("\n    "),
                (false, 0) => {}
                (false, _) => self.text.push_str(", "),
            }
            self.argument(argument, index, call, optional);
            if broken {
                self.text.push(',');
            }
        }
        self.text.push_str(if broken { "\n)" } else { ")" });
        let whole = Part {
            range: start..self.text.len(),
            place: call.place.clone(),
            optional: None,
        };
        self.parts.insert(place, whole);
        self.text.push('\n');
    }

    fn argument(&mut self, argument: &Argument, index: usize, call: &Call, optional: fn(usize) -> Optional) {
        let start = self.text.len();
        let own = optional(index);
        if let Some(name) = &argument.name {
            self.text.push_str(&format!("{name}="));
        }
        let place = self.parts.len();
        let name = argument.name.as_deref().unwrap_or_default();
        match (&argument.value, name, own) {
            (Literal::List(items), "metrics", Optional::Compile(_)) => {
                self.list(items, &call.place, |item| Optional::Metric(index, item), |_, _| None);
            }
            (Literal::List(items), "callbacks", Optional::Fit(_)) => self.list(
                items,
                &call.place,
                |item| Optional::Callback(index, item),
                |item, inner| Some(Optional::CallbackArgument(index, item, inner)),
            ),
            (Literal::Call(..), "optimizer", Optional::Compile(_)) => {
                self.value(&argument.value, &call.place, |inner| {
                    Some(Optional::OptimizerArgument(index, inner))
                });
            }
            _ => self.text.push_str(&argument.value.to_string()),
        }
        let whole = Part {
            range: start..self.text.len(),
            place: call.place.clone(),
            optional: Some(own),
        };
        self.parts.insert(place, whole);
    }

    fn list(
        &mut self,
        items: &[Literal],
        place: &Place,
        optional: impl Fn(usize) -> Optional,
        inner: impl Fn(usize, usize) -> Option<Optional>,
    ) {
        self.text.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            let start = self.text.len();
            let at = self.parts.len();
            self.value(item, place, |argument| inner(index, argument));
            let whole = Part {
                range: start..self.text.len(),
                place: place.clone(),
                optional: Some(optional(index)),
            };
            self.parts.insert(at, whole);
        }
        self.text.push(']');
    }

    /// Writes a value; if it is a call, each argument is a part of its own.
    fn value(&mut self, value: &Literal, place: &Place, optional: impl Fn(usize) -> Option<Optional>) {
        let Literal::Call(class, arguments) = value else {
            self.text.push_str(&value.to_string());
            return;
        };
        self.text.push_str(&format!("{class}("));
        for (index, argument) in arguments.iter().enumerate() {
            if index > 0 {
                self.text.push_str(", ");
            }
            let start = self.text.len();
            self.text.push_str(&argument.to_string());
            self.parts.push(Part {
                range: start..self.text.len(),
                place: place.clone(),
                optional: optional(index),
            });
        }
        self.text.push(')');
    }
}

fn is_identifier(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
        && !matches!(name, "model" | "let" | "True" | "true" | "False" | "false" | "None")
}
