//! `ast::File` -> [`Network`]: names become layers, every default is filled in, wiring becomes a graph. All errors of a
//! file are collected; what can be understood despite them is kept, so that `check` can look at it too.

mod again;
mod ends;
mod freezing;
mod front;
mod graph;
mod input;
pub(crate) mod model;
pub(crate) mod naming;
mod nested;
mod wiring;

pub use naming::snake_case;

use crate::call::suggest::nearest;
use crate::call::{constants, names};
use crate::network::Network;
use crate::training::fit::Fit;
use crate::training::loading;
use crate::training::settings;
use grammar::ast::{Call, File, Hole, Statement};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The network that a file describes, with warnings; or everything that is wrong with it. A file with holes is none, even
/// where nothing else is wrong: the parser has said what is.
pub fn resolve(file: &File) -> Result<(Network, Vec<Diagnostic>), Vec<Diagnostic>> {
    let draft = draft(file);
    match draft.network {
        // What has no value is reported as an error.
        Some(network) if file.is_whole() && !draft.diagnostics.iter().any(Diagnostic::is_error) => {
            Ok((network, draft.diagnostics))
        }
        _ => Err(draft.diagnostics),
    }
}

/// What could be made of a file. Where `diagnostics` has errors, `network` is at most a part of what was described: its
/// layers are right, but layers, `compile` or `fit` may be missing.
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
    let file = &constants::evaluated(file, is_statement, &mut diagnostics);
    let model_name = file.models.last().map(|model| model.name.node.as_str());
    let Statements {
        compile: compile_call,
        fit,
        freezings,
    } = statements(file, model_name, &mut diagnostics);
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
            // A call of a model that is not above has been reported; the nearest one above comes last.
            let mut known: Vec<nested::Known> = file.models.iter().map(nested::Known::unknown).collect();
            for other in others {
                let before = errors(&diagnostics);
                let graph = model::graph(other, &fit, &known, &mut counters, &mut diagnostics);
                // One that is wrong has been reported; nothing is said about what uses it.
                let whole = graph.filter(|graph| graph.nodes.len() > 1 && errors(&diagnostics) == before);
                let whole = whole.filter(|graph| ends::check_one(graph, other, &mut diagnostics));
                known.push(nested::Known {
                    name: other.name.clone(),
                    content: whole.map(graph::Nested::of_this_file),
                });
            }
            let before = errors(&diagnostics);
            let graph = model::graph(model, &fit, &known, &mut counters, &mut diagnostics);
            let front = fit.loading.as_ref().map(|loading| loading.front.as_slice());
            let graph = graph.map(|graph| front::put(graph, front.unwrap_or_default(), &mut diagnostics));
            let whole = file.is_whole() && errors(&diagnostics) == before;
            graph.map(
                |graph::Graph {
                     mut nodes,
                     output,
                     other_outputs,
                     functional,
                     groups,
                 }| {
                    for freezing in &freezings {
                        freezing.apply(&mut nodes, &groups, whole, &mut diagnostics);
                    }
                    again::settle(&mut nodes);
                    Network {
                        name: model.name.node.clone(),
                        name_span: model.name.span,
                        functional,
                        nodes,
                        groups,
                        output,
                        other_outputs,
                        compile: None,
                        fit,
                    }
                },
            )
        }
    };
    if let Some(call) = &compile_call {
        // Of a network that is not whole, the outputs may be others.
        let sound = file.is_whole() && errors(&diagnostics) == 0;
        let outputs = network.as_ref().filter(|_| sound).map(|network| {
            let names = network.outputs().map(|output| network.called(output).to_owned());
            names.collect::<Vec<_>>()
        });
        let compile = settings::compile(call, outputs.as_deref(), &mut diagnostics);
        if let Some(network) = &mut network {
            network.compile = compile;
        }
    }
    // In the order of the text, so that a reader meets them from top to bottom.
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

/// What stands outside of the models.
struct Statements {
    /// What it says depends on the outputs.
    compile: Option<Call>,
    fit: Fit,
    /// In the order in which they are done.
    freezings: Vec<freezing::Freezing>,
}

fn statements(file: &File, model: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Statements {
    let mut first: [(&str, Option<Span>); 2] = [("compile", None), ("fit", None)];
    let (mut compile, mut fit, mut freezings) = (None, Fit::default(), Vec::new());
    let hides_model = hides_model(file);
    for statement in &file.statements {
        let name = statement.call.name.node.as_str();
        if freezing::is_freezing(name) {
            if let [("compile", Some(compile)), _] = first {
                diagnostics.push(
                    Diagnostic::error("E0233", format!("{name}(...) stands behind compile(...)"))
                        .at(statement.call.name.span, "it would come too late")
                        .because(compile, "what trains is settled here")
                        .help("move it above compile(...)"),
                );
            }
            freezings.extend(freezing::read(statement, diagnostics));
            continue;
        }
        let Some((_, seen)) = first.iter_mut().find(|(known, _)| *known == name) else {
            if loading::is_loader(name) {
                diagnostics.push(unused_data(statement));
                continue;
            }
            // What stands outside of a model whose ends are not known may be meant to be inside.
            if !(hides_model && is_layer(name)) {
                diagnostics.push(unknown_statement(statement));
            }
            continue;
        };
        if !hides_model {
            check_receiver(statement, model, diagnostics);
        }
        if let Some(span) = *seen {
            diagnostics.push(
                Diagnostic::error("E0211", format!("{name}(...) is given twice"))
                    .at(statement.call.name.span, "again here")
                    .because(span, "first here")
                    .help("remove one of the two"),
            );
            continue;
        }
        *seen = Some(statement.call.name.span);
        if let Some(wiring) = &statement.call.wiring {
            diagnostics.push(
                Diagnostic::error("E0208", format!("{name}(...) returns nothing that can be called"))
                    .at(wiring.span, "a second pair of parentheses")
                    .help("leave it out"),
            );
        }
        if name == "compile" {
            if let Some(target) = &statement.target {
                diagnostics.push(
                    Diagnostic::error("E0214", "compile(...) returns nothing to name")
                        .at(target.span, "this would name nothing")
                        .help(format!("remove `{} =`", target.node)),
                );
            }
            compile = Some(statement.call.clone());
        } else {
            fit = settings::fit(&statement.call, diagnostics);
        }
    }
    Statements {
        compile,
        fit,
        freezings,
    }
}

/// `model.compile(...)`: the model's own name does as well.
fn check_receiver(statement: &Statement, model: Option<&str>, diagnostics: &mut Vec<Diagnostic>) {
    let Some((path, span)) = names::prefix(&statement.call) else {
        return;
    };
    if path == "model" || Some(path.as_str()) == model {
        return;
    }
    let name = &statement.call.name.node;
    let diagnostic = Diagnostic::error("E0111", format!("unknown prefix `{path}`")).at(span, "not the model's name");
    let known = ["model"].into_iter().chain(model);
    diagnostics.push(match nearest(&path, known) {
        Some(meant) => diagnostic
            .help(format!("did you mean `{meant}.{name}`?"))
            .fix(span, meant),
        None => diagnostic.help(format!("`{name}(...)` or `model.{name}(...)`")),
    });
}

/// A data set that `fit` does not take.
fn unused_data(statement: &Statement) -> Diagnostic {
    match &statement.target {
        Some(target) => Diagnostic::warning("W0136", format!("`{}` is not used", target.node))
            .at(statement.span, "this changes nothing")
            .help("fit(train, validation_data=valid) uses two; `cnnc eval --data PATH` measures on others"),
        None => Diagnostic::error("E0112", "a data set without a name")
            .at(statement.span, "nothing can use it")
            .help("give it one, and train on it: train = ... and fit(train)"),
    }
}

/// Whether a call at the top level is a statement even if it has a name, rather than a value.
fn is_statement(name: &str) -> bool {
    is_layer(name)
        || matches!(
            name,
            "compile" | "fit" | "freeze" | "thaw" | "summary" | "evaluate" | "predict" | "Model"
        )
}

fn is_layer(name: &str) -> bool {
    crate::layers::entry(name).is_some() || names::KERAS_LAYERS.contains(&name)
}

fn unknown_statement(statement: &Statement) -> Diagnostic {
    let call = &statement.call;
    let name = call.name.node.as_str();
    let at = call.name.span;
    if is_layer(name) {
        return Diagnostic::error("E0213", "a layer outside the model")
            .at(at, "this is outside the braces")
            .help("layers go between the braces of `model NAME { ... }`");
    }
    let unknown = Diagnostic::error("E0112", format!("unknown statement `{name}`"));
    let instead = match name {
        "summary" => Some("`cnnc check FILE` prints the summary"),
        "evaluate" => Some("`cnnc eval FILE --weights W` evaluates"),
        "predict" => Some("`cnnc predict FILE --weights W --input IMAGE` predicts"),
        "Sequential" | "Model" => Some("a model is written: model NAME { Input(shape=(28, 28, 1)) ... }"),
        "save" | "save_weights" => Some("`cnnc run` writes the weights by itself"),
        "load_weights" | "load_model" => Some("`cnnc run FILE --weights W` starts from weights"),
        _ => None,
    };
    if let Some(help) = instead {
        return unknown.at(at, "this has no place in a description").help(help);
    }
    match nearest(name, ["compile", "fit", "freeze", "thaw", "model"]) {
        Some(meant) => unknown
            .at(at, "no statement has this name")
            .help(format!("did you mean `{meant}`?"))
            .fix(at, meant),
        None => unknown
            .at(at, "no statement has this name")
            .help("besides the model there are compile(...) and fit(...)"),
    }
}
