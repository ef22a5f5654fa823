//! A model's statements, numbered as the nodes of a graph; a model that is a layer puts its own nodes in its place.

use crate::applications::Weights;
use crate::layers::Layer;
use crate::network::{Group, Node, NodeId};
use crate::rules::Rules;
use crate::shape::Shape;
use grammar::span::{Span, Spanned};
use std::collections::HashMap;

/// The layers that the model's output depends on, inputs before users.
#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) output: NodeId,
    /// Of several outputs all but the first.
    pub(super) other_outputs: Vec<NodeId>,
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

/// The ends of a model, as indices of slots.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// The inputs in their order, where that is not the text's.
    pub(super) inputs: Vec<usize>,
    /// The outputs in their order; none where the last layer is the output.
    pub(super) outputs: Vec<usize>,
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
    /// The slot whose layer this is, applied again.
    pub(super) shares: Option<usize>,
    /// What its output is called besides: `a` in `a = encoder(left)`, where the layer is `encoder`.
    pub(super) label: Option<Spanned<String>>,
    /// The model of the file that it is the first application of.
    pub(super) applies: Option<String>,
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

impl Graph {
    /// How many inputs it has; they are its first nodes.
    pub(super) fn inputs(&self) -> usize {
        self.nodes.iter().take_while(|node| node.layer.is_input()).count()
    }
}

impl Slot {
    /// What nothing is known of but its place.
    pub(super) fn unknown(span: Span) -> Self {
        Self {
            name: String::new(),
            given: false,
            name_span: span,
            layer: None,
            nested: None,
            trainable: true,
            rules: Rules::default(),
            inputs: None,
            shares: None,
            label: None,
            applies: None,
            nameless: false,
            span,
            argument_spans: Vec::new(),
        }
    }

    /// Whether it could be understood.
    pub(super) fn is_known(&self) -> bool {
        self.layer.is_some() || self.nested.is_some()
    }
}

/// The kept slots as nodes, numbered anew: the inputs first, in the order that `ends` says. Nothing unless there is an input.
pub(super) fn number(slots: Vec<Slot>, kept: &[bool], functional: bool, ends: &Ends) -> Option<Graph> {
    let names: Vec<String> = slots.iter().map(|slot| slot.name.clone()).collect();
    let is_input = |slot: &Slot| slot.layer.as_ref().is_some_and(Layer::is_input);
    let (mut order, others): (Vec<usize>, Vec<usize>) =
        (0..slots.len()).partition(|&index| slots.get(index).is_some_and(is_input));
    order.sort_by_key(|index| {
        ends.inputs
            .iter()
            .position(|input| input == index)
            .unwrap_or(usize::MAX)
    });
    order.extend(others);
    order.retain(|&index| kept.get(index) == Some(&true));
    let mut slots: Vec<Option<Slot>> = slots.into_iter().map(Some).collect();
    let mut numbers: HashMap<usize, NodeId> = HashMap::new();
    // Where the layers begin that may be applied again.
    let mut starts: HashMap<usize, usize> = HashMap::new();
    let mut nodes: Vec<Node> = Vec::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for index in order {
        let Some(slot) = slots.get_mut(index).and_then(Option::take) else {
            continue;
        };
        let Some(inputs) = slot.inputs else { continue };
        let owner = slot.shares.unwrap_or(index);
        let shared = starts.get(&owner).copied();
        // The first that is kept has the layer's own name.
        let name = match shared {
            None => names.get(owner).cloned().unwrap_or(slot.name),
            Some(_) => slot.name,
        };
        starts.entry(owner).or_insert(nodes.len());
        if let Some(nested) = slot.nested {
            let outer = inputs.first().and_then(|input| numbers.get(input)).copied();
            let Some(outer) = outer else { continue };
            let place = Place {
                name: &name,
                trainable: slot.trainable,
                span: slot.span,
                input: outer,
                shared,
            };
            if let Some(output) = inline(nested, &place, &mut nodes, &mut groups) {
                numbers.insert(index, output);
                last = Some(output);
            }
            continue;
        }
        let Some(layer) = slot.layer else { continue };
        if nodes.is_empty() && !layer.is_input() {
            // There is no input, which has been reported.
            return None;
        }
        let inputs: Option<Vec<NodeId>> = inputs.iter().map(|input| numbers.get(input).copied()).collect();
        let Some(inputs) = inputs else { continue };
        numbers.insert(index, NodeId(nodes.len()));
        last = Some(NodeId(nodes.len()));
        nodes.push(Node {
            name,
            layer,
            inputs,
            shares: shared.map(NodeId),
            trainable: slot.trainable,
            rules: slot.rules,
            span: slot.span,
            argument_spans: slot.argument_spans,
        });
    }
    let mut outputs = ends.outputs.iter().filter_map(|output| numbers.get(output)).copied();
    let output = outputs.next().or(last)?;
    Some(Graph {
        nodes,
        output,
        other_outputs: outputs.collect(),
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
    /// Where the same model begins that was put before, whose weights it uses.
    shared: Option<usize>,
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
    for (index, node) in graph.nodes.into_iter().skip(1).enumerate() {
        // Whose weights are used has some of its own.
        let counterpart = place.shared.map(|first| {
            let of = nodes.get(first + index).and_then(|node| node.shares);
            of.unwrap_or(NodeId(first + index))
        });
        nodes.push(Node {
            name: name(&node.name),
            layer: node.layer,
            inputs: node.inputs.into_iter().map(moved).collect(),
            shares: counterpart.or(node.shares.map(moved)),
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
