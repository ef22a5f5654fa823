//! A first layer that says itself what a sample looks like: `Conv2D(32, 3, input_shape=(28, 28, 1))` stands for an `Input` and the
//! layer, as in Keras's `Sequential`.

use crate::applications;
use crate::layers::Entry;
use grammar::ast::{Argument, Call, Statement, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Spanned;

/// The arguments that say it.
const NAMES: [&str; 2] = [SHAPE, "input_dim"];
/// The first of them, of which sizes may be open.
pub(super) const SHAPE: &str = "input_shape";

/// The `Input` that the first statement asks for, where no other one does; its places are those of the argument.
pub(super) fn input(statements: &[&Statement]) -> Option<Statement> {
    let (first, rest) = statements.split_first()?;
    let begins = |statement: &Statement| crate::layers::entry(&statement.call.name.node).is_some_and(Entry::is_input);
    if begins(first) || first.call.wiring.is_some() || rest.iter().any(|statement| begins(statement)) {
        return None;
    }
    let argument = given(&first.call)?;
    let name = |node: &str| Spanned {
        node: node.to_owned(),
        span: argument.span,
    };
    let value = match &argument.value.kind {
        ValueKind::Integer(_) => Value {
            kind: ValueKind::Tuple(vec![argument.value.clone()]),
            span: argument.value.span,
        },
        ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::Tuple(_)
        | ValueKind::List(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_)
        | ValueKind::Call(_) => argument.value.clone(),
    };
    let shape = Argument {
        span: argument.span,
        name: Some(name("shape")),
        value,
    };
    Some(Statement {
        span: argument.span,
        target: None,
        second: None,
        call: Call {
            span: argument.span,
            name: name("Input"),
            prefix: Vec::new(),
            receiver: None,
            arguments: vec![shape],
            wiring: None,
        },
    })
}

/// Says of layers behind the first one that nothing comes of the argument.
pub(super) fn ignored(statements: &[&Statement], diagnostics: &mut Vec<Diagnostic>) {
    // The first layer is the second statement: `Input` comes before it, or was made of it.
    let implied = statements
        .first()
        .filter(|input| is_made_up(input))
        .map(|input| input.span);
    for statement in statements {
        if crate::layers::entry(&statement.call.name.node).is_none_or(Entry::is_input) {
            continue;
        }
        if let Some(argument) = given(&statement.call).filter(|argument| Some(argument.span) != implied) {
            let name = argument.name.as_ref().map_or("", |name| name.node.as_str());
            diagnostics.push(
                Diagnostic::warning("W0137", format!("`{name}` does nothing here"))
                    .at(argument.span, "the shape comes from the layer before")
                    .help("leave it out: only the first layer of a model without Input takes it"),
            );
        }
    }
}

/// Whether an `Input` stands for an argument of a layer.
fn is_made_up(statement: &Statement) -> bool {
    (statement.call.arguments.first()).is_some_and(|argument| argument.span == statement.call.name.span)
}

/// The argument that says what a sample looks like, of what is a layer.
fn given(call: &Call) -> Option<&Argument> {
    let name = call.name.node.as_str();
    if crate::layers::entry(name).is_none() && applications::entry(name).is_none() {
        return None;
    }
    let mut arguments = call.arguments.iter();
    arguments.find(|argument| {
        let named = argument
            .name
            .as_ref()
            .is_some_and(|name| NAMES.contains(&name.node.as_str()));
        named && argument.value.kind != ValueKind::None
    })
}
