//! Reads the statements outside of the models: `compile`, `fit`, `freeze` and `thaw`, in the order of the text. Each
//! `fit` is a phase of training, with the `compile` above it.

use super::freezing::{self, Freezing};
use super::phases::{self, Read};
use crate::call::names;
use crate::call::suggest::nearest;
use crate::training::limits::MOST_PHASES;
use crate::training::loading;
use crate::training::settings;
use grammar::ast::{Call, File, Statement};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

/// The statements outside of the models, in phases.
pub(super) struct Statements {
    /// The first phase of training, which exists even where there is no `fit`.
    pub first: Read,
    /// The phases after the first, one for each further `fit`.
    pub later: Vec<Read>,
    /// The layers that are frozen or thawed behind the last phase, which has no effect on training.
    pub loose: Vec<Freezing>,
    /// Calls of `compile` behind the last `fit`, which train nothing.
    pub unused: Vec<Call>,
}

/// Reads all statements. `hides_model` says that the end of a model is not known, so that layers among the statements
/// may belong to it.
pub(super) fn read(
    file: &File,
    model: Option<&str>,
    hides_model: bool,
    diagnostics: &mut Vec<Diagnostic>,
) -> Statements {
    let mut reading = Reading::default();
    for statement in &file.statements {
        let name = statement.call.name.node.as_str();
        if freezing::is_freezing(name) {
            if reading.compiled.is_some() {
                reading.late.push((name.to_owned(), statement.call.name.span));
            }
            reading.freezings.extend(freezing::read(statement, diagnostics));
            continue;
        }
        if !matches!(name, "compile" | "fit") {
            if loading::is_loader(name) {
                diagnostics.push(unused_data(statement));
            } else if !(hides_model && is_layer(name)) {
                diagnostics.push(unknown_statement(statement));
            }
            continue;
        }
        if !hides_model {
            check_receiver(statement, model, diagnostics);
        }
        if let Some(wiring) = &statement.call.wiring {
            diagnostics.push(
                Diagnostic::error("E0208", format!("{name}(...) returns nothing that can be called"))
                    .at(wiring.span, "a second pair of parentheses")
                    .help("leave it out"),
            );
        }
        if name == "compile" {
            reading.compile(statement, diagnostics);
        } else {
            reading.fit(statement, diagnostics);
        }
    }
    reading.finish(diagnostics)
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    phases: Vec<Read>,
    /// The place of the first `fit`.
    fitted: Option<Span>,
    /// The place of the last `compile` so far.
    compiled: Option<Span>,
    /// The `compile` since the last `fit`, which the next `fit` takes.
    pending: Option<(Span, Call)>,
    /// The layers frozen and thawed since the last `fit`.
    freezings: Vec<Freezing>,
    /// Those of them that stand behind the last `compile`, where Keras would ignore them.
    late: Vec<(String, Span)>,
}

impl Reading {
    fn compile(&mut self, statement: &Statement, diagnostics: &mut Vec<Diagnostic>) {
        let span = statement.call.name.span;
        if let Some((first, _)) = &self.pending {
            diagnostics.push(
                Diagnostic::error("E0211", "compile(...) is given twice")
                    .at(span, "again here")
                    .because(*first, "first here")
                    .help("remove one of the two"),
            );
            return;
        }
        if let Some(target) = &statement.target {
            diagnostics.push(
                Diagnostic::error("E0214", "compile(...) returns nothing to name")
                    .at(target.span, "this would name nothing")
                    .help(format!("remove `{} =`", target.node)),
            );
        }
        if let (Some(fit), None) = (self.fitted, self.compiled) {
            diagnostics.push(
                Diagnostic::error("E0240", "fit(...) stands before compile(...)")
                    .at(fit, "nothing is compiled yet")
                    .because(span, "compiled here")
                    .help("move compile(...) above it"),
            );
        }
        self.late.clear();
        self.compiled = Some(span);
        self.pending = Some((span, statement.call.clone()));
    }

    fn fit(&mut self, statement: &Statement, diagnostics: &mut Vec<Diagnostic>) {
        let span = statement.call.name.span;
        if self.phases.len() == MOST_PHASES {
            diagnostics.push(
                Diagnostic::error("E0243", "too many phases of training")
                    .at(span, format!("more than {MOST_PHASES} fit(...)"))
                    .help("fit(..., epochs=N) trains for as long in one phase"),
            );
        }
        if self.phases.len() >= MOST_PHASES {
            self.phases.push(Read::default());
            return;
        }
        self.tell_late(diagnostics);
        self.fitted = self.fitted.or(Some(span));
        let mut fit = settings::fit(&statement.call, diagnostics);
        if let Some(before) = self.phases.last() {
            fit = phases::going_on(&before.fit, fit, &statement.call, diagnostics);
        }
        self.phases.push(Read {
            compile: self.pending.take().map(|(_, call)| call),
            fit,
            freezings: std::mem::take(&mut self.freezings),
        });
    }

    /// Reports layers that are frozen or thawed between `compile` and `fit` (E0233), where Keras would ignore them.
    fn tell_late(&mut self, diagnostics: &mut Vec<Diagnostic>) {
        let Some(compiled) = self.compiled else { return };
        let help = if self.phases.is_empty() {
            "move it above compile(...)"
        } else {
            "a second compile(...) behind it lets the next fit(...) train so"
        };
        for (name, span) in self.late.drain(..) {
            diagnostics.push(
                Diagnostic::error("E0233", format!("{name}(...) comes after compile(...)"))
                    .at(span, "training has begun by then")
                    .because(compiled, "what trains is settled here")
                    .help(help),
            );
        }
    }

    fn finish(mut self, diagnostics: &mut Vec<Diagnostic>) -> Statements {
        self.tell_late(diagnostics);
        let mut loose = std::mem::take(&mut self.freezings);
        let mut phases = self.phases.into_iter();
        let mut first = phases.next().unwrap_or_default();
        if self.fitted.is_none() {
            first.compile = self.pending.take().map(|(_, call)| call);
        }
        // Without `compile`, layers can be frozen anywhere up to the end.
        if self.fitted.is_none() || self.compiled.is_none() {
            first.freezings.append(&mut loose);
        }
        let mut unused = Vec::new();
        if let Some((span, call)) = self.pending {
            if first.compile.is_none() {
                // It stands behind `fit`, which has been reported.
                first.compile = Some(call);
            } else {
                unused.push(call);
                diagnostics.push(
                    Diagnostic::warning("W0241", "nothing is trained with this compile(...)")
                        .at(span, "no fit(...) follows it")
                        .help("put fit(...) after it, or leave it out"),
                );
            }
        }
        let mut later: Vec<Read> = phases.collect();
        phases::share_validation(&mut first, &mut later);
        Statements {
            first,
            later,
            loose,
            unused,
        }
    }
}

/// Checks what stands before the dot in `model.compile(...)`: `model`, or the model's own name.
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

/// The warning, or the error where it has no name, about a data set that no `fit` takes.
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

/// Whether a call at the top level is a statement even where it has a name, rather than the value of a constant.
pub(super) fn is_statement(name: &str) -> bool {
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
        "fit_generator" => {
            return unknown
                .at(at, "an old name")
                .help("`fit` takes data sets as well")
                .fix(at, "fit");
        }
        "evaluate" | "evaluate_generator" => Some("`cnnc eval FILE --weights W` evaluates"),
        "predict" | "predict_generator" => Some("`cnnc predict FILE --weights W --input IMAGE` predicts"),
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
