//! A model's statements, numbered as the nodes of a graph; a model that is a layer puts its own nodes in its place.

use crate::applications::Weights;
use crate::layers::Layer;
use crate::network::{Group, Node, NodeId};
use crate::rules::Rules;
use crate::shape::Shape;
use grammar::span::Span;
use std::collections::HashMap;

/// The layers that the model's output depends on, inputs before users.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) output: NodeId,
    pub(super) functional: bool,
    /// The models that are layers of this one.
    pub(super) groups: Vec<Group>,
}

/// A model that is a layer of another.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    /// Its layers.
    pub(super) graph: Graph,
    /// Whether the file does not show its layers, so that they all stand where the model is called.
    pub(super) is_described_elsewhere: bool,
    /// The shape that its own `Input` gives; none where it takes any.
    pub(super) shape: Option<Shape>,
    /// Where its weights come from; none where they are drawn at random.
    pub(super) weights: Option<Weights>,
}

/// One statement: its layer if it could be understood.
pub(super) struct Slot {
    pub(super) name: String,
    /// Whether the name was given, rather than made.
    pub(super) given: bool,
    /// Where the name stands, or the layer.
    pub(super) name_span: Span,
    pub(super) layer: Option<Layer>,
    /// The model that it is, in place of a layer.
    pub(super) nested: Option<Nested>,
    pub(super) trainable: bool,
    pub(super) rules: Rules,
    /// Indices of slots; none where the wiring could not be understood.
    pub(super) inputs: Option<Vec<usize>>,
    /// Whether it could not be read and may have any name.
    pub(super) nameless: bool,
    pub(super) span: Span,
    pub(super) argument_spans: Vec<(&'static str, Span)>,
}

impl Nested {
    /// A model that is described in the file itself.
    pub(super) fn of_this_file(graph: Graph) -> Self {
        let input = graph.nodes.first();
        let shape = input.and_then(|input| input.layer.sample_shape()).cloned();
        Self {
            graph,
            is_described_elsewhere: false,
            shape,
            weights: None,
        }
    }
}

impl Slot {
    /// Whether it could be understood.
    pub(super) fn is_known(&self) -> bool {
        self.layer.is_some() || self.nested.is_some()
    }
}

/// The kept slots as nodes, numbered anew. Nothing unless the first of them is the input.
pub(super) fn number(slots: Vec<Slot>, kept: &[bool], functional: bool) -> Option<Graph> {
    let mut numbers: HashMap<usize, NodeId> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (index, slot) in slots
        .into_iter()
        .enumerate()
        .filter(|(index, _)| kept.get(*index) == Some(&true))
    {
        let Some(inputs) = slot.inputs else { continue };
        if let Some(nested) = slot.nested {
            let outer = inputs.first().and_then(|input| numbers.get(input)).copied();
            let Some(outer) = outer else { continue };
            let place = Place {
                name: &slot.name,
                trainable: slot.trainable,
                span: slot.span,
                input: outer,
            };
            if let Some(output) = inline(nested, &place, &mut nodes, &mut groups) {
                numbers.insert(index, output);
                last = Some(output);
            }
            continue;
        }
        let Some(layer) = slot.layer else { continue };
        if layer.is_input() != nodes.is_empty() {
            // A second input, or none to begin with: reported already.
            if nodes.is_empty() {
                return None;
            }
            continue;
        }
        let inputs: Option<Vec<NodeId>> = inputs.iter().map(|input| numbers.get(input).copied()).collect();
        let Some(inputs) = inputs else { continue };
        numbers.insert(index, NodeId(nodes.len()));
        last = Some(NodeId(nodes.len()));
        nodes.push(Node {
            name: slot.name,
            layer,
            inputs,
            trainable: slot.trainable,
            rules: slot.rules,
            span: slot.span,
            argument_spans: slot.argument_spans,
        });
    }
    Some(Graph {
        nodes,
        output: last?,
        functional,
        groups,
    })
}

/// Where a model stands as a layer.
struct Place<'a> {
    name: &'a str,
    trainable: bool,
    span: Span,
    input: NodeId,
}

/// Puts the model's layers, all but its input, behind `nodes`, under names that begin with the layer's. Returns the node
/// whose output is the model's.
fn inline(nested: Nested, place: &Place<'_>, nodes: &mut Vec<Node>, groups: &mut Vec<Group>) -> Option<NodeId> {
    let start = nodes.len();
    // The input, node 0, is what the model is given.
    let moved = |id: NodeId| match id.0.checked_sub(1) {
        Some(behind) => NodeId(start + behind),
        None => place.input,
    };
    let graph = nested.graph;
    let name = |inner: &str| format!("{}/{inner}", place.name);
    for node in graph.nodes.into_iter().skip(1) {
        nodes.push(Node {
            name: name(&node.name),
            layer: node.layer,
            inputs: node.inputs.into_iter().map(moved).collect(),
            trainable: node.trainable && place.trainable,
            rules: node.rules,
            span: if nested.is_described_elsewhere {
                place.span
            } else {
                node.span
            },
            argument_spans: if nested.is_described_elsewhere {
                Vec::new()
            } else {
                node.argument_spans
            },
        });
    }
    if nodes.len() == start {
        return None;
    }
    let output = moved(graph.output);
    groups.push(Group {
        name: place.name.to_owned(),
        class: if graph.functional { "Functional" } else { "Sequential" },
        start,
        end: nodes.len(),
        input: place.input,
        output,
        shape: nested.shape,
        weights: nested.weights,
        functional: graph.functional,
        span: place.span,
    });
    groups.extend(graph.groups.into_iter().map(|group| Group {
        name: name(&group.name),
        start: moved(NodeId(group.start)).0,
        end: moved(NodeId(group.end)).0,
        input: moved(group.input),
        output: moved(group.output),
        ..group
    }));
    Some(output)
}
