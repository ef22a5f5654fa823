//! The layers of a network as lowering sees them, and where their variables lie.

use super::target::Compared;
use crate::layers::Layer;
use crate::network::{CheckedNetwork, Node, NodeId};
use crate::plan::builder::{Place, Site};
use crate::plan::parameter::{Parameter, Range};
use crate::shape::Shape;
use crate::variable::Variable;

/// The part of a network that ends at its outputs.
pub(super) struct Graph<'a> {
    /// The layers, inputs before users.
    pub layers: Vec<&'a Layer>,
    /// For each layer, what other layers see of it.
    pub sites: Vec<Site>,
    /// The variables of all layers, one after another in the flat buffer.
    pub parameters: Vec<Parameter>,
    /// The layers whose outputs are the network's, in order.
    pub outputs: Vec<usize>,
    /// The source of the values that outputs are compared with.
    pub compared: Compared,
}

impl<'a> Graph<'a> {
    pub fn new(checked: &'a CheckedNetwork, outputs: &[NodeId]) -> Self {
        let losses = |id: NodeId| {
            let judged = outputs.iter().position(|&output| output == id);
            let compile = checked.network().compile.as_ref();
            Some(compile?.judgements().nth(judged?)?.loss)
        };
        let ports = checked.inputs();
        let parts = ports.len() > 1;
        let is_shared = |id: NodeId, node: &Node| {
            node.shares.is_some() || checked.nodes().any(|(_, other, ..)| other.shares == Some(id))
        };
        let mut graph = Self {
            layers: Vec::new(),
            sites: Vec::new(),
            parameters: Vec::new(),
            outputs: outputs.iter().map(|output| output.0).collect(),
            compared: Compared::of(checked),
        };
        for (id, node, shape, variables) in checked.nodes() {
            let users: Vec<(NodeId, &Node)> = checked
                .nodes()
                .filter(|(_, user, ..)| user.inputs.contains(&id))
                .map(|(id, user, ..)| (id, user))
                .collect();
            // Weights that are applied at several places have one order for all of them.
            let in_any_order = |&(id, user): &(NodeId, &Node)| user.layer.takes_any_order() && !is_shared(id, user);
            let inputs = || node.inputs.iter().filter_map(|input| graph.sites.get(input.0));
            let is_last = outputs.contains(&id);
            let any_order = !is_last && !users.is_empty() && users.iter().all(in_any_order);
            let is_view = inputs()
                .next()
                .is_some_and(|input| node.layer.is_view(&input.shape, any_order));
            let before = inputs().any(|input| input.needs_gradient);
            let places = match node.shares.and_then(|owner| graph.sites.get(owner.0)) {
                Some(owner) => owner.variables.clone(),
                None => graph.place(node, variables),
            };
            let trains = places.iter().any(|place| place.trainable);
            graph.layers.push(&node.layer);
            graph.sites.push(Site {
                name: node.name.clone(),
                inputs: node.inputs.iter().map(|input| input.0).collect(),
                shape: shape.clone(),
                variables: places,
                is_view,
                is_frozen: !node.trainable,
                is_last,
                // The users of the last layer take what its activation makes.
                absorbed: losses(id)
                    .filter(|_| users.is_empty())
                    .and_then(|loss| node.layer.activation().filter(|&last| loss.absorbs(last))),
                activity: node.rules.activity.map(|regularizer| regularizer.strengths()),
                needs_gradient: before || trains,
                part: ports
                    .iter()
                    .find(|port| parts && port.node == id)
                    .map(|port| port.offset),
            });
        }
        graph
    }

    /// The index of the layer whose output is the network's first.
    pub fn output(&self) -> usize {
        self.outputs.first().copied().unwrap_or_default()
    }

    /// The number of floats that all variables take together.
    pub fn floats(&self) -> usize {
        let last = self.parameters.last();
        last.map_or(0, |parameter| parameter.range.offset + parameter.range.floats)
    }

    /// Places a layer's variables behind those that are there already.
    fn place(&mut self, node: &Node, variables: &[Variable]) -> Vec<Place> {
        let flattened = self.flattened(node).cloned();
        let mut places = Vec::new();
        for variable in variables {
            let layout = node.layer.layout(variable, flattened.as_ref());
            let range = Range {
                offset: self.floats(),
                floats: layout.floats(&variable.shape),
            };
            self.parameters.push(Parameter {
                name: format!("{}.{}", node.name, variable.name),
                shape: variable.shape.clone(),
                initializer: variable.initializer,
                trainable: variable.trainable,
                regularizer: variable.regularizer.filter(|_| variable.trainable),
                constraint: variable.constraint.clone().filter(|_| variable.trainable),
                range,
                layout,
            });
            places.push(Place {
                variable: variable.name,
                range,
                trainable: variable.trainable,
            });
        }
        places
    }

    /// The shape of the map that the layer's input is a flat view of; None where it is no view.
    fn flattened(&self, node: &Node) -> Option<&Shape> {
        let input = node.inputs.first().and_then(|input| self.sites.get(input.0))?;
        let map = input.inputs.first().filter(|_| input.is_view)?;
        self.sites.get(*map).map(|map| &map.shape)
    }
}
