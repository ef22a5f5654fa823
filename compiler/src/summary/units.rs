//! What a summary has a row for: a layer, or a model that is one.

use crate::network::{CheckedNetwork, Group, NodeId};
use crate::shape::Shape;

/// One row's worth.
pub(super) struct Unit<'a> {
    pub(super) name: &'a str,
    /// Keras's class name.
    pub(super) class: &'static str,
    pub(super) shape: &'a Shape,
    /// Numbers in its variables.
    pub(super) params: usize,
    /// The indices of the units whose outputs it takes.
    pub(super) inputs: Vec<usize>,
    /// The node whose output is its own.
    pub(super) output: NodeId,
}

/// The units of a network, inputs before users. Models that are layers are one each.
pub(super) fn units(network: &CheckedNetwork) -> Vec<Unit<'_>> {
    let groups = &network.network().groups;
    let mut units: Vec<Unit<'_>> = Vec::new();
    let mut of_node: Vec<usize> = Vec::new();
    for (id, node, shape, variables) in network.nodes() {
        let params = variables.iter().map(crate::variable::Variable::count).sum::<usize>();
        // Of models in models the outermost comes first.
        let group = groups.iter().find(|group| (group.start..group.end).contains(&id.0));
        let index = match group {
            Some(group) if group.start != id.0 => units.len().saturating_sub(1),
            Some(_) | None => units.len(),
        };
        of_node.push(index);
        if let Some(unit) = units.get_mut(index) {
            unit.params += params;
            if unit.output == id {
                unit.shape = shape;
            }
        } else {
            let taken = |input: &NodeId| of_node.get(input.0).copied();
            units.push(Unit {
                name: group.map_or(&node.name, |group| &group.name),
                class: group.map_or_else(|| node.layer.keras_class(), |group| group.class),
                shape,
                params,
                inputs: match group {
                    Some(Group { input, .. }) => taken(input).into_iter().collect(),
                    None => node.inputs.iter().filter_map(taken).collect(),
                },
                output: group.map_or(id, |group| group.output),
            });
        }
    }
    units
}
