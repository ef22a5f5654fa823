//! Checks that a model begins as it must: with its inputs.

use crate::numbers::tuple;
use crate::shape::Shape;
use crate::training::data::DataName;
use crate::training::fit::Fit;
use grammar::ast::{Argument, Hole, Model, Statement};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;

fn is_input(statement: &Statement) -> bool {
    crate::layers::entry(&statement.call.name.node).is_some_and(crate::layers::Entry::is_input)
}

/// Reports a model whose first layer is not an `Input`, which has nothing behind it, or which has several inputs without names.
pub(super) fn check(model: &Model, statements: &[&Statement], fit: &Fit, diagnostics: &mut Vec<Diagnostic>) {
    let shape = match (&fit.loading, &fit.data) {
        (Some(loading), _) => loading.train.shape(),
        (None, Some(DataName::Known(data))) => data.shape(),
        (None, Some(DataName::Path(_)) | None) => Shape::map(28, 28, 1),
    };
    let example = format!("Input(shape={})", tuple(shape.sizes()));
    let whole = model.closed && model.holes.is_empty();
    let Some(first) = statements.first() else {
        if !whole {
            return;
        }
        diagnostics.push(
            Diagnostic::error("E0203", "the model has no layers")
                .at(model.name.span, "its braces are empty")
                .help(format!("start with {example}, one layer a line")),
        );
        return;
    };
    let mut inputs = statements.iter().filter(|statement| is_input(statement));
    let is_hidden = |hole: &Hole| hole.callee.as_ref().is_none_or(|callee| callee.node == "Input");
    match inputs.next() {
        None if model.holes.iter().any(is_hidden) => {}
        None => diagnostics.push(
            Diagnostic::error("E0204", "the model has no Input")
                .at(first.call.name.span, "the first layer has no input")
                .help(format!("the first line gives the shape of one sample: {example}"))
                .fix(
                    Span {
                        start: first.span.start,
                        end: first.span.start,
                    },
                    format!("{example}\n    "),
                ),
        ),
        Some(input) if !is_input(first) => diagnostics.push(
            Diagnostic::error("E0204", "Input is not the first layer")
                .at(input.call.name.span, "this gives the shape of one sample")
                .because(first.call.name.span, "this comes before it")
                .help("move Input to the first line of the model"),
        ),
        Some(input) => {
            let others: Vec<&&Statement> = inputs.collect();
            let all = std::iter::once(input).chain(others.iter().copied());
            if let Some(nameless) = all.filter(|_| !others.is_empty()).find(|input| !is_named(input)) {
                let other = others.first().filter(|_| nameless.span == input.span);
                let other = other.map_or(input.call.name.span, |other| other.call.name.span);
                diagnostics.push(
                    Diagnostic::error("E0205", "each of several inputs needs a name")
                        .at(nameless.call.name.span, "this has none")
                        .because(other, "another input")
                        .help("left = Input(...): a data set's array for it is then `left_train`"),
                );
            }
            let inputs = others.len() + 1;
            if statements.len() == inputs && whole {
                diagnostics.push(
                    Diagnostic::error("E0203", "the model has no layers")
                        .at(input.call.name.span, "nothing takes this input")
                        .help("add layers after it, such as Flatten() and Dense(10)"),
                );
            }
        }
    }
}

/// Whether an input's name is written rather than automatic.
fn is_named(statement: &Statement) -> bool {
    let named = |argument: &Argument| argument.name.as_ref().is_some_and(|name| name.node == "name");
    statement.target.is_some() || statement.call.arguments.iter().any(named)
}
