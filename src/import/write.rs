//! Writes a draft as text, and records where each part of it came from.

use super::draft::{Call, Draft, Freezing, Layer, Named, Phase, Place};
use super::literal::{Argument, Literal};
use super::naming::{Counts, Model, is_identifier, names};
use compiler::layers::{self, definition::Arity};
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
    /// Part of a phase of training, by its place.
    Phase(usize, OfPhase),
    /// How a layer's weights begin, or what holds them in check: the model as `Draft::layers_of` counts them, the layer, the argument.
    LayerArgument(usize, usize, usize),
    /// An argument of a data set: the set's place among the named values, the argument's among its own.
    ValueArgument(usize, usize),
}

/// What can be left out of a phase of training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfPhase {
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
    /// A call that freezes layers, or lets them train.
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
    let mut counts = Counts::new();
    for (place, nested) in draft.models.iter().enumerate() {
        let inner = Model {
            layers: &nested.layers,
            outputs: &[],
            models: &draft.models,
            class: Some(nested.class),
        };
        writer.model(place, &nested.name, inner, &mut counts);
        writer.text.push('\n');
    }
    writer.model(draft.models.len(), &draft.name, Model::of(draft), &mut counts);
    for (index, phase) in draft.phases.iter().enumerate() {
        writer.phase(index, phase);
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

/// Whether a class is a model that is a layer, or what such a model takes for its pixels: all of them take one input.
fn is_model(class: &str) -> bool {
    compiler::applications::entry(class).is_some() || class.ends_with(".preprocess_input")
}

struct Writer {
    text: String,
    parts: Vec<Part>,
}

impl Writer {
    /// `model NAME { ... }`; `place` is that of the model as `Draft::layers_of` counts them.
    fn model(&mut self, place: usize, name: &str, model: Model<'_>, counts: &mut Counts) {
        self.text.push_str(&format!("model {name} {{\n"));
        let names = names(model, counts);
        for (index, layer) in model.layers.iter().enumerate() {
            self.layer((place, model), index, layer, &names);
        }
        self.outputs(model.outputs, &names);
        self.text.push_str("}\n");
    }

    fn layer(&mut self, (place, model): (usize, Model<'_>), index: usize, layer: &Layer, names: &[Option<String>]) {
        self.text.push_str("    ");
        let start = self.text.len();
        let own = names.get(index).cloned().flatten();
        // A target is an identifier; Keras's names may hold a `-` as well.
        let mut arguments = layer.arguments.clone();
        match own {
            Some(name) if (is_identifier(&name) && !model.is_sequential()) || layer.again.is_some() => {
                self.text.push_str(&format!("{name} = "));
            }
            Some(name) => arguments.push(Argument::named("name", Literal::Str(name))),
            None => {}
        }
        let value = Literal::Call(layer.class.clone(), arguments.clone());
        let is_optional = |argument: usize| {
            let name = arguments.get(argument)?.name.as_deref()?;
            let ends = ["_initializer", "_regularizer", "_constraint"];
            let optional = ends.iter().any(|end| name.ends_with(end));
            optional.then_some(Optional::LayerArgument(place, index, argument))
        };
        let is_wired = model.is_wired(index, layer) || index == 1 && model.must_say_functional(names);
        match layer.again {
            // The model of this name, be it for the first time or again.
            _ if is_wired && model.is_nested(layer) => self.text.push_str(&layer.class),
            None => self.value(&value, &layer.place, is_optional),
            Some(first) => {
                let name = names.get(first).cloned().flatten();
                self.text.push_str(&name.unwrap_or_else(|| "a_layer".to_owned()));
            }
        }
        if is_wired {
            let wired: Vec<String> = layer
                .inputs
                .iter()
                .map(|&input| match names.get(input).cloned().flatten() {
                    Some(name) => name,
                    None if input == 0 => "input".to_owned(),
                    None => format!("layer_{input}_of_{}", model.layers.len()),
                })
                .collect();
            let many = layers::entry(&layer.class).map_or_else(
                || !is_model(&layer.class) && !model.is_nested(layer),
                |entry| entry.arity == Arity::Many,
            );
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

    /// `outputs(a, b)`.
    fn outputs(&mut self, outputs: &[usize], names: &[Option<String>]) {
        if outputs.is_empty() {
            return;
        }
        let called = |place: &usize| {
            names
                .get(*place)
                .cloned()
                .flatten()
                .unwrap_or_else(|| "an_output".to_owned())
        };
        let called: Vec<String> = outputs.iter().map(called).collect();
        self.text.push_str(&format!("    outputs({})\n", called.join(", ")));
    }

    /// `train = image_dataset_from_directory(...)`.
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

    fn phase(&mut self, index: usize, phase: &Phase) {
        // Phases stand apart; what the first one freezes belongs to the model.
        if index > 0 {
            self.text.push('\n');
        }
        for (place, freezing) in phase.freezing.iter().enumerate() {
            self.freezing(Optional::Phase(index, OfPhase::Freezing(place)), freezing);
        }
        if let Some(compile) = &phase.compile {
            self.separate(index == 0 || phase.freezing.is_empty());
            self.call("compile", compile, index, OfPhase::Compile);
        }
        if let Some(fit) = &phase.fit {
            self.separate(true);
            self.call("fit", fit, index, OfPhase::Fit);
        }
    }

    /// An empty line, unless there is one.
    fn separate(&mut self, wanted: bool) {
        if wanted && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn freezing(&mut self, optional: Optional, freezing: &Freezing) {
        let start = self.text.len();
        self.text.push_str(&freezing.call.to_string());
        self.parts.push(Part {
            range: start..self.text.len(),
            place: freezing.place.clone(),
            optional: Some(optional),
        });
        self.text.push('\n');
    }

    fn call(&mut self, name: &str, call: &Call, phase: usize, optional: fn(usize) -> OfPhase) {
        let one_line = Literal::Call(name.to_owned(), call.arguments.clone()).to_string();
        let broken = one_line.len() > WIDTH;
        let start = self.text.len();
        self.text.push_str(&format!("{name}("));
        let place = self.parts.len();
        for (index, argument) in call.arguments.iter().enumerate() {
            match (broken, index) {
                (true, _) => self.text.push_str("\n    "),
                (false, 0) => {}
                (false, _) => self.text.push_str(", "),
            }
            self.argument(argument, index, call, phase, optional);
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

    fn argument(
        &mut self,
        argument: &Argument,
        index: usize,
        call: &Call,
        phase: usize,
        optional: fn(usize) -> OfPhase,
    ) {
        let start = self.text.len();
        let own = optional(index);
        let of = |part| Optional::Phase(phase, part);
        if let Some(name) = &argument.name {
            self.text.push_str(&format!("{name}="));
        }
        let place = self.parts.len();
        let name = argument.name.as_deref().unwrap_or_default();
        match (&argument.value, name, own) {
            (Literal::List(items), "metrics", OfPhase::Compile(_)) => {
                self.list(items, &call.place, |item| of(OfPhase::Metric(index, item)), |_, _| None);
            }
            (Literal::List(items), "callbacks", OfPhase::Fit(_)) => self.list(
                items,
                &call.place,
                |item| of(OfPhase::Callback(index, item)),
                |item, inner| Some(of(OfPhase::CallbackArgument(index, item, inner))),
            ),
            (Literal::Call(..), "optimizer", OfPhase::Compile(_)) => {
                self.value(&argument.value, &call.place, |inner| {
                    Some(of(OfPhase::OptimizerArgument(index, inner)))
                });
            }
            _ => self.text.push_str(&argument.value.to_string()),
        }
        let whole = Part {
            range: start..self.text.len(),
            place: call.place.clone(),
            optional: Some(of(own)),
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
