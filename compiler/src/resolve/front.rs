//! Layers that a data set's loader puts at the front of the network.

use super::graph::Graph;
use super::naming::snake_case;
use crate::applications;
use crate::call::arguments::Arguments;
use crate::call::names;
use crate::network::{Group, Node, NodeId};
use crate::rules::Rules;
use grammar::ast::Call;
use grammar::diagnostic::Diagnostic;

/// The graph with these layers between its input and the input's users. Mistakes in the calls are reported. `is_loaded` says that they are
/// a loader's, and else they are of `scale`.
pub(super) fn put(graph: Graph, calls: &[Call], is_loaded: bool, diagnostics: &mut Vec<Diagnostic>) -> Graph {
    if calls.is_empty() {
        return graph;
    }
    if graph.inputs() > 1 {
        // A loader has one kind of pictures, and `check` refuses it for several inputs.
        if let Some(scale) = calls.first().filter(|_| !is_loaded) {
            diagnostics.push(
                Diagnostic::error("E0110", "`scale` is not supported for several inputs")
                    .at(scale.span, "of which input")
                    .help("layers behind the inputs scale them: a = Rescaling(1. / 127.5, offset=-1)(left)"),
            );
        }
        return graph;
    }
    let Graph {
        nodes,
        output,
        other_outputs,
        functional,
        groups,
    } = graph;
    let mut front: Vec<Node> = Vec::with_capacity(calls.len());
    for call in calls {
        let Some(entry) = crate::layers::entry(&call.name.node) else {
            continue;
        };
        let call = &applications::with_mode(call);
        if !applications::is_preprocessing(call) {
            names::check_prefix(call, "layers", &[], diagnostics);
        }
        let mut arguments = Arguments::bind(entry.signature, call, diagnostics);
        let rules = Rules::read(entry.signature, &mut arguments);
        let Some(layer) = (entry.build)(&mut arguments) else {
            continue;
        };
        let stem = snake_case(entry.keras_class);
        let is_free = |name: &String| !nodes.iter().chain(&front).any(|node| node.name == *name);
        let numbered = (1..=nodes.len() + calls.len()).map(|number| format!("{stem}_{number}"));
        let name = std::iter::once(stem.clone()).chain(numbered).find(is_free);
        front.push(Node {
            name: name.unwrap_or(stem),
            layer,
            inputs: vec![NodeId(front.len())],
            shares: None,
            trainable: true,
            rules,
            span: call.span,
            argument_spans: arguments.spans(),
        });
    }
    let count = front.len();
    // Nodes move down by the number of new ones, and the input's users take the last of these.
    let moved = |id: NodeId| NodeId(id.0 + count);
    let mut nodes = nodes.into_iter();
    let mut all: Vec<Node> = nodes.by_ref().take(1).collect();
    all.extend(front);
    all.extend(nodes.map(|node| Node {
        inputs: node.inputs.iter().copied().map(moved).collect(),
        shares: node.shares.map(moved),
        ..node
    }));
    Graph {
        output: moved(output),
        other_outputs: other_outputs.into_iter().map(moved).collect(),
        nodes: all,
        functional,
        groups: groups
            .into_iter()
            .map(|group| Group {
                start: group.start + count,
                end: group.end + count,
                input: moved(group.input),
                output: moved(group.output),
                ..group
            })
            .collect(),
    }
}
