//! What a summary has a row for: a layer, or a model that is one.

use crate::network::{CheckedNetwork, NodeId};
use crate::shape::Shape;

/// One row's worth.
pub(super) struct Unit<'a> {
    pub(super) name: &'a str,
    /// Keras's class name.
    pub(super) class: &'static str,
    pub(super) shape: &'a Shape,
    /// Numbers in its variables.
    pub(super) params: usize,
    /// The indices of the units whose outputs it takes, one application after another, each with the application of the unit
    /// that makes the output.
    pub(super) inputs: Vec<(usize, usize)>,
    /// How often it is applied.
    applications: usize,
    /// The node whose output is its own, where it is applied first.
    output: NodeId,
}

/// The units of a network, and of each node the unit that it belongs to and its application, both counted from 0.
pub(super) struct Units<'a> {
    /// Inputs before users, by where they are first applied.
    pub(super) units: Vec<Unit<'a>>,
    of_node: Vec<(usize, usize)>,
}

impl<'a> Units<'a> {
    /// Models that are layers are one unit each, and so are layers that are applied again.
    pub(super) fn of(network: &'a CheckedNetwork) -> Self {
        let groups = &network.network().groups;
        let mut units = Self {
            units: Vec::new(),
            of_node: Vec::new(),
        };
        for (id, node, shape, variables) in network.nodes() {
            let params = variables.iter().map(crate::variable::Variable::count).sum::<usize>();
            // Of models in models the outermost comes first.
            let group = groups.iter().find(|group| (group.start..group.end).contains(&id.0));
            let inside = group.filter(|group| group.start != id.0);
            if let Some(first) = inside.and_then(|group| units.of_node.get(group.start)).copied() {
                units.of_node.push(first);
                if let Some(unit) = units.units.get_mut(first.0) {
                    unit.params += params;
                    if unit.output == id {
                        unit.shape = shape;
                    }
                }
                continue;
            }
            let inputs = group.map_or(node.inputs.as_slice(), |group| std::slice::from_ref(&group.input));
            let inputs = inputs.iter().filter_map(|input| units.of_node.get(input.0)).copied();
            let inputs: Vec<(usize, usize)> = inputs.collect();
            let owner = node.shares.and_then(|owner| units.of_node.get(owner.0)).copied();
            if let Some((index, unit)) = owner.and_then(|(index, _)| Some((index, units.units.get_mut(index)?))) {
                unit.inputs.extend(inputs);
                unit.applications += 1;
                units.of_node.push((index, unit.applications - 1));
                continue;
            }
            units.of_node.push((units.units.len(), 0));
            units.units.push(Unit {
                name: group.map_or(&node.name, |group| &group.name),
                class: group.map_or_else(|| node.layer.keras_class(), |group| group.class),
                shape,
                params,
                inputs,
                applications: 1,
                output: group.map_or(id, |group| group.output),
            });
        }
        units
    }

    /// The unit that a node belongs to.
    pub(super) fn of_node(&self, id: NodeId) -> Option<usize> {
        self.of_node.get(id.0).map(|&(unit, _)| unit)
    }

    /// Of each unit those whose outputs it takes.
    pub(super) fn inputs(&self) -> Vec<Vec<usize>> {
        let of = |unit: &Unit<'_>| unit.inputs.iter().map(|&(input, _)| input).collect();
        self.units.iter().map(of).collect()
    }
}
