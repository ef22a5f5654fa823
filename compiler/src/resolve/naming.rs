//! The names of layers: those in the description, and Keras's automatic ones.

use crate::call::signature::Argument;
use crate::call::values;
use grammar::ast::{Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use std::collections::HashMap;

/// The number of layers of each class with automatic names. Keras counts on from model to model, so that one count serves a file.
pub(super) type Counters = HashMap<&'static str, usize>;

/// Keras's automatic name for a class: `MaxPooling2D` -> `max_pooling2d`, `ReLU` -> `re_lu`. As in `to_snake_case` of
/// `keras/src/utils/naming.py`, `(.)([A-Z][a-z]+)` and then `([a-z])([A-Z])` get a `_` between their groups.
pub fn snake_case(class: &str) -> String {
    let letters: Vec<char> = class.chars().collect();
    let at = |index: usize| letters.get(index).copied();
    let mut broken = Vec::new();
    let mut from = 0;
    // Matches of the first expression do not overlap: each takes a character, a capital and the small letters behind it.
    while from + 2 < letters.len() {
        let capital = at(from + 1).is_some_and(|letter| letter.is_ascii_uppercase());
        let mut end = from + 2;
        while at(end).is_some_and(|letter| letter.is_ascii_lowercase()) {
            end += 1;
        }
        if capital && end > from + 2 {
            broken.push(from + 1);
            from = end;
        } else {
            from += 1;
        }
    }
    let mut snake = String::new();
    for (index, &letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(at);
        let edge = letter.is_ascii_uppercase() && before.is_some_and(|before| before.is_ascii_lowercase());
        if broken.contains(&index) || edge {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// Reads `name="first"`, which heads keys of the file of weights and so consists of letters, digits, `_` and `-`.
#[expect(clippy::option_option, reason = "unreadable, absent and given are three things")]
pub(super) fn name_argument(
    parameter: &Argument,
    value: &Value,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Option<String>> {
    if value.kind == ValueKind::None {
        return Some(None);
    }
    let name = values::string(parameter, value, diagnostics)?;
    let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
    if name.is_empty() || !name.chars().all(plain) {
        diagnostics.push(
            Diagnostic::error("E0114", "not a valid name for a layer")
                .at(
                    value.span,
                    if name.is_empty() {
                        "this is empty"
                    } else {
                        "this has other characters in it"
                    },
                )
                .help("a name is made of letters, digits, `_` and `-`"),
        );
        return None;
    }
    Some(Some(name))
}

pub(super) fn given_name(
    target: Option<&Spanned<String>>,
    named: Option<(String, Span)>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<(String, Span)> {
    match (target, named) {
        (Some(target), Some((name, span))) => {
            if target.node != name {
                diagnostics.push(
                    Diagnostic::error("E0115", "the layer has two names")
                        .at(span, "another one here")
                        .because(target.span, "one here")
                        .help(format!("`{} =` names the layer: remove `name=`", target.node)),
                );
            }
            Some((target.node.clone(), target.span))
        }
        (Some(target), None) => Some((target.node.clone(), target.span)),
        (None, named) => named,
    }
}

/// The class in snake case, with `_1`, `_2` and so on from the second layer on; names in the description do not count.
pub(super) fn automatic_name(class: &'static str, counters: &mut Counters) -> String {
    let stem = snake_case(class);
    let count = counters.entry(class).or_default();
    let name = if *count == 0 { stem } else { format!("{stem}_{count}") };
    *count += 1;
    name
}
