//! Layers that are applied again: `tower(right)` applies the layer called `tower` to another input, with the same weights;
//! `encoder(left)` and `encoder(right)` do so with a model of the file.

use super::ends::only_names;
use super::graph::Slot;
use super::nested::Known;
use super::wiring;
use crate::layers::Layer;
use crate::layers::definition::Arity;
use crate::network::Node;
use grammar::ast::{Call, Statement};
use grammar::diagnostic::Diagnostic;
use grammar::span::Spanned;
use std::collections::HashMap;

/// `NAME(a)` as the call `NAME()(a)`; None for calls of another form.
pub(super) fn applied(call: &Call) -> Option<Call> {
    (call.wiring.is_none() && only_names(&call.arguments)).then(|| Call {
        arguments: Vec::new(),
        wiring: Some(Spanned {
            node: call.arguments.clone(),
            span: call.span,
        }),
        ..call.clone()
    })
}

/// Applies a model of the file: the first `encoder(left)` puts the model's layers there, others apply them again.
pub(super) fn model(
    statement: &Statement,
    call: &Call,
    model: &Known,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Slot {
    let name = &model.name.node;
    if let Some(first) = slots.iter().position(|slot| slot.applies.as_ref() == Some(name)) {
        return layer(statement, call, first, slots, labels, diagnostics);
    }
    Slot {
        name: name.clone(),
        name_span: call.name.span,
        nested: model.content.clone(),
        inputs: wiring::inputs(call, Arity::One, slots, labels, diagnostics),
        label: statement.target.clone().filter(|target| target.node != *name),
        applies: Some(name.clone()),
        ..Slot::unknown(call.span)
    }
}

/// Applies the layer of the slot `first` to another input: `tower(right)`.
pub(super) fn layer(
    statement: &Statement,
    call: &Call,
    first: usize,
    slots: &[Slot],
    labels: &HashMap<String, usize>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Slot {
    let call = &applied(call).unwrap_or_else(|| call.clone());
    let owner = slots.get(first).and_then(|slot| slot.shares).unwrap_or(first);
    let count = slots.iter().filter(|slot| slot.shares == Some(owner)).count();
    let of = slots.get(owner);
    let mut slot = Slot::unknown(call.span);
    slot.name_span = call.name.span;
    match &statement.target {
        Some(target) => (slot.name, slot.given, slot.name_span) = (target.node.clone(), true, target.span),
        // No name in a description can have this sign.
        None => slot.name = format!("{}@{}", of.map_or("", |of| of.name.as_str()), count + 1),
    }
    let Some(of) = of.filter(|of| of.is_known()) else {
        return slot;
    };
    if of.layer.as_ref().is_some_and(Layer::is_input) {
        diagnostics.push(
            Diagnostic::error("E0235", format!("`{}` cannot be applied", call.name.node))
                .at(call.name.span, "an input takes nothing")
                .because(of.name_span, "the input"),
        );
        return slot;
    }
    if let Some(argument) = call.arguments.first() {
        diagnostics.push(
            Diagnostic::error("E0235", format!("`{}` is already a layer", call.name.node))
                .at(argument.span, "it has its arguments")
                .because(of.name_span, "the layer")
                .help(format!("{}(a) applies it to the output of `a`", call.name.node)),
        );
        return slot;
    }
    let arity = of.layer.as_ref().and_then(|layer| crate::layers::entry(layer.class()));
    let arity = arity.map_or(Arity::One, |entry| entry.arity);
    slot.inputs = wiring::inputs(call, arity, slots, labels, diagnostics);
    slot.shares = Some(owner);
    slot.layer.clone_from(&of.layer);
    slot.nested.clone_from(&of.nested);
    slot.trainable = of.trainable;
    slot.rules = of.rules.clone();
    slot.argument_spans.clone_from(&of.argument_spans);
    slot
}

/// Makes further applications of a layer train as the layer does.
pub(super) fn settle(nodes: &mut [Node]) {
    for index in 0..nodes.len() {
        let owner = nodes.get(index).and_then(|node| node.shares);
        let trainable = owner.and_then(|owner| nodes.get(owner.0)).map(|owner| owner.trainable);
        if let (Some(node), Some(trainable)) = (nodes.get_mut(index), trainable) {
            node.trainable = trainable;
        }
    }
}
