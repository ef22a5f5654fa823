//! The tables of `cnnc check --verbose`: what a network costs.

use super::bytes;
use super::table::{Align, table};
use cnnc::session::costs::{Costs, Memory, Step};
use compiler::numbers::thousands;
use compiler::verbose::ReceptiveField;
use std::fmt::Write;

/// Three tables, each below a blank line.
pub fn text(costs: &Costs, columns: usize) -> String {
    use Align::{Left, Right};
    let mut text = String::new();
    let mut rows: Vec<[String; 4]> = Vec::new();
    for layer in &costs.network.layers {
        let field = layer.receptive_field.map_or_else(String::new, seen);
        rows.push([
            layer.name.clone(),
            count(layer.macs),
            field,
            bytes(layer.activation_bytes),
        ]);
    }
    let total = bytes(costs.network.activation_bytes);
    rows.push([
        "all, with the input".to_owned(),
        count(costs.network.macs),
        String::new(),
        total,
    ]);
    let heads = [
        ("One sample, forward", Left),
        ("Multiply-adds", Right),
        ("Receptive field", Right),
        ("Activation", Right),
    ];
    let _ = write!(text, "\n{}", table(heads, &rows, columns));
    if !costs.training_memory.is_empty() {
        let rows: Vec<[String; 6]> = costs.training_memory.iter().map(memory_row).collect();
        let heads = [
            ("Training memory, batch", Right),
            ("Activations", Right),
            ("Parameters", Right),
            ("Gradients", Right),
            ("Optimizer", Right),
            ("Total", Right),
        ];
        let _ = write!(text, "\n{}", table(heads, &rows, columns));
    }
    let rows: Vec<[String; 3]> = costs.steps.iter().map(step_row).collect();
    let heads = [("One step of", Left), ("Kernels", Right), ("Dispatches", Right)];
    let _ = write!(text, "\n{}", table(heads, &rows, columns));
    text
}

fn count(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

/// A receptive field, `14x14, every 2x2`: its size, and how far apart those of two neighbours are.
fn seen(field: ReceptiveField) -> String {
    let [height, width] = field.size;
    let [down, across] = field.jump;
    format!("{height}x{width}, every {down}x{across}")
}

fn memory_row(memory: &Memory) -> [String; 6] {
    let sizes = [
        memory.activations,
        memory.parameters,
        memory.gradients,
        memory.optimizer,
        memory.total,
    ];
    let [activations, parameters, gradients, optimizer, total] = sizes.map(|size| bytes(size as u64));
    let batch = thousands(memory.batch_size);
    [batch, activations, parameters, gradients, optimizer, total]
}

fn step_row(step: &Step) -> [String; 3] {
    let Step {
        name,
        kernels,
        dispatches,
    } = step;
    [(*name).to_owned(), kernels.to_string(), dispatches.to_string()]
}
