//! Turns a [`Network`] into a [`CheckedNetwork`]: works out shapes and sizes, and checks that the output, the loss
//! and the data set go together.

mod adapting;
mod again;
mod class_weight;
mod ends;
mod metrics;
mod moving;
mod open;
mod prose;
mod settings;

pub use settings::takes;

use crate::call::limits::MOST_ELEMENTS;
use crate::network::{CheckedNetwork, Network, NodeId};
use crate::resolve;
use crate::shape::Shape;
use crate::variable::Variable;
use grammar::ast::File;
use grammar::diagnostic::Diagnostic;

/// The result of checking a network with errors.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckFailure {
    /// All errors and warnings, in the order of the text.
    pub diagnostics: Vec<Diagnostic>,
    /// The layers down to the first that fails, for the summary; None where not even the first is sound.
    pub sound: Option<CheckedNetwork>,
}

/// Checks a whole network. Successes may come with warnings.
pub fn check(network: Network) -> Result<(CheckedNetwork, Vec<Diagnostic>), Box<CheckFailure>> {
    conclude(network, Vec::new(), true)
}

/// Resolves and checks a file, and reports all that is wrong with it at once, including the shapes of whatever could
/// be resolved. A file with holes fails even where nothing is wrong with the rest of it.
pub fn check_file(file: &File) -> Result<(CheckedNetwork, Vec<Diagnostic>), Box<CheckFailure>> {
    let draft = resolve::draft(file);
    match draft.network {
        Some(network) => conclude(network, draft.diagnostics, file.is_whole()),
        None => Err(Box::new(CheckFailure {
            diagnostics: draft.diagnostics,
            sound: None,
        })),
    }
}

fn conclude(
    mut network: Network,
    mut diagnostics: Vec<Diagnostic>,
    whole: bool,
) -> Result<(CheckedNetwork, Vec<Diagnostic>), Box<CheckFailure>> {
    let resolved = whole && !diagnostics.iter().any(Diagnostic::is_error);
    let shapes = shapes(&network, &mut diagnostics);
    settle(&mut network, &shapes);
    let mut variables = variables(&network, &shapes);
    let open = open::check(&network, &shapes, &mut diagnostics);
    // What the output and the data set must be like is known only for the whole of the network that was meant.
    if resolved {
        settings::check(&network, &shapes, &variables, &mut diagnostics);
        later_phases(&network, &shapes, &mut diagnostics);
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.labels.first().map_or(0, |label| label.span.start));
    let failed = !whole || diagnostics.iter().any(Diagnostic::is_error);
    let known = shapes.iter().take_while(|shape| shape.is_some()).count();
    let shapes: Vec<Shape> = shapes.into_iter().take(known).flatten().collect();
    if known < network.nodes.len() {
        network.nodes.truncate(known);
        network.output = NodeId(known.saturating_sub(1));
        network.other_outputs.clear();
        network.groups.retain(|group| group.end <= known);
    }
    variables.truncate(known);
    let checked = CheckedNetwork::new(network, shapes, variables).leaving_open(open);
    if failed {
        let sound = (known > 0).then_some(checked);
        return Err(Box::new(CheckFailure { diagnostics, sound }));
    }
    Ok((checked, diagnostics))
}

/// Checks each phase of training after the first in the way the first is checked, without repeating messages.
fn later_phases(network: &Network, shapes: &[Option<Shape>], diagnostics: &mut Vec<Diagnostic>) {
    for index in 1..=network.later.len() {
        let Some(phase) = network.phase(index) else { continue };
        let mut found = Vec::new();
        settings::check(&phase, shapes, &variables(&phase, shapes), &mut found);
        found.retain(|diagnostic| !diagnostics.contains(diagnostic));
        diagnostics.extend(found);
    }
}

/// The shape of each node's output; None where it cannot be known because of an error that has been reported.
fn shapes(network: &Network, diagnostics: &mut Vec<Diagnostic>) -> Vec<Option<Shape>> {
    let mut shapes: Vec<Option<Shape>> = Vec::with_capacity(network.nodes.len());
    let mut elements = 0_usize;
    let mut params = 0_usize;
    let mut full = false;
    for (index, node) in network.nodes.iter().enumerate() {
        let inputs: Option<Vec<&Shape>> = node
            .inputs
            .iter()
            .map(|input| shapes.get(input.0).and_then(Option::as_ref))
            .collect();
        if !is_given_its_shape(network, &shapes, index, diagnostics) {
            shapes.push(None);
            continue;
        }
        let inputs = inputs.filter(|inputs| again::fits(network, &shapes, index, inputs, diagnostics));
        let shape = inputs.and_then(|inputs| match node.layer.output(&inputs) {
            Ok(shape) => fits(network, index, &inputs, shape, diagnostics),
            Err(refusal) => {
                diagnostics.push(prose::refused(network, &shapes, index, &refusal));
                None
            }
        });
        if let Some(shape) = &shape
            && !full
        {
            elements = elements.saturating_add(shape.elements());
            let own = inputs_of(network, &shapes, index).filter(|_| node.shares.is_none());
            let own = own.map_or(0, |input| count(&node.variables(input)));
            params = params.saturating_add(own);
            for (what, total) in [("activations of one sample", elements), ("parameters", params)] {
                if total > MOST_ELEMENTS {
                    full = true;
                    diagnostics.push(prose::too_many(node, what, total));
                }
            }
        }
        shapes.push(shape);
    }
    shapes
}

/// Whether the models that the node belongs to are given the shape that their own `Input` says; reported at their first node.
fn is_given_its_shape(
    network: &Network,
    shapes: &[Option<Shape>],
    index: usize,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let mut right = true;
    for group in network
        .groups
        .iter()
        .filter(|group| (group.start..group.end).contains(&index))
    {
        let given = shapes.get(group.input.0).and_then(Option::as_ref);
        if let (Some(given), Some(wanted)) = (given, &group.shape)
            && given != wanted
        {
            right = false;
            if group.start == index {
                diagnostics.push(prose::not_its_shape(network, group, given, wanted));
            }
        }
    }
    right
}

pub(super) fn inputs_of<'a>(network: &Network, shapes: &'a [Option<Shape>], index: usize) -> Option<&'a Shape> {
    let input = network.nodes.get(index)?.inputs.first()?;
    shapes.get(input.0)?.as_ref()
}

fn count(variables: &[Variable]) -> usize {
    variables.iter().map(Variable::count).fold(0, usize::saturating_add)
}

/// The shape, unless it or the layer's variables are absurdly large.
fn fits(
    network: &Network,
    index: usize,
    inputs: &[&Shape],
    shape: Shape,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Shape> {
    let node = network.nodes.get(index)?;
    if shape.checked_elements().is_none_or(|elements| elements > MOST_ELEMENTS) {
        diagnostics.push(prose::too_large(node, "output", shape.sizes(), &[]));
        return None;
    }
    let variables = inputs.first().map(|input| node.variables(input)).unwrap_or_default();
    if let Some(variable) = variables.iter().find(|variable| variable.count() > MOST_ELEMENTS) {
        diagnostics.push(prose::too_large(
            node,
            variable.name,
            &variable.shape,
            &["filters", "units", "kernel_size"],
        ));
        return None;
    }
    Some(shape)
}

/// Completes layers with what depends on shapes, such as the axis of a concatenation.
fn settle(network: &mut Network, shapes: &[Option<Shape>]) {
    for index in 0..network.nodes.len() {
        let rank = shapes.get(index).and_then(Option::as_ref).map(Shape::rank);
        if let Some((node, rank)) = network.nodes.get_mut(index).zip(rank) {
            node.layer.settle(rank);
        }
    }
}

fn variables(network: &Network, shapes: &[Option<Shape>]) -> Vec<Vec<Variable>> {
    let of = |(index, node): (usize, &crate::network::Node)| {
        inputs_of(network, shapes, index)
            .filter(|_| node.shares.is_none())
            .map(|input| node.variables(input))
            .unwrap_or_default()
    };
    network.nodes.iter().enumerate().map(of).collect()
}
