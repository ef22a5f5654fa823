//! Turns what `ImageDataGenerator` does to arrays of pictures into layers that do the same. Which layers these are, the compiler
//! says: a description may use the generator for a folder itself.

use super::interpreter::Interpreter;
use crate::import::draft::Layer;
use crate::import::literal::{Argument, Literal};
use crate::session::examine_text;
use grammar::ast::{Call, ValueKind};
use std::path::Path;

impl Interpreter<'_> {
    /// The layers of a generator for pictures of this height and width; a message names arguments that have no layer.
    pub fn augmenting(&mut self, arguments: &[Argument], size: (i64, i64)) -> Vec<Layer> {
        let mut kept: Vec<Argument> = Vec::new();
        for argument in arguments {
            // The samples' numbers are another matter, and there are no files to divide.
            if argument.is("rescale") || argument.is("validation_split") {
                continue;
            }
            // Those that say what lies beyond the edges mean nothing alone.
            match layers(std::slice::from_ref(argument), size) {
                Ok(_) => kept.push(argument.clone()),
                Err(why) => self.leave_out_because(format!("{argument} of ImageDataGenerator ({why})")),
            }
        }
        match layers(&kept, size) {
            Ok(calls) => calls.iter().map(|call| self.layer_of(call)).collect(),
            Err(why) => {
                self.leave_out_because(format!("what ImageDataGenerator does ({why})"));
                Vec::new()
            }
        }
    }

    fn layer_of(&self, call: &Call) -> Layer {
        let arguments = call.arguments.iter().map(|argument| Argument {
            name: argument.name.as_ref().map(|name| name.node.clone()),
            value: literal(&argument.value.kind),
        });
        Layer {
            class: call.name.node.clone(),
            arguments: arguments
                .filter(|argument| !is_default(&call.name.node, argument))
                .collect(),
            name: None,
            inputs: Vec::new(),
            place: self.source.place(self.lines),
        }
    }
}

/// The calls of layers for a generator with these arguments, or why there are none.
fn layers(arguments: &[Argument], (height, width): (i64, i64)) -> Result<Vec<Call>, String> {
    let generator = Literal::Call("ImageDataGenerator".to_owned(), arguments.to_vec());
    let text = format!(
        "train = {generator}.flow_from_directory(\"train/\", target_size=({height}, {width}))\n\
         model part {{\n    Input(shape=({height}, {width}, 3))\n    Flatten()\n}}\nfit(train)\n"
    );
    let examined = examine_text(Path::new("part.cnn"), &text);
    if let Some(error) = examined.diagnostics.iter().find(|diagnostic| diagnostic.is_error()) {
        return Err(error.message.clone());
    }
    let network = examined.network.ok_or_else(|| "it is not understood".to_owned())?;
    let loading = network.network().fit.loading.as_ref();
    Ok(loading.map_or_else(Vec::new, |loading| loading.front.clone()))
}

/// Whether an argument has the layer's default value.
fn is_default(class: &str, argument: &Argument) -> bool {
    let signature = compiler::layers::entry(class).map(|entry| entry.signature);
    let parameters = signature.map_or(&[][..], |signature| signature.parameters);
    parameters
        .iter()
        .any(|parameter| argument.is(parameter.name) && argument.value.is_default(parameter.default))
}

fn literal(kind: &ValueKind) -> Literal {
    match kind {
        ValueKind::Integer(value) => Literal::Int(*value),
        ValueKind::Float(value) => Literal::Float(*value),
        ValueKind::String(text) => Literal::Str(text.clone()),
        ValueKind::Bool(value) => Literal::Bool(*value),
        ValueKind::None => Literal::None,
        ValueKind::Tuple(items) => Literal::Tuple(items.iter().map(|item| literal(&item.kind)).collect()),
        ValueKind::List(items) => Literal::List(items.iter().map(|item| literal(&item.kind)).collect()),
        // A generator's layers have numbers and words alone.
        ValueKind::Name(_) | ValueKind::Call(_) | ValueKind::Dictionary(_) | ValueKind::Arithmetic(_) => {
            Literal::Unknown("unknown".to_owned())
        }
    }
}
