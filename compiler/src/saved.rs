//! Models as Keras's weight files lay them out: layers in Keras's order, with models among them that have layers of their own.

use crate::network::{CheckedNetwork, Group, Node, NodeId};
use crate::resolve::naming::snake_case;
use crate::summary::ordered;
use crate::variable::Variable;

/// A layer of a file of weights, or a model that is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// The layer's own name, without those of the models around it.
    pub name: String,
    /// Keras's name of the layer's class, such as `DepthwiseConv2D`.
    pub class: &'static str,
    /// The variables, or the layers of a model.
    pub content: Content,
}

/// The contents of a layer in a file of weights.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The variables of a layer, in Keras's order.
    Variables(Vec<SavedVariable>),
    /// The layers of a model, in Keras's order.
    Layers(Vec<Saved>),
}

/// A variable, with its name in the file and in the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedVariable {
    /// The name within the layer: `kernel`.
    pub name: &'static str,
    /// The name of the network's parameter: `vgg16/block1_conv1.kernel`.
    pub parameter: String,
    /// The sizes of its axes, in Keras's order.
    pub shape: Vec<usize>,
}

impl Saved {
    /// The class in snake case, as files call it: `depthwise_conv2d`.
    pub fn kind(&self) -> String {
        snake_case(self.class)
    }

    /// The variables of the layer, or of all layers of the model.
    pub fn variables(&self) -> Vec<&SavedVariable> {
        match &self.content {
            Content::Variables(variables) => variables.iter().collect(),
            Content::Layers(layers) => layers.iter().flat_map(Self::variables).collect(),
        }
    }
}

/// The layers of a whole network, in the order of a file of its weights.
pub fn network(network: &CheckedNetwork) -> Vec<Saved> {
    let of = network.network();
    let scope = Scope {
        nodes: network
            .nodes()
            .map(|(_, node, _, variables)| (node, variables))
            .collect(),
        groups: &of.groups,
        prefix: 0,
    };
    scope.layers(
        0,
        of.nodes.len(),
        None,
        &of.outputs().collect::<Vec<_>>(),
        of.functional,
    )
}

/// The layers of a model that is a layer of the network, in the order of a file of the model's own weights.
pub fn group(network: &CheckedNetwork, group: &Group) -> Vec<Saved> {
    let scope = Scope {
        nodes: network
            .nodes()
            .map(|(_, node, _, variables)| (node, variables))
            .collect(),
        groups: &network.network().groups,
        prefix: group.name.len() + 1,
    };
    scope.layers(
        group.start,
        group.end,
        Some(group.input),
        &[group.output],
        group.functional,
    )
}

struct Scope<'a> {
    nodes: Vec<(&'a Node, &'a [Variable])>,
    groups: &'a [Group],
    /// How many bytes of each name belong to the models around this one.
    prefix: usize,
}

impl Scope<'_> {
    /// The layers among the nodes `start..end`, in Keras's order.
    fn layers(
        &self,
        start: usize,
        end: usize,
        input: Option<NodeId>,
        outputs: &[NodeId],
        functional: bool,
    ) -> Vec<Saved> {
        let within = |group: &&Group| {
            let whole = group.start == start && group.end == end && input == Some(group.input);
            start <= group.start && group.end <= end && !(whole && group.name.len() < self.prefix)
        };
        // Index 0 is the input, as in Keras; in a whole network it is a node of its own.
        let mut units: Vec<(Vec<usize>, Option<Saved>)> = Vec::new();
        if input.is_some() {
            units.push((Vec::new(), None));
        }
        let mut unit_of = vec![0; end.saturating_sub(start)];
        let mut at = start;
        while at < end {
            let inner = self.groups.iter().filter(within).find(|group| group.start == at);
            let unit_of_node = |id: &NodeId| match id.0.checked_sub(start) {
                Some(index) => unit_of.get(index).copied().unwrap_or(0),
                None => 0,
            };
            // A layer that is applied again is still one layer, with more inputs.
            let shares = self.nodes.get(at).and_then(|(node, _)| node.shares);
            let owner = shares.map(|owner| unit_of_node(&owner));
            let (saved, inputs, next) = match (inner, self.nodes.get(at)) {
                (Some(group), _) => (
                    Saved {
                        name: self.own(&group.name),
                        class: group.class,
                        content: Content::Layers(
                            Scope {
                                nodes: self.nodes.clone(),
                                groups: self.groups,
                                prefix: group.name.len() + 1,
                            }
                            .layers(
                                group.start,
                                group.end,
                                Some(group.input),
                                &[group.output],
                                group.functional,
                            ),
                        ),
                    },
                    vec![unit_of_node(&group.input)],
                    group.end,
                ),
                (None, Some((node, variables))) => (
                    self.layer(node, variables),
                    node.inputs.iter().map(unit_of_node).collect(),
                    at + 1,
                ),
                (None, None) => break,
            };
            let unit = owner.unwrap_or(units.len());
            for place in unit_of.iter_mut().take(next - start).skip(at - start) {
                *place = unit;
            }
            match units.get_mut(unit) {
                Some((before, _)) => before.extend(inputs),
                None => units.push((inputs, Some(saved))),
            }
            at = next;
        }
        let inputs: Vec<&[usize]> = units.iter().map(|(inputs, _)| inputs.as_slice()).collect();
        let unit = |output: &NodeId| {
            let index = output.0.checked_sub(start)?;
            unit_of.get(index).copied()
        };
        let last: Vec<usize> = outputs.iter().filter_map(unit).collect();
        let order = ordered(&inputs, if last.is_empty() { &[0] } else { &last }, functional);
        let mut saved: Vec<Option<Saved>> = units.into_iter().map(|(_, saved)| saved).collect();
        let in_order = order.into_iter().filter_map(|index| saved.get_mut(index)?.take());
        in_order.collect()
    }

    fn own(&self, name: &str) -> String {
        name.get(self.prefix..).unwrap_or(name).to_owned()
    }

    fn layer(&self, node: &Node, variables: &[Variable]) -> Saved {
        let variables = variables.iter().map(|variable| SavedVariable {
            name: variable.name,
            parameter: format!("{}.{}", node.name, variable.name),
            shape: variable.shape.clone(),
        });
        Saved {
            name: self.own(&node.name),
            class: node.layer.keras_class(),
            content: Content::Variables(variables.collect()),
        }
    }
}
