//! Finds the part of a network that a phase of training leaves as it is: its output for a sample is the same in every
//! epoch, so that it need be computed only once.

use crate::layers::Layer;
use crate::layers::input::Input;
use crate::network::{CheckedNetwork, Network, Node, NodeId};
use crate::rules::Rules;
use crate::shape::Shape;
use crate::training::fit::TargetSource;
use crate::variable::Variable;

/// The last layer of that part: it and all layers before it are frozen, everything behind it takes its output only,
/// nothing up to it draws random numbers in training or uses statistics of the batch, and it adds nothing to the
/// loss. None where there is no such layer with weights before it, where nothing behind it trains, or where the
/// network has several inputs or outputs or shared layers.
pub fn end(network: &CheckedNetwork) -> Option<NodeId> {
    let of = network.network();
    let forks = of.inputs() > 1 || !of.other_outputs.is_empty() || of.nodes.iter().any(|node| node.shares.is_some());
    if forks || of.fit.targets == TargetSource::Input {
        return None;
    }
    let nodes: Vec<(NodeId, &Node, &Shape, &[Variable])> = network.nodes().collect();
    let stays = |(_, node, _, variables): &(NodeId, &Node, &Shape, &[Variable])| {
        variables.iter().all(|variable| !variable.trainable)
            && !node.layer.differs_in_training(!node.trainable)
            && node.rules.activity.is_none()
    };
    let frozen = nodes.iter().take_while(|node| stays(node)).count();
    let trains = |(_, _, _, variables): &(NodeId, &Node, &Shape, &[Variable])| {
        let mut variables = variables.iter();
        variables.any(|variable| variable.trainable)
    };
    if !nodes.iter().skip(frozen).any(trains) {
        return None;
    }
    // For each place, the first layer at it or before it that anything behind it takes.
    let mut earliest = vec![usize::MAX; nodes.len() + 1];
    for (index, (_, node, _, _)) in nodes.iter().enumerate().rev() {
        let own = node.inputs.iter().map(|input| input.0).min().unwrap_or(usize::MAX);
        let behind = earliest.get(index + 1).copied().unwrap_or(usize::MAX);
        if let Some(place) = earliest.get_mut(index) {
            *place = own.min(behind);
        }
    }
    (1..frozen).rev().map(NodeId).find(|&NodeId(cut)| {
        let alone = earliest.get(cut + 1).is_some_and(|&first| first >= cut);
        let before = nodes.get(..=cut).unwrap_or_default();
        let has_weights = before.iter().any(|(_, _, _, variables)| !variables.is_empty());
        // A view has no numbers of its own: those of its source are kept, in the order in which they lie.
        let is_view = nodes.get(cut).is_some_and(|(_, node, _, _)| {
            let input = node.inputs.first().and_then(|input| nodes.get(input.0));
            input.is_some_and(|(_, _, shape, _)| node.layer.is_view(shape, true))
        });
        alone && has_weights && !is_view && cut < of.output.0
    })
}

/// The network behind that layer, whose samples are the layer's outputs. Layers and variables keep their names.
pub fn behind(network: &CheckedNetwork, cut: NodeId) -> CheckedNetwork {
    let of = network.network();
    let moved = |id: &NodeId| NodeId(id.0.saturating_sub(cut.0));
    let mut nodes = Vec::with_capacity(of.nodes.len());
    let (mut shapes, mut variables) = (Vec::new(), Vec::new());
    for (id, node, shape, own) in network.nodes().skip(cut.0) {
        shapes.push(shape.clone());
        if id == cut {
            variables.push(Vec::new());
            nodes.push(Node {
                layer: Layer::Input(Input { shape: shape.clone() }),
                inputs: Vec::new(),
                rules: Rules::default(),
                ..node.clone()
            });
        } else {
            variables.push(own.to_vec());
            nodes.push(Node {
                inputs: node.inputs.iter().map(moved).collect(),
                ..node.clone()
            });
        }
    }
    let part = Network {
        nodes,
        open: Vec::new(),
        groups: Vec::new(),
        output: moved(&of.output),
        later: Vec::new(),
        ..of.clone()
    };
    CheckedNetwork::new(part, shapes, variables)
}
