//! The rows of a summary: layers, and models that are layers.

use crate::network::{CheckedNetwork, NodeId};

/// A layer, or a model that is one, as a row of the summary.
pub(super) struct Unit<'a> {
    pub(super) name: &'a str,
    /// Keras's name of the class; `Functional` or `Sequential` for a model.
    pub(super) class: &'static str,
    /// The sizes of its output, None for those that the description leaves open.
    pub(super) sizes: Vec<Option<usize>>,
    /// Numbers in the variables of the layer or of the whole model.
    pub(super) params: usize,
    /// The inputs, of one application after another: the index of the unit that makes each, and the number of that
    /// unit's application.
    pub(super) inputs: Vec<(usize, usize)>,
    /// How many times the layer is applied.
    applications: usize,
    /// The node that makes its output in the first application.
    output: NodeId,
}

/// The units of a network, and for each node its unit and the number of the application, both counted from 0.
pub(super) struct Units<'a> {
    /// The units by their first application, inputs before users.
    pub(super) units: Vec<Unit<'a>>,
    of_node: Vec<(usize, usize)>,
}

impl<'a> Units<'a> {
    /// Collects the units; models that are layers are one unit each, and so are layers that are applied again.
    pub(super) fn of(network: &'a CheckedNetwork) -> Self {
        let groups = &network.network().groups;
        let mut units = Self {
            units: Vec::new(),
            of_node: Vec::new(),
        };
        for (id, node, _, variables) in network.nodes() {
            let params = variables.iter().map(crate::variable::Variable::count).sum::<usize>();
            // Of models within models, the outermost comes first.
            let group = groups.iter().find(|group| (group.start..group.end).contains(&id.0));
            let inside = group.filter(|group| group.start != id.0);
            if let Some(first) = inside.and_then(|group| units.of_node.get(group.start)).copied() {
                units.of_node.push(first);
                if let Some(unit) = units.units.get_mut(first.0) {
                    unit.params += params;
                    if unit.output == id {
                        unit.sizes = network.described(id);
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
                sizes: network.described(id),
                params,
                inputs,
                applications: 1,
                output: group.map_or(id, |group| group.output),
            });
        }
        units
    }

    /// The unit that a node belongs to; None where there is no such node.
    pub(super) fn of_node(&self, id: NodeId) -> Option<usize> {
        self.of_node.get(id.0).map(|&(unit, _)| unit)
    }

    /// For each unit, the units whose outputs it takes.
    pub(super) fn inputs(&self) -> Vec<Vec<usize>> {
        let of = |unit: &Unit<'_>| unit.inputs.iter().map(|&(input, _)| input).collect();
        self.units.iter().map(of).collect()
    }
}
