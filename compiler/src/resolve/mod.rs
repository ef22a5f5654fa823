//! Turns `ast::File` into a [`Network`]: names become layers, every default is filled in, wiring becomes a graph. All
//! errors of a file are collected; what can be understood despite them is kept, so that `check` can look at it too.

mod again;
mod ends;
mod freezing;
mod front;
mod graph;
mod implied;
mod input;
pub(crate) mod model;
pub(crate) mod naming;
mod nested;
mod open;
mod phases;
mod statements;
mod unknown;
mod wiring;

pub use naming::snake_case;

use crate::applications;
use crate::call::constants;
use crate::network::Network;
use crate::training::{loading, settings};
use grammar::ast::{Call, File, Hole};
use grammar::diagnostic::Diagnostic;
use statements::{Statements, is_statement};

/// The network that a file describes, with warnings, or all its errors. A file with holes describes no network, even
/// where nothing else is wrong: the parser has reported the holes.
pub fn resolve(file: &File) -> Result<(Network, Vec<Diagnostic>), Vec<Diagnostic>> {
    let draft = draft(file);
    match draft.network {
        // What has no value has been reported as an error.
        Some(network) if file.is_whole() && !draft.diagnostics.iter().any(Diagnostic::is_error) => {
            Ok((network, draft.diagnostics))
        }
        _ => Err(draft.diagnostics),
    }
}

/// What could be made of a file. Where `diagnostics` has errors, `network` is at most a part of what was described:
/// its layers are right, but layers, `compile` or `fit` may be missing.
pub(crate) struct Draft {
    pub(crate) network: Option<Network>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

const EXAMPLE: &str = "a description looks like this:
model digits {
    Input(shape=(28, 28, 1))
    Conv2D(9, 5, activation=\"relu\")
    Flatten()
    Dense(10)
}
compile(loss=SparseCategoricalCrossentropy(from_logits=True), metrics=[\"accuracy\"])
fit(data=\"mnist\", epochs=3)";

pub(crate) fn draft(file: &File) -> Draft {
    let mut diagnostics = Vec::new();
    let mut file = constants::evaluated(file, is_statement, loading::halves, &mut diagnostics);
    applications::complete(&mut file);
    let file = &file;
    let model_name = file.models.last().map(|model| model.name.node.as_str());
    let Statements {
        mut first,
        mut later,
        loose,
        unused,
    } = statements::read(file, model_name, hides_model(file), &mut diagnostics);
    // These statements depend on the outputs.
    let reads = std::iter::once(&mut first).chain(&mut later);
    let compiles: Vec<Option<Call>> = reads.map(|read| read.compile.take()).collect();
    let fit = &first.fit;
    let (closed, open) = open::closed(file, fit).unzip();
    let (file, open) = (closed.as_ref().unwrap_or(file), open.unwrap_or_default());
    let mut network = match file.models.as_slice() {
        [] if hides_model(file) => None,
        [] => {
            let empty = Diagnostic::error("E0201", "there is no model");
            diagnostics.push(match file.statements.first() {
                Some(statement) => empty.at(statement.span, "this needs a model").help(EXAMPLE),
                None => empty.help(EXAMPLE),
            });
            None
        }
        [others @ .., model] => {
            nested::check(&file.models, &mut diagnostics);
            let mut counters = naming::Counters::new();
            // A call of a model that is not above it has been reported; the nearest one above comes last.
            let mut known: Vec<nested::Known> = file.models.iter().map(nested::Known::unknown).collect();
            for other in others {
                let before = errors(&diagnostics);
                let graph = model::graph(other, fit, &known, &mut counters, &mut diagnostics);
                // A model with errors has been reported, and nothing is reported about what uses it.
                let whole = graph.filter(|graph| graph.nodes.len() > 1 && errors(&diagnostics) == before);
                let whole = whole.filter(|graph| ends::check_one(graph, other, &mut diagnostics));
                known.push(nested::Known {
                    name: other.name.clone(),
                    content: whole.map(graph::Nested::of_this_file),
                });
            }
            let before = errors(&diagnostics);
            let graph = model::graph(model, fit, &known, &mut counters, &mut diagnostics);
            let front = fit.front();
            let graph = graph.map(|graph| front::put(graph, &front, fit.loading.is_some(), &mut diagnostics));
            let whole = file.is_whole() && errors(&diagnostics) == before;
            graph.map(
                |graph::Graph {
                     mut nodes,
                     output,
                     other_outputs,
                     functional,
                     groups,
                 }| {
                    for freezing in &first.freezings {
                        freezing.apply(&mut nodes, &groups, whole, &mut diagnostics);
                    }
                    let later = phases::trained(later, &loose, (&nodes, &groups), whole, &mut diagnostics);
                    again::settle(&mut nodes);
                    let fit = first.fit;
                    Network {
                        name: model.name.node.clone(),
                        name_span: model.name.span,
                        open,
                        functional,
                        nodes,
                        groups,
                        output,
                        other_outputs,
                        compile: None,
                        fit,
                        later,
                    }
                },
            )
        }
    };
    // Where the network is not whole, its outputs may be others.
    let sound = file.is_whole() && errors(&diagnostics) == 0;
    let outputs = network.as_ref().filter(|_| sound).map(|network| {
        let names = network.outputs().map(|output| network.called(output).to_owned());
        names.collect::<Vec<_>>()
    });
    for call in &unused {
        settings::compile(call, outputs.as_deref(), &mut diagnostics);
    }
    for (phase, call) in compiles.iter().enumerate() {
        let compile = call
            .as_ref()
            .and_then(|call| settings::compile(call, outputs.as_deref(), &mut diagnostics));
        let Some(network) = &mut network else { continue };
        match phase.checked_sub(1).map(|before| network.later.get_mut(before)) {
            None => network.compile = compile,
            Some(Some(phase)) => phase.compile = compile,
            Some(None) => {}
        }
    }
    // Messages come in the order of the text, so that a reader meets them from top to bottom.
    diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
    Draft { network, diagnostics }
}

fn errors(diagnostics: &[Diagnostic]) -> usize {
    diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count()
}

/// Whether what could not be read may be a model, the head of one, or the end of one.
fn hides_model(file: &File) -> bool {
    let may_be = |hole: &Hole| {
        let callee = hole.callee.as_ref().map(|callee| callee.node.as_str());
        callee.is_none_or(|callee| matches!(callee, "Sequential" | "Functional" | "Model"))
    };
    file.holes.iter().any(may_be) || file.models.iter().any(|model| !model.closed)
}
