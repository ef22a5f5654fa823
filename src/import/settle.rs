//! Turns a draft into a description: what `cnnc check` refuses and the network does not need is left out, with a message.

use super::draft::{Draft, LeftOut, Place};
use super::literal::Literal;
use super::write::{Optional, Part, Written, text};
use crate::session::{Examined, examine_text};
use grammar::diagnostic::Diagnostic;
use std::path::Path;

/// How often something may be left out: no script has so many things.
const MOST_ROUNDS: usize = 60;

/// A description and what `cnnc check` says of it.
pub struct Settled {
    /// The description, parsed and checked.
    pub examined: Examined,
    /// The errors in it, each with the place in the imported file that it comes from.
    pub errors: Vec<(Place, Diagnostic)>,
    /// How many things of the imported file are not in it.
    pub left_out: usize,
}

/// Writes the draft as text and checks it. `path` is the file that it will be written to.
pub fn settle(mut draft: Draft, path: &Path) -> Settled {
    let mut rounds = 0;
    loop {
        tidy(&mut draft);
        let written = text(&draft);
        let examined = examine_text(path, &written.text);
        let errors: Vec<(Place, Diagnostic)> = examined
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.is_error())
            .map(|diagnostic| (place(&written, diagnostic), diagnostic.clone()))
            .collect();
        let refused = errors.iter().find_map(|(_, diagnostic)| {
            let part = innermost(&written, diagnostic, |part| part.optional.is_some())?;
            Some((part.optional?, part.place.clone(), diagnostic.message.clone()))
        });
        // What goes wrong between the network and its training may be told at the network.
        let refused = refused.or_else(|| {
            let (_, diagnostic) = errors
                .first()
                .filter(|(_, diagnostic)| diagnostic.code.starts_with("E04"))?;
            let compile = draft.compile.as_ref()?;
            let loss = compile.arguments.iter().position(|argument| argument.is("loss"))?;
            Some((
                Optional::Compile(loss),
                compile.place.clone(),
                diagnostic.message.clone(),
            ))
        });
        // Two data sets that do not go together, or one of another kind than the script's own samples.
        let refused = refused.or_else(|| {
            let (_, diagnostic) = errors
                .first()
                .filter(|(_, diagnostic)| diagnostic.code.starts_with("E05"))?;
            let fit = draft.fit.as_ref()?;
            let place = |name: &str| fit.arguments.iter().position(|argument| argument.is(name));
            // What validates is less of a loss than what is trained on.
            let first = || fit.arguments.iter().position(|argument| argument.name.is_none());
            let data = place("validation_data").or_else(first).or_else(|| place("data"))?;
            Some((Optional::Fit(data), fit.place.clone(), diagnostic.message.clone()))
        });
        match refused {
            Some((optional, place, message)) if rounds < MOST_ROUNDS => {
                rounds += 1;
                leave_out(&mut draft, optional, place, &message);
            }
            Some(_) | None => {
                return Settled {
                    examined,
                    errors,
                    left_out: draft.left_out.len(),
                };
            }
        }
    }
}

/// Sorts what was left out, without duplicates, and removes data sets that are not used.
fn tidy(draft: &mut Draft) {
    let mut taken: Vec<String> = Vec::new();
    let arguments = draft.fit.iter().flat_map(|fit| &fit.arguments);
    for argument in arguments {
        if let Literal::Name(name) = &argument.value {
            taken.push(name.clone());
        }
    }
    for named in draft.values.iter().rev() {
        if let (true, Literal::Call(class, _)) = (taken.contains(&named.name), &named.value)
            && let Some((generator, _)) = class.split_once('.')
        {
            taken.push(generator.to_owned());
        }
    }
    draft.values.retain(|named| taken.contains(&named.name));
    draft.left_out.sort();
    draft.left_out.dedup();
}

/// The smallest part of the text that contains the place of a diagnostic.
fn innermost<'a>(written: &'a Written, diagnostic: &Diagnostic, wanted: impl Fn(&Part) -> bool) -> Option<&'a Part> {
    let at = diagnostic.labels.first()?.span.start as usize;
    let holding = written
        .parts
        .iter()
        .filter(|part| part.range.contains(&at) && wanted(part));
    holding.min_by_key(|part| part.range.len())
}

fn place(written: &Written, diagnostic: &Diagnostic) -> Place {
    innermost(written, diagnostic, |_| true).map_or_else(Place::new, |part| part.place.clone())
}

/// Removes a part from the draft and records that.
fn leave_out(draft: &mut Draft, optional: Optional, place: Place, message: &str) {
    let what = match optional {
        // Without its loss or its optimizer a compile is another one.
        Optional::Compile(index) => match draft.compile.take() {
            Some(mut compile) if index < compile.arguments.len() => {
                let argument = compile.arguments.remove(index);
                if argument.is("loss") || argument.is("optimizer") {
                    "compile".to_owned()
                } else {
                    draft.compile = Some(compile);
                    argument.to_string()
                }
            }
            Some(_) | None => "compile".to_owned(),
        },
        Optional::Fit(index) => {
            let Some(fit) = draft.fit.as_mut().filter(|fit| index < fit.arguments.len()) else {
                return;
            };
            fit.arguments.remove(index).to_string()
        }
        Optional::Metric(argument, index) => {
            let Some(compile) = draft.compile.as_mut() else { return };
            removed(
                compile.arguments.get_mut(argument).map(|argument| &mut argument.value),
                index,
            )
        }
        Optional::Callback(argument, index) => {
            let Some(fit) = draft.fit.as_mut() else { return };
            removed(
                fit.arguments.get_mut(argument).map(|argument| &mut argument.value),
                index,
            )
        }
        Optional::CallbackArgument(argument, index, inner) => {
            let Some(fit) = draft.fit.as_mut() else { return };
            let list = fit.arguments.get_mut(argument).map(|argument| &mut argument.value);
            let callback = match list {
                Some(Literal::List(items)) => items.get_mut(index),
                _ => None,
            };
            argument_removed(callback, inner)
        }
        Optional::LayerArgument(layer, argument) => {
            let Some(layer) = draft
                .layers
                .get_mut(layer)
                .filter(|layer| argument < layer.arguments.len())
            else {
                return;
            };
            format!("{} of {}", layer.arguments.remove(argument), layer.class)
        }
        Optional::ValueArgument(value, argument) => {
            argument_removed(draft.values.get_mut(value).map(|named| &mut named.value), argument)
        }
        Optional::Freezing(index) if index < draft.freezing.len() => draft.freezing.remove(index).call.to_string(),
        Optional::Freezing(_) => return,
        Optional::OptimizerArgument(argument, inner) => {
            let Some(compile) = draft.compile.as_mut() else { return };
            argument_removed(
                compile.arguments.get_mut(argument).map(|argument| &mut argument.value),
                inner,
            )
        }
    };
    draft.left_out.push(LeftOut {
        lines: (usize::MAX, usize::MAX),
        place,
        what: format!("{what} ({message})"),
    });
}

fn removed(list: Option<&mut Literal>, index: usize) -> String {
    match list {
        Some(Literal::List(items)) if index < items.len() => items.remove(index).to_string(),
        _ => String::new(),
    }
}

fn argument_removed(call: Option<&mut Literal>, index: usize) -> String {
    match call {
        Some(Literal::Call(class, arguments)) if index < arguments.len() => {
            format!("{} of {class}", arguments.remove(index))
        }
        _ => String::new(),
    }
}
