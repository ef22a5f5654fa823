//! Numbers a model's statements as the nodes of a graph. A model that is a layer is replaced by its own nodes.

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
    /// The outputs after the first, in order.
    pub(super) other_outputs: Vec<NodeId>,
    pub(super) functional: bool,
    /// The models that are layers of this one, each before those within it.
    pub(super) groups: Vec<Group>,
}

/// A model that is a layer of another one.
#[derive(Debug, Clone)]
pub(super) struct Nested {
    /// The layers of the model, with its input as node 0.
    pub(super) graph: Graph,
    /// Whether its layers are not in the file, as those of an application, so that all of them are reported at the call.
    pub(super) is_described_elsewhere: bool,
    /// The shape of one sample that its own `Input` gives; None where it takes any.
    pub(super) shape: Option<Shape>,
    /// The source of its weights; None where they are drawn at random.
    pub(super) weights: Option<Weights>,
}

/// The inputs and outputs that a model names, as indices of slots.
#[derive(Debug, Clone, Default)]
pub(super) struct Ends {
    /// The inputs in the order of the model, where that is not the order of the text.
    pub(super) inputs: Vec<usize>,
    /// The outputs in order; empty where the last layer is the output.
    pub(super) outputs: Vec<usize>,
}

/// A statement of a model: its layer, if it could be understood, and how it is wired.
pub(super) struct Slot {
    pub(super) name: String,
    /// Whether the name is written rather than Keras's automatic one.
    pub(super) given: bool,
    /// The place of the name, or of the layer where no name is written.
    pub(super) name_span: Span,
    pub(super) layer: Option<Layer>,
    /// The model that stands in place of a layer.
    pub(super) nested: Option<Nested>,
    pub(super) trainable: bool,
    pub(super) rules: Rules,
    /// The indices of the slots whose outputs it takes; None where the wiring could not be understood.
    pub(super) inputs: Option<Vec<usize>>,
    /// The slot whose layer this applies again.
    pub(super) shares: Option<usize>,
    /// Another name for its output: `a` in `a = encoder(left)`, where the layer is `encoder`.
    pub(super) label: Option<Spanned<String>>,
    /// The model of the file that this statement is the first to apply.
    pub(super) applies: Option<String>,
    /// Whether it could not be read, so that any name may mean it.
    pub(super) nameless: bool,
    pub(super) span: Span,
    pub(super) argument_spans: Vec<(&'static str, Span)>,
}

impl Nested {
    /// A model that the file itself describes.
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
    /// The number of inputs, which are the first nodes.
    pub(super) fn inputs(&self) -> usize {
        self.nodes.iter().take_while(|node| node.layer.is_input()).count()
    }
}

impl Slot {
    /// A statement of which nothing but its place is known.
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

    /// Whether its layer or model could be understood.
    pub(super) fn is_known(&self) -> bool {
        self.layer.is_some() || self.nested.is_some()
    }
}

/// Numbers the kept slots anew as nodes: first the inputs, in the order that `ends` says. None where there is no input.
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
    // The nodes at which layers and models begin that may be applied again.
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
        // The first application that is kept has the layer's own name.
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

/// Where and how a model is used as a layer.
struct Place<'a> {
    name: &'a str,
    trainable: bool,
    span: Span,
    input: NodeId,
    /// The node at which the first application of the same model begins, whose weights this one uses.
    shared: Option<usize>,
}

/// Appends the model's layers, all but its input, to `nodes`, under names that begin with the layer's. Returns the
/// node whose output is the model's; None for a model without layers.
fn inline(nested: Nested, place: &Place<'_>, nodes: &mut Vec<Node>, groups: &mut Vec<Group>) -> Option<NodeId> {
    let start = nodes.len();
    // The model's input, node 0, stands for the node that the model is applied to.
    let moved = |id: NodeId| match id.0.checked_sub(1) {
        Some(behind) => NodeId(start + behind),
        None => place.input,
    };
    let graph = nested.graph;
    let name = |inner: &str| format!("{}/{inner}", place.name);
    for (index, node) in graph.nodes.into_iter().skip(1).enumerate() {
        // That node may itself use the weights of an earlier one.
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
