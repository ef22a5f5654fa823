//! Finds the inputs of a layer: `(a)`, `([a, b])`, or the layer before it.

use super::graph::Slot;
use crate::call::suggest::nearest;
use crate::call::values;
use crate::layers::Layer;
use crate::layers::definition::Arity;
use grammar::ast::{Argument, Call, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::{Span, Spanned};
use std::collections::HashMap;

/// The largest number of names that a message compares with or lists.
const MOST_LISTED: usize = 100;

/// The slots whose outputs the layer takes: those that its wiring names, or the one before it.
pub(super) fn inputs(
    call: &Call,
    arity: Arity,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<usize>> {
    let callee = &call.name.node;
    let Some(wiring) = &call.wiring else {
        return match arity {
            Arity::None => Some(Vec::new()),
            Arity::One => Some(vec![slots.len().checked_sub(1)?]),
            Arity::Many => {
                diagnostics.push(
                    Diagnostic::error("E0207", format!("{callee} needs two or more inputs"))
                        .at(call.span, "this takes only the layer before it")
                        .help(format!(
                            "name layers (a = Conv2D(...)) and wire them: {callee}()([a, b])"
                        )),
                );
                None
            }
        };
    };
    if arity == Arity::None {
        diagnostics.push(
            Diagnostic::error("E0208", format!("{callee} takes no input"))
                .at(wiring.span, "wired to something")
                .help("leave it out"),
        );
        return Some(Vec::new());
    }
    let wired = wired(wiring, callee, slots, labels, diagnostics)?;
    match (arity, wired.len()) {
        (Arity::Many, 0 | 1) => {
            diagnostics.push(
                Diagnostic::error("E0207", format!("{callee} needs two or more inputs"))
                    .at(wiring.span, "this wires one")
                    .help(format!("a list: {callee}()([a, b])")),
            );
            None
        }
        (Arity::One | Arity::None, 2..) => {
            diagnostics.push(
                Diagnostic::error("E0207", format!("{callee} takes one input"))
                    .at(wiring.span, format!("this wires {}", wired.len()))
                    .help("join them first: Add()([a, b]) or Concatenate()([a, b])"),
            );
            None
        }
        (_, _) => Some(wired),
    }
}

/// The slots that `(a)` or `([a, b])` names.
fn wired(
    wiring: &Spanned<Vec<Argument>>,
    callee: &str,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<usize>> {
    let form = |span: Span, what: &str| {
        Diagnostic::error("E0207", "wiring takes the name of a layer or a list of names")
            .at(span, what)
            .help(format!("{callee}(...)(a) or {callee}(...)([a, b])"))
    };
    let value = match wiring.node.as_slice() {
        [Argument { name: None, value, .. }] => value,
        [Argument { name: Some(name), .. }] => {
            diagnostics.push(form(name.span, "this is an argument's name"));
            return None;
        }
        [] => {
            diagnostics.push(form(wiring.span, "this names no layer"));
            return None;
        }
        several => {
            diagnostics.push(form(wiring.span, &format!("these are {} arguments", several.len())));
            return None;
        }
    };
    let items = match &value.kind {
        ValueKind::List(items) | ValueKind::Tuple(items) if !items.is_empty() => items.as_slice(),
        ValueKind::Name(_) => std::slice::from_ref(value),
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => {
            diagnostics.push(form(value.span, &format!("this is {}", values::describe(value))));
            return None;
        }
    };
    let found: Vec<Option<usize>> = items
        .iter()
        .map(|item| {
            let ValueKind::Name(name) = &item.kind else {
                diagnostics.push(form(item.span, &format!("this is {}", values::describe(item))));
                return None;
            };
            let found = lookup(name, slots, labels);
            // A statement that could not be read may have this name.
            if found.is_none() && !slots.iter().any(|slot| slot.nameless) {
                diagnostics.push(unknown_name(name, item.span, slots, labels));
            }
            found
        })
        .collect();
    found.into_iter().collect()
}

/// The slot of a name in the description; the input is also known as `input` and by its automatic name.
pub(super) fn lookup(name: &str, slots: &[Slot], labels: &HashMap<String, usize>) -> Option<usize> {
    labels.get(name).copied().or_else(|| {
        let first = slots.first()?;
        let is_input = first.nested.is_none() && first.layer.as_ref().is_none_or(Layer::is_input);
        (is_input && (name == "input" || name == first.name)).then_some(0)
    })
}

pub(super) fn unknown_name(name: &str, span: Span, slots: &[Slot], labels: &HashMap<String, usize>) -> Diagnostic {
    let diagnostic = Diagnostic::error("E0113", format!("no layer is called `{name}`"));
    if let Some(automatic) = slots.iter().find(|slot| !slot.given && slot.name == name) {
        return diagnostic
            .at(span, "an automatic name cannot be wired")
            .because(automatic.name_span, "the layer that gets it")
            .help(format!("give the layer a name: {name} = ..."));
    }
    let diagnostic = diagnostic.at(span, "no layer above has this name");
    // Among very many names none stands out, and comparing all of them takes long.
    if labels.len() > MOST_LISTED {
        return diagnostic.help(format!("{} layers above this line have names", labels.len()));
    }
    let mut known: Vec<&str> = labels.keys().map(String::as_str).collect();
    known.push("input");
    known.sort_unstable();
    match nearest(name, known.iter().copied()) {
        Some(meant) => diagnostic.help(format!("did you mean `{meant}`?")).fix(span, meant),
        None => diagnostic.help(format!(
            "above this line there is {}",
            crate::call::suggest::all_of(known)
        )),
    }
}
