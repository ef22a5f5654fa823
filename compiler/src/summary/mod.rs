//! Keras's `model.summary()`, to the byte, and the same as data.

mod rich;

use crate::network::{CheckedNetwork, Node, NodeId};
use crate::numbers::thousands;
use crate::shape::Shape;
use grammar::diagnostic::Diagnostic;
use rich::{Column, Justify};
use serde::Serialize;
use std::fmt::Write;

/// The narrowest terminal that the table is laid out for; Keras gives up somewhat below.
const NARROWEST: usize = 40;

/// Keras's table for a terminal of `columns` columns, 80 where there is none. Source: `keras/src/utils/summary_utils.py`.
pub fn table(network: &CheckedNetwork, columns: usize) -> String {
    let columns = columns.max(NARROWEST);
    let (total, trainable) = (network.total_params(), network.trainable_params());
    let mut text = rows_of(network, columns);
    for (what, count) in [
        ("Total", total),
        ("Trainable", trainable),
        ("Non-trainable", total - trainable),
    ] {
        let line = format!(" {what} params: {} ({})", thousands(count), memory(count));
        for line in rich::wrap(&line, columns) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// The same of a network that is known down to an error: its layers, without totals that would be taken for the whole's.
pub fn table_of_part(network: &CheckedNetwork, columns: usize) -> String {
    let columns = columns.max(NARROWEST);
    let mut text = rows_of(network, columns);
    for line in rich::wrap(" Total params: unknown, because of the errors", columns) {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The name and a row for each layer, in at least [`NARROWEST`] columns.
fn rows_of(network: &CheckedNetwork, columns: usize) -> String {
    let order = order(network);
    let chain = !network.network().functional || is_chain(network);
    let (widest, positions): (usize, &[f64]) = if chain {
        (88, &[0.45, 0.80, 1.0])
    } else {
        (108, &[0.3, 0.56, 0.74, 1.0])
    };
    let width = widest.min(columns - 4);
    let heads = ["Layer (type)", "Output Shape", "Param #", "Connected to"];
    let mut layout = Vec::new();
    let mut current = 0;
    for (index, (position, head)) in positions.iter().zip(heads).enumerate() {
        let end = (position * width as f64) as usize;
        let justify = if index == 2 { Justify::Right } else { Justify::Left };
        layout.push(Column {
            head,
            width: end - current,
            justify,
        });
        current = end;
    }
    let nodes: Vec<(NodeId, &Node, &Shape, usize)> = network
        .nodes()
        .map(|(id, node, shape, variables)| {
            (
                id,
                node,
                shape,
                variables.iter().map(crate::variable::Variable::count).sum(),
            )
        })
        .collect();
    let rows = order
        .iter()
        .filter_map(|id| nodes.get(id.0))
        .map(|&(_, node, shape, params)| {
            let mut row = vec![
                format!("{} ({})", node.name, node.layer.keras_class()),
                batched(shape),
                thousands(params),
            ];
            if !chain {
                row.push(connections(network, node));
            }
            row
        });
    let mut text = String::new();
    for line in rich::wrap(&format!("Model: \"{}\"", network.network().name), columns) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str(&rich::table(&layout, rows, width));
    text
}

/// `(None, 24, 24, 9)`
pub fn batched(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.sizes().iter().map(ToString::to_string).collect();
    format!("(None, {})", sizes.join(", "))
}

/// The size of that many float32 numbers: `203.45 KB`.
fn memory(numbers: usize) -> String {
    let (size, _, unit) = memory_in_units(numbers as f64 * 4.0);
    format!("{size:.2} {unit}")
}

/// Bytes in the largest unit that leaves at least one of it, how often they were divided by 1,024 for it, and its name.
pub(crate) fn memory_in_units(bytes: f64) -> (f64, usize, &'static str) {
    let mut size = bytes;
    for (divisions, unit) in ["B", "KB", "MB", "GB", "TB"].into_iter().enumerate() {
        if size / 1024.0 < 1.0 {
            return (size, divisions, unit);
        }
        size /= 1024.0;
    }
    (size, 5, "PB")
}

/// Where a layer's inputs come from: `entry[0][0], tail[0][0]`. Every layer here has one node with one output.
fn connections(network: &CheckedNetwork, node: &Node) -> String {
    let names = node.inputs.iter().filter_map(|id| network.network().nodes.get(id.0));
    let links: Vec<String> = names.map(|input| format!("{}[0][0]", input.name)).collect();
    if links.is_empty() {
        "-".to_owned()
    } else {
        links.join(", ")
    }
}

/// The layers in the order of Keras's `model.layers`, the input among them if the model is a functional one.
///
/// `keras/src/ops/function.py`, `map_graph`: by decreasing distance from the output (the longest way counts), those of one
/// distance in the order in which a depth-first walk from the output meets them.
pub fn order(network: &CheckedNetwork) -> Vec<NodeId> {
    let nodes = &network.network().nodes;
    let written = (0..nodes.len()).map(NodeId);
    if !network.network().functional {
        return written.filter(|id| id.0 > 0).collect();
    }
    let depths = depths(network);
    let mut met: Vec<Option<usize>> = vec![None; nodes.len()];
    let mut pending = vec![network.network().output];
    let mut next = 0;
    while let Some(id) = pending.pop() {
        let (Some(seen @ None), Some(node)) = (met.get_mut(id.0), nodes.get(id.0)) else {
            continue;
        };
        *seen = Some(next);
        next += 1;
        pending.extend(node.inputs.iter().rev());
    }
    // Only a network that was cut off at a wrong layer has loose ends.
    if met.iter().any(Option::is_none) {
        return written.collect();
    }
    let mut order: Vec<NodeId> = written.collect();
    order.sort_by_key(|id| {
        (
            std::cmp::Reverse(depths.get(id.0).copied()),
            met.get(id.0).copied().flatten(),
        )
    });
    order
}

/// Each node's distance from the output.
fn depths(network: &CheckedNetwork) -> Vec<usize> {
    let nodes = &network.network().nodes;
    let mut depths = vec![0_usize; nodes.len()];
    for (index, node) in nodes.iter().enumerate().rev() {
        let depth = depths.get(index).copied().unwrap_or_default();
        for input in &node.inputs {
            if let Some(other) = depths.get_mut(input.0) {
                *other = (*other).max(depth + 1);
            }
        }
    }
    depths
}

/// Whether Keras prints three columns: no two layers at one distance from the output, none with two inputs.
fn is_chain(network: &CheckedNetwork) -> bool {
    let mut depths = depths(network);
    depths.sort_unstable();
    let distinct = depths.windows(2).all(|pair| pair.first() != pair.last());
    distinct && network.network().nodes.iter().all(|node| node.inputs.len() <= 1)
}

/// The summary as data: what `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// The model's name.
    pub model: String,
    /// The layers in Keras's order, without the input.
    pub layers: Vec<ReportLayer>,
    /// Numbers in all variables of the network.
    pub total_params: usize,
    /// Those that the optimizer moves.
    pub trainable_params: usize,
    /// Those that it does not.
    pub non_trainable_params: usize,
    /// Warnings, and errors where the layers end at the first that fails.
    pub diagnostics: Vec<Diagnostic>,
}

/// One row of a [`Report`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportLayer {
    /// The layer's name, as files of weights have it.
    pub name: String,
    /// Keras's class name.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// The batch, which is open, and the sizes of one sample: `[null, 24, 24, 9]`.
    pub output_shape: Shape,
    /// Numbers in its variables.
    pub params: usize,
}

impl Report {
    /// The report of a network.
    pub fn new(network: &CheckedNetwork, diagnostics: Vec<Diagnostic>) -> Self {
        let nodes: Vec<ReportLayer> = network
            .nodes()
            .map(|(_, node, shape, variables)| ReportLayer {
                name: node.name.clone(),
                class: node.layer.keras_class(),
                output_shape: shape.clone(),
                params: variables.iter().map(crate::variable::Variable::count).sum(),
            })
            .collect();
        let layers = order(network)
            .iter()
            .filter(|id| id.0 > 0)
            .filter_map(|id| nodes.get(id.0).cloned())
            .collect();
        let (total_params, trainable_params) = (network.total_params(), network.trainable_params());
        let model = network.network().name.clone();
        let non_trainable_params = total_params - trainable_params;
        Self {
            model,
            layers,
            total_params,
            trainable_params,
            non_trainable_params,
            diagnostics,
        }
    }
}
