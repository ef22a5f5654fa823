//! The last line of a model that names its inputs and outputs: `outputs(a, b)`, or Keras's
//! `Model(inputs=[left, right], outputs=[a, b])`.

use super::graph::{Ends, Graph, Slot};
use super::wiring::{lookup, unknown_name};
use crate::call::values;
use crate::layers::Layer;
use grammar::ast::{Argument, Model, Statement, Value, ValueKind};
use grammar::diagnostic::Diagnostic;
use grammar::span::Span;
use std::collections::HashMap;

/// Whether a call with this name is such a line.
pub(super) fn is_one(name: &str) -> bool {
    matches!(name, "outputs" | "Model" | "Functional")
}

/// The error for a second such line.
pub(super) fn again(second: &Statement, first: &Statement) -> Diagnostic {
    Diagnostic::error("E0234", "the outputs are given twice")
        .at(second.span, "again here")
        .because(first.span, "first here")
        .help("one line names all of them: outputs(a, b)")
}

/// The error for such a line above a layer.
pub(super) fn not_last(line: &Statement, layer: &Statement) -> Diagnostic {
    Diagnostic::error("E0234", format!("{}(...) is not the last line", line.call.name.node))
        .at(line.span, "what the model gives")
        .because(layer.call.name.span, "a layer below it")
        .help("move it to the end of the model")
}

/// Reports a model with more than one input or output that is meant to be a layer; true where it has one of each.
pub(super) fn check_one(graph: &Graph, model: &Model, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let what = match (graph.inputs(), graph.other_outputs.len() + 1) {
        (2.., _) => "inputs",
        (_, 2..) => "outputs",
        (_, _) => return true,
    };
    diagnostics.push(
        Diagnostic::error("E0236", format!("a layer with several {what} is not supported"))
            .at(model.name.span, format!("this model has several {what}"))
            .help("the last model of a file may have several; those that are its layers have one input and one output"),
    );
    false
}

/// Reads the line; None where it cannot be understood, which has been reported.
pub(super) fn read(
    line: &Statement,
    model: &str,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Ends> {
    let before = diagnostics.len();
    let call = &line.call;
    let form = |span: Span, label: String| {
        let help = "outputs(a, b), or Model(inputs=[left, right], outputs=[a, b]), of layers that have names";
        Diagnostic::error("E0234", "the outputs are named")
            .at(span, label)
            .help(help)
    };
    if let Some(wiring) = &call.wiring {
        diagnostics.push(form(wiring.span, "a second pair of parentheses".to_owned()));
    }
    let is_plain = call.name.node == "outputs";
    if let Some(target) = line.target.as_ref().filter(|_| is_plain) {
        diagnostics.push(form(target.span, "this would name nothing".to_owned()));
    }
    let mut given: [(&str, Option<&Value>); 2] = [("inputs", None), ("outputs", None)];
    let mut outputs: Vec<&Value> = Vec::new();
    for (place, argument) in call.arguments.iter().enumerate() {
        match &argument.name {
            None if is_plain => outputs.push(&argument.value),
            None => match given.get_mut(place) {
                Some((_, value)) => *value = Some(&argument.value),
                None => diagnostics.push(form(argument.span, "one argument too many".to_owned())),
            },
            Some(name) if is_plain => diagnostics.push(form(name.span, "this is an argument's name".to_owned())),
            Some(name) => match given.iter_mut().find(|(known, _)| *known == name.node) {
                Some((_, value)) => *value = Some(&argument.value),
                None if name.node == "name" && argument.value.kind == ValueKind::String(model.to_owned()) => {}
                None if name.node == "name" => {
                    diagnostics.push(form(argument.span, format!("the model is called `{model}`")));
                }
                None => diagnostics.push(form(name.span, format!("there is no argument `{}`", name.node))),
            },
        }
    }
    let [(_, inputs), (_, of_model)] = given;
    outputs.extend(of_model);
    let mut found = |values: Vec<&Value>| -> Vec<(usize, Span)> {
        let mut found = Vec::new();
        for value in values.into_iter().flat_map(items) {
            let ValueKind::Name(name) = &value.kind else {
                diagnostics.push(form(value.span, format!("this is {}", values::describe(value))));
                continue;
            };
            match lookup(name, slots, labels) {
                Some(slot) => found.push((slot, value.span)),
                None if slots.iter().any(|slot| slot.nameless) => {}
                None => diagnostics.push(unknown_name(name, value.span, slots, labels)),
            }
        }
        found
    };
    let inputs = found(inputs.into_iter().collect());
    let outputs = found(outputs);
    let is_input = |slot: usize| {
        let layer = slots.get(slot).and_then(|slot| slot.layer.as_ref());
        layer.is_some_and(Layer::is_input)
    };
    for &(_, span) in outputs.iter().filter(|&&(slot, _)| is_input(slot)) {
        diagnostics.push(form(span, "an input is no output".to_owned()));
    }
    for &(_, span) in inputs.iter().filter(|&&(slot, _)| !is_input(slot)) {
        diagnostics.push(form(span, "this is no input".to_owned()));
    }
    for ends in [&inputs, &outputs] {
        for (place, &(slot, span)) in ends.iter().enumerate() {
            if let Some(&(_, first)) = ends.iter().take(place).find(|(other, _)| *other == slot) {
                diagnostics.push(form(span, "again here".to_owned()).because(first, "first here"));
            }
        }
    }
    // Two applications of one layer would give outputs of the same name.
    let owner = |slot: usize| slots.get(slot).and_then(|slot| slot.shares).unwrap_or(slot);
    for (place, &(slot, span)) in outputs.iter().enumerate() {
        let earlier = outputs
            .iter()
            .take(place)
            .find(|&&(other, _)| other != slot && owner(other) == owner(slot));
        if let Some(&(_, first)) = earlier {
            diagnostics.push(
                form(span, "the same layer, applied again".to_owned())
                    .because(first, "two outputs cannot have one name"),
            );
        }
    }
    if call.arguments.is_empty() || outputs.is_empty() && diagnostics.len() == before {
        diagnostics.push(form(call.span, "this names no output".to_owned()));
    }
    (diagnostics.len() == before).then(|| Ends {
        inputs: inputs.into_iter().map(|(slot, _)| slot).collect(),
        outputs: outputs.into_iter().map(|(slot, _)| slot).collect(),
    })
}

/// The items of a list, or the value itself.
fn items(value: &Value) -> Vec<&Value> {
    match &value.kind {
        ValueKind::List(items) | ValueKind::Tuple(items) => items.iter().collect(),
        ValueKind::Integer(_)
        | ValueKind::Float(_)
        | ValueKind::String(_)
        | ValueKind::Bool(_)
        | ValueKind::None
        | ValueKind::Name(_)
        | ValueKind::Call(_)
        | ValueKind::Dictionary(_)
        | ValueKind::Arithmetic(_) => vec![value],
    }
}

/// Whether the only argument has no name and is the name of a layer, or a list of such names.
pub(super) fn only_names(arguments: &[Argument]) -> bool {
    let [Argument { name: None, value, .. }] = arguments else {
        return false;
    };
    let items = items(value);
    !items.is_empty() && items.iter().all(|item| matches!(item.kind, ValueKind::Name(_)))
}
