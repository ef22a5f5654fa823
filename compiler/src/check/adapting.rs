//! Checks that the inputs of layers that are adapted to the samples do not change while training.

use crate::network::Network;
use crate::variable::Variable;
use grammar::diagnostic::Diagnostic;

/// Reports a layer that is adapted to the training samples behind weights, since its input would change with them (E0445).
pub(super) fn check(network: &Network, variables: &[Vec<Variable>], diagnostics: &mut Vec<Diagnostic>) {
    // For each layer, the first layer with weights that it or its inputs depend on.
    let mut weights: Vec<Option<usize>> = Vec::new();
    for (index, node) in network.nodes.iter().enumerate() {
        let before = (node.inputs.iter()).find_map(|input| weights.get(input.0).copied().flatten());
        let first = before.and_then(|before| network.nodes.get(before));
        if let Some(first) = first.filter(|_| node.layer.adapts()) {
            let class = node.layer.class();
            diagnostics.push(
                Diagnostic::error("E0445", format!("{class} after weights has nothing to be adapted to"))
                    .at(node.span, "is measured once, before training")
                    .because(first.span, format!("so that what comes out of {} would not be what it was", first.name))
                    .help(format!(
                        "put {class} before the first layer with weights, use BatchNormalization(), or give its mean and variance"
                    )),
            );
        }
        let has = variables.get(index).is_some_and(|own| !own.is_empty()) && !node.layer.adapts();
        weights.push(before.or_else(|| has.then_some(index)));
    }
}
