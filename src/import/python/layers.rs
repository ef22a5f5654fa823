//! Layers as the script makes them.

use super::interpreter::Interpreter;
use super::keras::is_usual;
use super::objects::LayerObject;
use super::paths;
use super::plain::Given;
use super::value::{Id, Value};
use crate::import::literal::{Argument, Literal};

impl<'a> Interpreter<'a> {
    /// A new layer of a class, with the arguments that it was made with.
    pub fn new_layer(&mut self, class: &str, given: Given<'a>) -> Id {
        let (mut arguments, mut name, mut shape, mut function, mut then) = (Vec::new(), None, None, None, None);
        for (place, (key, value)) in given.into_iter().enumerate() {
            let literal = value.literal();
            match (key.as_deref(), value) {
                (Some("name"), value) => name = super::plain::shown(&value),
                (Some("input_shape"), _) => shape = Some(literal),
                (Some("input_dim" | "input_length"), _) => shape = Some(Literal::Tuple(vec![literal])),
                (Some("batch_input_shape" | "batch_shape"), _) => {
                    shape = literal
                        .items()
                        .and_then(|items| items.get(1..))
                        .map(|items| Literal::Tuple(items.to_vec()));
                }
                (Some("weights"), _) if !literal_is_none(&literal) => {
                    self.leave_out_because("weights that the layer is given");
                }
                (key, Value::Function(called)) if class == "Lambda" && (key == Some("function") || place == 0) => {
                    function = Some(called);
                }
                (Some("activation"), Value::Layer(layer)) => then = Some(layer),
                (Some("batch_size"), _) if class == "Input" => {}
                (Some(key), _) if is_usual(key, &literal) => {}
                (key, _) => arguments.push(Argument {
                    name: key.map(str::to_owned),
                    value: literal,
                }),
            }
        }
        let mut arguments = paths::modern(class, arguments);
        let own = arguments.iter().position(|argument| argument.is("trainable"));
        let trainable = own.map(|at| arguments.remove(at).value);
        if class == "Input" || class == "InputLayer" {
            let own = arguments
                .iter()
                .position(|argument| argument.name.is_none() || argument.is("shape"));
            let own = own.map(|at| arguments.remove(at).value).or_else(|| shape.take());
            arguments.retain(|argument| argument.value != Literal::None);
            arguments.insert(
                0,
                Argument::named("shape", own.map_or(Literal::Unknown("shape".to_owned()), as_shape)),
            );
        }
        self.layers.push(LayerObject {
            class: canonical(class),
            arguments,
            name: name.map(|name| layer_name(&name)),
            lines: self.lines,
            input_shape: shape.map(as_shape),
            function,
            then,
            trainable,
            parts: None,
        });
        self.layers.len() - 1
    }
}

fn literal_is_none(literal: &Literal) -> bool {
    *literal == Literal::None
}

/// A shape as a tuple of sizes.
fn as_shape(shape: Literal) -> Literal {
    match shape {
        Literal::List(sizes) | Literal::Tuple(sizes) => Literal::Tuple(sizes),
        size @ Literal::Int(_) => Literal::Tuple(vec![size]),
        other => other,
    }
}

/// The name that a class has in descriptions: `MaxPool2D` is `MaxPooling2D`.
fn canonical(class: &str) -> String {
    compiler::layers::entry(class).map_or_else(|| class.to_owned(), |entry| entry.signature.name.to_owned())
}

/// A layer's name in a form that descriptions allow.
pub fn layer_name(name: &str) -> String {
    let plain = |letter: char| {
        if letter.is_ascii_alphanumeric() || letter == '-' {
            letter
        } else {
            '_'
        }
    };
    name.chars().map(plain).collect()
}
