//! Turns a draft into a description: what `cnnc check` refuses and the network does not need is left out, with a message.

use super::draft::{Draft, LeftOut, Phase, Place};
use super::literal::Literal;
use super::write::{OfPhase, Optional, Part, Written, text};
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
        // What only a warning says has no effect is no part of a draft either.
        let of_no_effect = examined
            .diagnostics
            .iter()
            .filter(|diagnostic| diagnostic.code == "W0433");
        let refused = errors
            .iter()
            .map(|(_, diagnostic)| diagnostic)
            .chain(of_no_effect)
            .find_map(|diagnostic| {
                let part = innermost(&written, diagnostic, |part| part.optional.is_some())?;
                Some((part.optional?, part.place.clone(), said(diagnostic)))
            });
        // What goes wrong between the network and its training may be told at the network.
        let refused = refused.or_else(|| {
            let (_, diagnostic) = errors
                .first()
                .filter(|(_, diagnostic)| diagnostic.code.starts_with("E04"))?;
            // Of a later phase it is told at its own place.
            let compile = draft.phases.first()?.compile.as_ref()?;
            let loss = compile.arguments.iter().position(|argument| argument.is("loss"))?;
            Some((
                Optional::Phase(0, OfPhase::Compile(loss)),
                compile.place.clone(),
                said(diagnostic),
            ))
        });
        // Two data sets that do not go together, or one of another kind than the script's own samples.
        let refused = refused.or_else(|| {
            let (_, diagnostic) = errors
                .first()
                .filter(|(_, diagnostic)| diagnostic.code.starts_with("E05"))?;
            let fit = draft.phases.first()?.fit.as_ref()?;
            let place = |name: &str| fit.arguments.iter().position(|argument| argument.is(name));
            // What validates is less of a loss than what is trained on.
            let first = || fit.arguments.iter().position(|argument| argument.name.is_none());
            let data = place("validation_data").or_else(first).or_else(|| place("data"))?;
            Some((
                Optional::Phase(0, OfPhase::Fit(data)),
                fit.place.clone(),
                said(diagnostic),
            ))
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

/// Why something is left out; of what is the script's own, or has another name, also what to write instead.
fn said(diagnostic: &Diagnostic) -> String {
    let own = diagnostic.notes.iter().any(|note| note.contains("no code of your own"));
    let renamed = diagnostic.code == "E0103" && diagnostic.help.iter().any(|help| help.starts_with("in "));
    match diagnostic.help.first().filter(|_| own || renamed) {
        Some(help) => format!("{}; {help}", diagnostic.message),
        None => diagnostic.message.clone(),
    }
}

/// Sorts what was left out, without duplicates, and removes data sets that are not used.
fn tidy(draft: &mut Draft) {
    let mut taken: Vec<String> = Vec::new();
    let fits = draft.phases.iter().filter_map(|phase| phase.fit.as_ref());
    let arguments = fits.flat_map(|fit| &fit.arguments);
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
        Optional::Phase(at, part) => {
            if at > 0 && carries(draft, at, part) {
                leave_out_phases(draft, at, Some(message));
                return;
            }
            without_data(draft, at, part);
            let Some(phase) = draft.phases.get_mut(at) else { return };
            let Some(what) = out_of_phase(phase, part) else { return };
            // What is not compiled is not trained, and what goes on with it neither.
            if draft.phases.first().is_some_and(|first| first.compile.is_none()) {
                leave_out_phases(draft, 1, None);
            }
            what
        }
        Optional::LayerArgument(model, layer, argument) => {
            let Some(layer) = draft
                .layers_of(model)
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
    };
    draft.left_out.push(LeftOut {
        lines: (usize::MAX, usize::MAX),
        place,
        what: format!("{what} ({message})"),
    });
}

/// Phases have one data set: what the first one is not trained on, the others are not either.
fn without_data(draft: &mut Draft, phase: usize, part: OfPhase) {
    let OfPhase::Fit(place) = part else { return };
    let fit = draft.phases.get(phase).and_then(|phase| phase.fit.as_ref());
    let Some(gone) = fit.and_then(|fit| fit.arguments.get(place)).cloned() else {
        return;
    };
    if phase == 0 && (gone.name.is_none() || gone.is("data")) {
        for fit in draft.phases.iter_mut().skip(1).filter_map(|phase| phase.fit.as_mut()) {
            fit.arguments.retain(|argument| *argument != gone);
        }
    }
}

/// Whether a later phase is another one without the part: what it is trained on, and with what.
fn carries(draft: &Draft, phase: usize, part: OfPhase) -> bool {
    let Some(phase) = draft.phases.get(phase) else {
        return false;
    };
    let argument = |call: &Option<super::draft::Call>, place: usize, wanted: &[&str]| {
        let argument = call.as_ref().and_then(|call| call.arguments.get(place));
        argument.is_some_and(|argument| argument.name.as_deref().is_none_or(|name| wanted.contains(&name)))
    };
    match part {
        OfPhase::Compile(place) => argument(&phase.compile, place, &["loss", "optimizer"]),
        OfPhase::Fit(place) => argument(&phase.fit, place, &["data", "targets", "validation_split"]),
        OfPhase::Metric(..)
        | OfPhase::Callback(..)
        | OfPhase::CallbackArgument(..)
        | OfPhase::OptimizerArgument(..)
        | OfPhase::Freezing(_) => false,
    }
}

/// Takes a phase out of the draft, and all behind it, which would go on with its weights.
fn leave_out_phases(draft: &mut Draft, from: usize, message: Option<&str>) {
    let from = from.min(draft.phases.len());
    for (index, phase) in draft.phases.drain(from..).enumerate() {
        let why = match message {
            Some(message) if index == 0 => message,
            Some(_) => "it would continue a phase that is left out",
            None => "the first phase is not compiled",
        };
        for (name, call) in [("compile", &phase.compile), ("fit", &phase.fit)] {
            if let Some(call) = call {
                draft.left_out.push(LeftOut {
                    lines: (usize::MAX, usize::MAX),
                    place: call.place.clone(),
                    what: format!("another {name} ({why})"),
                });
            }
        }
    }
}

/// Takes a part out of a phase; what it was.
fn out_of_phase(phase: &mut Phase, part: OfPhase) -> Option<String> {
    let compile = phase.compile.as_mut();
    let fit = phase.fit.as_mut();
    Some(match part {
        // Without its loss or its optimizer a compile is another one.
        OfPhase::Compile(index) => match phase.compile.take() {
            Some(mut compile) if index < compile.arguments.len() => {
                let argument = compile.arguments.remove(index);
                if argument.is("loss") || argument.is("optimizer") {
                    "compile".to_owned()
                } else {
                    phase.compile = Some(compile);
                    argument.to_string()
                }
            }
            Some(_) | None => "compile".to_owned(),
        },
        OfPhase::Fit(index) => {
            let fit = fit.filter(|fit| index < fit.arguments.len())?;
            fit.arguments.remove(index).to_string()
        }
        OfPhase::Metric(argument, index) => removed(
            compile?.arguments.get_mut(argument).map(|argument| &mut argument.value),
            index,
        ),
        OfPhase::Callback(argument, index) => removed(
            fit?.arguments.get_mut(argument).map(|argument| &mut argument.value),
            index,
        ),
        OfPhase::CallbackArgument(argument, index, inner) => {
            let list = fit?.arguments.get_mut(argument).map(|argument| &mut argument.value);
            let callback = match list {
                Some(Literal::List(items)) => items.get_mut(index),
                _ => None,
            };
            argument_removed(callback, inner)
        }
        OfPhase::OptimizerArgument(argument, inner) => argument_removed(
            compile?.arguments.get_mut(argument).map(|argument| &mut argument.value),
            inner,
        ),
        OfPhase::Freezing(index) if index < phase.freezing.len() => phase.freezing.remove(index).call.to_string(),
        OfPhase::Freezing(_) => return None,
    })
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
