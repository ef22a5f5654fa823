//! Keras's `model.summary()`, to the byte, and the same content as data.

mod rich;
mod units;

use crate::network::{CheckedNetwork, NodeId};
use crate::numbers::thousands;
use crate::shape::Shape;
use grammar::diagnostic::Diagnostic;
use rich::{Column, Justify};
use serde::Serialize;
use std::fmt::Write;
use units::{Unit, Units};

/// The narrowest terminal that the table is laid out for, in columns; Keras gives up somewhat below.
const NARROWEST: usize = 40;

/// Keras's table for a terminal of `columns` columns. Source: `keras/src/utils/summary_utils.py`.
pub fn table(network: &CheckedNetwork, columns: usize) -> String {
    let columns = columns.max(NARROWEST);
    let (total, trainable) = (network.total_params(), network.trainable_params());
    let mut text = rows_of(network, columns);
    // Each of these takes as much as two numbers.
    let counts = network.long_params();
    for (what, count, counts) in [
        ("Total", total, counts),
        ("Trainable", trainable, 0),
        ("Non-trainable", total - trainable, counts),
    ] {
        let line = format!(" {what} params: {} ({})", thousands(count), memory(count + counts));
        for line in rich::wrap(&line, columns) {
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// The table of a network that could only be read up to an error: its layers, without totals that would be mistaken
/// for the whole's.
pub fn table_of_part(network: &CheckedNetwork, columns: usize) -> String {
    let columns = columns.max(NARROWEST);
    let mut text = rows_of(network, columns);
    for line in rich::wrap(" Total params: unknown, because of the errors", columns) {
        let _ = writeln!(text, "{line}");
    }
    text
}

/// The model's name and a row for each layer, in at least [`NARROWEST`] columns.
fn rows_of(network: &CheckedNetwork, columns: usize) -> String {
    let units = Units::of(network);
    let functional = network.network().functional;
    let inputs = units.inputs();
    let inputs: Vec<&[usize]> = inputs.iter().map(Vec::as_slice).collect();
    let order = ordered(&inputs, &outputs_of(network, &units), functional);
    let units = &units.units;
    let chain = !functional || is_chain(&inputs);
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
    let rows = order.iter().filter_map(|&index| units.get(index)).map(|unit| {
        let mut row = vec![
            format!("{} ({})", unit.name, unit.class),
            sizes(&unit.sizes),
            thousands(unit.params),
        ];
        if !chain {
            row.push(connections(units, unit));
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

/// The sizes of a batch, as the table prints them: `(None, 24, 24, 9)`.
pub fn batched(shape: &Shape) -> String {
    let known: Vec<Option<usize>> = shape.sizes().iter().copied().map(Some).collect();
    sizes(&known)
}

/// The same with sizes that are open: `(None, None, None, 9)`.
fn sizes(sizes: &[Option<usize>]) -> String {
    let written = |size: &Option<usize>| size.map_or_else(|| "None".to_owned(), |size| size.to_string());
    let sizes: Vec<String> = sizes.iter().map(written).collect();
    format!("(None, {})", sizes.join(", "))
}

/// The size of that many float32 numbers: `203.45 KB`.
fn memory(numbers: usize) -> String {
    let (size, _, unit) = memory_in_units(numbers as f64 * 4.0);
    format!("{size:.2} {unit}")
}

/// Bytes in the largest unit in which they are at least one, how often they were divided by 1,024 for it, and its name.
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

/// The inputs of a layer as the table prints them, `entry[0][0], tail[0][0]`: the layer's name, the number of its
/// application, and the output, of which every application has one.
fn connections(units: &[Unit<'_>], unit: &Unit<'_>) -> String {
    let links = unit.inputs.iter().filter_map(|&(input, application)| {
        let input = units.get(input)?;
        Some(format!("{}[{application}][0]", input.name))
    });
    let links: Vec<String> = links.collect();
    if links.is_empty() {
        "-".to_owned()
    } else {
        links.join(", ")
    }
}

/// The units whose outputs are the network's, in order.
fn outputs_of(network: &CheckedNetwork, units: &Units<'_>) -> Vec<usize> {
    network
        .network()
        .outputs()
        .filter_map(|output| units.of_node(output))
        .collect()
}

/// The layers in the order of Keras's `model.layers`, including the input of a functional model and the layers of
/// models that are layers.
pub fn order(network: &CheckedNetwork) -> Vec<NodeId> {
    let nodes = &network.network().nodes;
    let inputs: Vec<Vec<usize>> = nodes
        .iter()
        .map(|node| node.inputs.iter().map(|id| id.0).collect())
        .collect();
    let inputs: Vec<&[usize]> = inputs.iter().map(Vec::as_slice).collect();
    let outputs: Vec<usize> = network.network().outputs().map(|output| output.0).collect();
    let order = ordered(&inputs, &outputs, network.network().functional);
    order.into_iter().map(NodeId).collect()
}

/// Orders layers as `map_graph` of `keras/src/ops/function.py` does: by decreasing distance from the outputs, where
/// the longest way counts, then in the order in which a depth-first walk from one output after another meets them.
/// `inputs` holds those of each layer, in topological order.
pub(crate) fn ordered(inputs: &[&[usize]], outputs: &[usize], functional: bool) -> Vec<usize> {
    let written = 0..inputs.len();
    if !functional {
        return written.skip(1).collect();
    }
    let depths = depths(inputs);
    let mut met: Vec<Option<usize>> = vec![None; inputs.len()];
    let mut pending: Vec<usize> = outputs.iter().rev().copied().collect();
    let mut next = 0;
    while let Some(index) = pending.pop() {
        let (Some(seen @ None), Some(before)) = (met.get_mut(index), inputs.get(index)) else {
            continue;
        };
        *seen = Some(next);
        next += 1;
        pending.extend(before.iter().rev());
    }
    // Only a network that was cut off at an error has loose ends.
    if met.iter().any(Option::is_none) {
        return written.collect();
    }
    let mut order: Vec<usize> = written.collect();
    order.sort_by_key(|&index| {
        (
            std::cmp::Reverse(depths.get(index).copied()),
            met.get(index).copied().flatten(),
        )
    });
    order
}

/// Each layer's distance from the outputs. A layer that is applied again may take outputs of layers behind it:
/// distances are passed on until none grows, at most once for each layer.
fn depths(inputs: &[&[usize]]) -> Vec<usize> {
    let mut depths = vec![0_usize; inputs.len()];
    for _ in 0..inputs.len() {
        let mut grown = false;
        for (index, before) in inputs.iter().enumerate().rev() {
            let depth = depths.get(index).copied().unwrap_or_default();
            for &input in before.iter().filter(|input| **input != index) {
                if let Some(other) = depths.get_mut(input).filter(|other| **other <= depth) {
                    *other = depth + 1;
                    grown |= input > index;
                }
            }
        }
        if !grown {
            break;
        }
    }
    depths
}

/// Whether Keras prints three columns: no two layers have the same distance from the output, and none has two inputs.
fn is_chain(inputs: &[&[usize]]) -> bool {
    let mut depths = depths(inputs);
    depths.sort_unstable();
    let distinct = depths.windows(2).all(|pair| pair.first() != pair.last());
    distinct && inputs.iter().all(|before| before.len() <= 1)
}

/// The summary as data: what `--format json` prints.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SummaryReport {
    /// The name that the description gives the model.
    pub model: String,
    /// The layers in Keras's order, without the inputs.
    pub layers: Vec<ReportLayer>,
    /// Numbers in all variables of the network.
    pub total_params: usize,
    /// Numbers in the variables that the optimizer moves.
    pub trainable_params: usize,
    /// Numbers in the variables that stay as they are.
    pub non_trainable_params: usize,
    /// Warnings; also errors, where the layers end at the first that fails.
    pub diagnostics: Vec<Diagnostic>,
}

/// One row of a [`SummaryReport`].
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReportLayer {
    /// The layer's name, as in files of weights.
    pub name: String,
    /// Keras's name of the layer's class; `Functional` or `Sequential` for a model.
    #[serde(rename = "type")]
    pub class: &'static str,
    /// The sizes with the open batch first: `[null, 24, 24, 9]`; others that are open are null as well.
    pub output_shape: Vec<Option<usize>>,
    /// Numbers in the layer's variables.
    pub params: usize,
}

impl SummaryReport {
    /// Collects the rows and totals of a network, and keeps the diagnostics.
    pub fn new(network: &CheckedNetwork, diagnostics: Vec<Diagnostic>) -> Self {
        let units = Units::of(network);
        let inputs = units.inputs();
        let inputs: Vec<&[usize]> = inputs.iter().map(Vec::as_slice).collect();
        // The inputs are the first units.
        let layers = ordered(&inputs, &outputs_of(network, &units), network.network().functional)
            .iter()
            .filter(|&&index| index >= network.inputs().len())
            .filter_map(|&index| units.units.get(index))
            .map(|unit| ReportLayer {
                name: unit.name.to_owned(),
                class: unit.class,
                output_shape: std::iter::once(None).chain(unit.sizes.iter().copied()).collect(),
                params: unit.params,
            })
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
