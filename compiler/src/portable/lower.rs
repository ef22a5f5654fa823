//! Turns a checked network with its weights into a portable graph, in a loop over its layers.

use super::at::At;
use super::graph::{Graph, Value};
use super::ids::ValueId;
use crate::network::{CheckedNetwork, Port};
use crate::plan::Plan;
use grammar::span::Span;
use std::collections::BTreeMap;

/// The error that a layer has no portable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unportable {
    /// The name of the layer in the description.
    pub layer: String,
    /// The name that the layer is called by, such as `RandomFlip`.
    pub class: &'static str,
    /// The place of the layer in the description.
    pub span: Span,
}

/// The portable graph of a network whose weights are `parameters`, laid out as the plan says.
///
/// # Errors
/// When a layer has no portable form.
pub fn lower(checked: &CheckedNetwork, plan: &Plan, parameters: &[f32]) -> Result<Graph, Unportable> {
    let variables = |name: &str| {
        let parameter = plan.parameters.iter().find(|parameter| parameter.name == name)?;
        Some((parameter.shape.clone(), parameter.unpack(parameters)))
    };
    let mut graph = Graph {
        name: checked.network().name.clone(),
        values: inputs(checked),
        weights: Vec::new(),
        nodes: Vec::new(),
        inputs: (0..checked.inputs().len()).map(ValueId).collect(),
        outputs: Vec::new(),
        layers: Vec::new(),
    };
    let mut shared = BTreeMap::new();
    let mut outputs: Vec<ValueId> = Vec::new();
    for (id, node, shape, _) in checked.nodes() {
        let inputs = node.inputs.iter().filter_map(|input| outputs.get(input.0));
        let inputs = inputs.copied().collect();
        let first = graph.values.len();
        let mut at = At {
            graph: &mut graph,
            layer: &node.name,
            owner: node
                .shares
                .and_then(|owner| checked.network().nodes.get(owner.0))
                .map_or(&node.name, |owner| &owner.name),
            inputs,
            shape,
            sample: ValueId(if node.layer.is_input() { id.0 } else { 0 }),
            shared: &mut shared,
            variables: &variables,
        };
        let output = node.layer.portable(&mut at).ok_or_else(|| Unportable {
            layer: node.name.clone(),
            class: node.layer.class(),
            span: node.span,
        })?;
        debug_assert_eq!(graph.shape(output), shape, "{}", node.name);
        // All but the last of the tensors that a layer makes are parts of it.
        let made = graph.values.len();
        for (part, value) in graph.values.iter_mut().enumerate().skip(first) {
            if part + 1 < made {
                value.name = format!("{}.{}", value.name, part - first);
            }
        }
        outputs.push(output);
        graph.layers.push((node.name.clone(), output));
    }
    let ends = checked.outputs().iter().filter_map(|port| outputs.get(port.node.0));
    graph.outputs = ends.copied().collect();
    Ok(pruned(graph))
}

/// What the network takes: of several inputs each has its own name.
fn inputs(checked: &CheckedNetwork) -> Vec<Value> {
    let ports = checked.inputs();
    let value = |port: &Port| Value {
        name: if let [_] = ports {
            "input".to_owned()
        } else {
            port.name.clone()
        },
        shape: port.shape.clone(),
    };
    ports.iter().map(value).collect()
}

/// Without the operations whose results nobody takes.
fn pruned(mut graph: Graph) -> Graph {
    let mut needed = vec![false; graph.values.len()];
    let mark = |value: ValueId, needed: &mut Vec<bool>| {
        if let Some(slot) = needed.get_mut(value.0) {
            *slot = true;
        }
    };
    graph.outputs.iter().for_each(|&output| mark(output, &mut needed));
    for node in graph.nodes.iter().rev() {
        if needed.get(node.output.0).copied().unwrap_or(false) {
            node.inputs.iter().for_each(|&input| mark(input, &mut needed));
        }
    }
    let is_needed = |value: ValueId| needed.get(value.0).copied().unwrap_or(false);
    graph.nodes.retain(|node| is_needed(node.output));
    graph.layers.retain(|&(_, value)| is_needed(value));
    graph
}
