//! Turns a checked network with its weights into a portable graph, in a loop over its layers.

use super::at::At;
use super::graph::{Graph, Value};
use super::ids::ValueId;
use crate::network::CheckedNetwork;
use crate::plan::Plan;
use grammar::span::Span;

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
        values: vec![Value {
            name: "input".to_owned(),
            shape: checked.input_shape().clone(),
        }],
        weights: Vec::new(),
        nodes: Vec::new(),
        input: ValueId(0),
        output: ValueId(0),
        layers: Vec::new(),
    };
    let mut outputs: Vec<ValueId> = Vec::new();
    for (_, node, shape, _) in checked.nodes() {
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
    let output = checked.network().output.0;
    graph.output = outputs.get(output).copied().unwrap_or(graph.input);
    Ok(pruned(graph))
}

/// Drops the operations whose results are not used.
fn pruned(mut graph: Graph) -> Graph {
    let mut needed = vec![false; graph.values.len()];
    let mark = |value: ValueId, needed: &mut Vec<bool>| {
        if let Some(slot) = needed.get_mut(value.0) {
            *slot = true;
        }
    };
    mark(graph.output, &mut needed);
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
