//! Reads written values into the compiler's types. Each reader reports what it cannot read and then gives None.

use crate::activation::ActivationFunction;
use crate::call::limits::MOST_ELEMENTS;
use crate::call::names;
use crate::call::signature::{Argument, ArgumentKind};
use crate::call::suggest::{any_of, nearest};
use crate::shape::Shape;
use crate::window::Padding;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The name for a value in messages, such as "a float".
pub fn describe(value: &Value) -> String {
    match &value.kind {
        ValueKind::Integer(_) => "an integer".to_owned(),
        ValueKind::Float(_) => "a float".to_owned(),
        ValueKind::String(_) => "a string".to_owned(),
        ValueKind::Bool(true) => "True".to_owned(),
        ValueKind::Bool(false) => "False".to_owned(),
        ValueKind::None => "None".to_owned(),
        ValueKind::Name(_) => "a name".to_owned(),
        ValueKind::Tuple(items) => sized("a tuple", items.len()),
        ValueKind::List(items) => sized("a list", items.len()),
        ValueKind::Call(_) => "a call".to_owned(),
        ValueKind::Dictionary(_) => "a dictionary".to_owned(),
        ValueKind::Arithmetic(_) => "arithmetic".to_owned(),
    }
}

fn sized(what: &str, items: usize) -> String {
    if items == 0 {
        format!("an empty {}", what.trim_start_matches("a "))
    } else {
        format!("{what} of {items}")
    }
}

/// The error E0107, for a value of the wrong kind.
pub fn wrong_type(parameter: &Argument, value: &Value) -> Diagnostic {
    let (name, kind) = (parameter.name, parameter.kind);
    Diagnostic::error("E0107", format!("`{name}` takes {}", kind.expects()))
        .at(value.span, format!("this is {}", describe(value)))
        .help(format!("such as {name}={}", kind.example()))
}

/// The error E0109, for a value of the right kind that is out of range; `shown` is the value as the message prints it.
pub fn out_of_range(parameter: &Argument, value: &Value, rule: &str, shown: impl std::fmt::Display) -> Diagnostic {
    Diagnostic::error("E0109", format!("`{}` must be {rule}", parameter.name))
        .at(value.span, format!("this is {shown}"))
}

fn integer(parameter: &Argument, value: &Value, least: i64, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let ValueKind::Integer(number) = value.kind else {
        let mut diagnostic = wrong_type(parameter, value);
        if let ValueKind::Float(float) = value.kind
            && float.fract() == 0.0
            && (float.abs()) < 1e15
        {
            diagnostic = diagnostic.fix(value.span, format!("{float:.0}"));
        }
        diagnostics.push(diagnostic);
        return None;
    };
    match usize::try_from(number) {
        Ok(size) if number >= least => Some(size),
        _ => {
            diagnostics.push(out_of_range(parameter, value, &format!("at least {least}"), number));
            None
        }
    }
}

/// Reads an integer from 1 to the largest number of elements that a tensor may have.
pub fn count(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    let size = integer(parameter, value, 1, diagnostics)?;
    if size <= MOST_ELEMENTS {
        return Some(size);
    }
    let most = crate::numbers::thousands(MOST_ELEMENTS);
    diagnostics.push(out_of_range(
        parameter,
        value,
        &format!("at most {most}"),
        crate::numbers::thousands(size),
    ));
    None
}

/// Reads an integer of at least 0.
pub fn natural(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<usize> {
    integer(parameter, value, 0, diagnostics)
}

/// Reads `True` or `False`; reports E0107 for all else, numbers included.
pub fn bool(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<bool> {
    if let ValueKind::Bool(truth) = value.kind {
        return Some(truth);
    }
    diagnostics.push(wrong_type(parameter, value));
    None
}

/// Reads an integer or a float that float32 can hold.
pub fn number(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    let number = match value.kind {
        ValueKind::Integer(number) => number as f64,
        ValueKind::Float(number) => number,
        ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(wrong_type(parameter, value));
            return None;
        }
    };
    // Every constant ends up in float32 arithmetic.
    if number.is_finite() && number.abs() <= f64::from(f32::MAX) {
        return Some(number);
    }
    diagnostics.push(out_of_range(parameter, value, "a number that float32 can hold", number));
    None
}

/// Reads a number of at least 0 that float32 can hold.
pub fn non_negative(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<f64> {
    ranged(parameter, value, diagnostics, "at least 0", |number| number >= 0.0)
}

/// Reads a number for which `holds` is true, which `rule` says in words for the message.
pub fn ranged(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
    rule: &str,
    holds: impl Fn(f64) -> bool,
) -> Option<f64> {
    let given = number(parameter, value, diagnostics)?;
    if holds(given) {
        return Some(given);
    }
    diagnostics.push(out_of_range(parameter, value, rule, given));
    None
}

/// Reads an integer of at least 1, which stands for both, or a pair of them, `(vertical, horizontal)`.
pub fn pair(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<(usize, usize)> {
    match &value.kind {
        ValueKind::Integer(_) => count(parameter, value, diagnostics).map(|size| (size, size)),
        ValueKind::Tuple(items) | ValueKind::List(items) if items.len() == 2 => {
            let sizes: Vec<_> = items.iter().map(|item| count(parameter, item, diagnostics)).collect();
            match *sizes.as_slice() {
                [Some(vertical), Some(horizontal)] => Some((vertical, horizontal)),
                _ => None,
            }
        }
        ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(wrong_type(parameter, value));
            None
        }
    }
}

/// Reads a pair; Some(None) where the value is `None`.
pub fn optional_pair(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<(usize, usize)>> {
    if value.kind == ValueKind::None {
        Some(None)
    } else {
        pair(parameter, value, diagnostics).map(Some)
    }
}

/// Reads an integer of at least 1; Some(None) where the value is `None`.
#[allow(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub fn optional_count(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Option<usize>> {
    if value.kind == ValueKind::None {
        Some(None)
    } else {
        count(parameter, value, diagnostics).map(Some)
    }
}

/// Reads the shape of one sample, which has one to three axes of known size.
pub fn shape(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Shape> {
    let (ValueKind::Tuple(items) | ValueKind::List(items)) = &value.kind else {
        let mut diagnostic = wrong_type(parameter, value);
        if let ValueKind::Integer(size) = value.kind {
            diagnostic = diagnostic
                .help("a tuple of one has a comma")
                .fix(value.span, format!("({size},)"));
        }
        diagnostics.push(diagnostic);
        return None;
    };
    if items.is_empty() || items.len() > 3 {
        let error = Diagnostic::error("E0116", "a sample has one to three axes")
            .at(value.span, format!("this has {}", items.len()))
            .help("a picture is (height, width, channels), a row of numbers is (size,); the batch is not part of it");
        diagnostics.push(match items.as_slice() {
            [batch, second, _, _] if batch.kind == ValueKind::None => {
                let before = Span::new(batch.span.start as usize, second.span.start as usize);
                error.fix(before, "")
            }
            _ => error,
        });
        return None;
    }
    let is_open = |item: &&Value| item.kind == ValueKind::None;
    if let Some(first) = items.iter().find(is_open) {
        diagnostics.push(open_sizes(value, first, items));
        return None;
    }
    let sizes: Vec<Option<usize>> = items.iter().map(|item| count(parameter, item, diagnostics)).collect();
    sizes.into_iter().collect::<Option<Vec<usize>>>().map(Shape::new)
}

/// The error about a shape that leaves sizes open; `first` is the first of them.
fn open_sizes(value: &Value, first: &Value, items: &[Value]) -> Diagnostic {
    let error = Diagnostic::error("E0117", "every size of the shape must be known");
    match items {
        // Behind the batch, a picture without channels or a row.
        [batch, known @ ..]
            if batch.kind == ValueKind::None && known.iter().all(|item| item.kind != ValueKind::None) =>
        {
            error
                .at(first.span, "None leaves it open")
                .help("the batch is not part of the shape; of a picture it is (28, 28, 1)")
        }
        _ => {
            let size = |item: &Value| {
                if let ValueKind::Integer(size) = item.kind {
                    size.to_string()
                } else {
                    "224".to_owned()
                }
            };
            let sizes: Vec<String> = items.iter().map(size).collect();
            error
                .at(value.span, "None leaves sizes open")
                .note("a network is compiled for one size of samples")
                .note("fit(...) says it where it names a data set, or a loader with image_size or target_size")
                .help(format!(
                    "otherwise give the size that pictures are brought to when they are read, such as ({})",
                    sizes.join(", ")
                ))
        }
    }
}

/// Reads `"valid"` or `"same"`, in any case as Keras does.
pub fn padding(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<Padding> {
    const NAMES: [(&str, Padding); 2] = [("valid", Padding::Valid), ("same", Padding::Same)];
    let ValueKind::String(written) = &value.kind else {
        diagnostics.push(unquoted(
            wrong_type(parameter, value),
            value,
            NAMES.iter().map(|&(name, _)| name),
        ));
        return None;
    };
    let found = NAMES
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(written))
        .map(|&(_, padding)| padding);
    if found.is_none() {
        diagnostics.push(unknown_word(
            "padding",
            written,
            value,
            NAMES.iter().map(|&(name, _)| name),
            &["causal"],
        ));
    }
    found
}

/// Reads one of the words that the parameter accepts, in any case.
pub fn word(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let ArgumentKind::Word(words) = parameter.kind else {
        return None;
    };
    let ValueKind::String(written) = &value.kind else {
        diagnostics.push(unquoted(wrong_type(parameter, value), value, words.iter().copied()));
        return None;
    };
    let found = words.iter().copied().find(|word| word.eq_ignore_ascii_case(written));
    if found.is_none() {
        diagnostics.push(unknown_word(parameter.name, written, value, words.iter().copied(), &[]));
    }
    found
}

/// Reads a string, which may be empty.
pub fn string(parameter: &Argument, value: &Value, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if let ValueKind::String(text) = &value.kind {
        return Some(text.clone());
    }
    diagnostics.push(wrong_type(parameter, value));
    None
}

/// Reads an activation function by name or by path, such as `keras.activations.relu`; `None` is linear.
pub fn activation(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ActivationFunction> {
    let all = || ActivationFunction::NAMES.iter().map(|&(name, _)| name);
    let written = match &value.kind {
        ValueKind::None => return Some(ActivationFunction::Linear),
        ValueKind::String(name) => name.as_str(),
        ValueKind::Name(path) => match path.rsplit_once('.') {
            Some((prefix, name)) if names::is_module(prefix, "activations") || prefix == "tf.nn" => name,
            Some((prefix, _)) => {
                diagnostics.push(names::unknown_prefix(prefix, value.span, "activations"));
                return None;
            }
            None => {
                diagnostics.push(unquoted(wrong_type(parameter, value), value, all()));
                return None;
            }
        },
        ValueKind::Call(call) => {
            diagnostics.push(
                wrong_type(parameter, value)
                    .help(format!("{} can stand on a line of its own, as a layer", call.name.node)),
            );
            return None;
        }
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(wrong_type(parameter, value));
            return None;
        }
    };
    let found = ActivationFunction::NAMES
        .iter()
        .find(|(name, _)| *name == written)
        .map(|&(_, activation)| activation);
    if found.is_none() {
        diagnostics.push(unknown_word(
            "activation",
            written,
            value,
            all(),
            &names::KERAS_ACTIVATIONS,
        ));
    }
    found
}

/// The error for a word that is none of `known`: E0110 where it is among `keras`, which lists the words that only
/// Keras knows, otherwise E0108 with the nearest known word.
pub fn unknown_word<'a>(
    what: &str,
    written: &str,
    value: &Value,
    known: impl Iterator<Item = &'a str> + Clone,
    keras: &[&str],
) -> Diagnostic {
    if keras.contains(&written) {
        return Diagnostic::error("E0110", format!("{what} `{written}` is not supported"))
            .at(value.span, "Keras has it, cnnc does not")
            .help(format!("there is {}", any_of(known)));
    }
    let diagnostic = Diagnostic::error("E0108", format!("unknown {what} `{written}`"));
    match nearest(written, known.clone()) {
        Some(meant) => {
            let replacement = if matches!(value.kind, ValueKind::String(_)) {
                format!("\"{meant}\"")
            } else {
                meant.to_owned()
            };
            diagnostic
                .at(value.span, format!("no {what} has this name"))
                .help(format!("did you mean `{meant}`?"))
                .fix(value.span, replacement)
        }
        None => diagnostic
            .at(value.span, format!("no {what} has this name"))
            .help(format!("there is {}", any_of(known))),
    }
}

/// Has an error about a bare name say that quotes are missing, where the name is one of the `known` words.
pub fn unquoted<'a>(diagnostic: Diagnostic, value: &Value, mut known: impl Iterator<Item = &'a str>) -> Diagnostic {
    match &value.kind {
        ValueKind::Name(name) if known.any(|word| word == name) => {
            let mut diagnostic = diagnostic;
            diagnostic.help.clear();
            diagnostic
                .help(format!("put it in quotes: \"{name}\""))
                .fix(value.span, format!("\"{name}\""))
        }
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => diagnostic,
    }
}
