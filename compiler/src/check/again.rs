//! Checks that a layer can be applied to another input: its weights have the sizes that its first input required.

use crate::network::Network;
use crate::numbers::tuple;
use crate::shape::Shape;
use grammar::diagnostic::Diagnostic;

/// Whether the node at an index, if it shares weights, can take these inputs with them; reported where it cannot.
pub(super) fn fits(
    network: &Network,
    shapes: &[Option<Shape>],
    index: usize,
    inputs: &[&Shape],
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    let Some(node) = network.nodes.get(index) else {
        return true;
    };
    let owner = node.shares.and_then(|owner| network.nodes.get(owner.0));
    let first = owner.and_then(|owner| owner.inputs.first());
    let first = first.and_then(|input| shapes.get(input.0)).and_then(Option::as_ref);
    let (Some(owner), Some(first), Some(&input)) = (owner, first, inputs.first()) else {
        return true;
    };
    let (wanted, found) = (owner.variables(first), node.variables(input));
    let Some((wanted, found)) = wanted
        .iter()
        .zip(&found)
        .find(|(wanted, found)| wanted.shape != found.shape)
    else {
        return true;
    };
    diagnostics.push(
        Diagnostic::error("E0235", format!("`{}` has weights for another shape", owner.name))
            .at(node.span, format!("applied to {input}"))
            .because(owner.span, format!("made for {first}"))
            .note(format!(
                "its {} is {}, and would have to be {}",
                wanted.name,
                tuple(&wanted.shape),
                tuple(&found.shape)
            ))
            .help("a layer of its own has weights of its own"),
    );
    false
}
