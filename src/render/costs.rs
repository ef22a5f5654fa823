//! What a network costs: `cnnc check --verbose`.

use super::bytes;
use super::table::{Align, table};
use compiler::dispatch::{Schedule, schedule};
use compiler::network::CheckedNetwork;
use compiler::numbers::thousands;
use compiler::plan::memory::Sharing;
use compiler::plan::{Plan, Program};
use compiler::tiling::DeviceClass;
use compiler::verbose::{self, ReceptiveField};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write;

/// Batches that a table of memory is wanted for, besides the description's own.
const BATCHES: [usize; 4] = [1, 32, 128, 512];
/// The class of device that gradients and launches are counted for.
const CLASS: DeviceClass = DeviceClass::Discrete;

/// Facts of the network and of its plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    #[serde(flatten)]
    network: verbose::Costs,
    /// Of a training step; empty where the network was not compiled.
    training_memory: Vec<Memory>,
    /// The launches of each program that there is.
    steps: Vec<Step>,
}

/// The memory of a training step, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Memory {
    batch_size: usize,
    activations: usize,
    parameters: usize,
    gradients: usize,
    optimizer: usize,
    total: usize,
}

/// What one step launches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Step {
    #[serde(rename = "step")]
    name: &'static str,
    kernels: usize,
    dispatches: usize,
}

impl Costs {
    /// The costs of a network.
    pub fn of(network: &CheckedNetwork) -> Self {
        let plan = compiler::plan_of(network, Sharing::Shared);
        let programs = [
            ("training", &plan.training),
            ("validation", &plan.evaluation),
            ("prediction", &plan.prediction),
        ];
        let steps = programs
            .into_iter()
            .filter(|(_, program)| !program.operations.is_empty());
        Self {
            network: verbose::costs(network),
            training_memory: memory(&plan, network.network().fit.batch_size),
            steps: steps.map(|(name, program)| step(name, &plan, program)).collect(),
        }
    }
}

fn memory(plan: &Plan, own: usize) -> Vec<Memory> {
    let Some(optimizer) = plan.optimizer else {
        return Vec::new();
    };
    let gradients = schedule(plan, &plan.training, CLASS).gradient_vec4s * 16;
    let parameters = plan.parameter_floats * 4;
    let batches: BTreeSet<usize> = BATCHES.into_iter().chain([own]).collect();
    let of = |batch_size: usize| {
        let activations = plan.training.bytes(batch_size.div_ceil(4));
        let optimizer = parameters * optimizer.slots().len();
        Memory {
            batch_size,
            activations,
            parameters,
            gradients,
            optimizer,
            total: activations + parameters + gradients + optimizer,
        }
    };
    batches.into_iter().map(of).collect()
}

fn step(name: &'static str, plan: &Plan, program: &Program) -> Step {
    let Schedule { dispatches, .. } = schedule(plan, program, CLASS);
    let mut kernels = Vec::new();
    for dispatch in &dispatches {
        if !kernels.contains(&&dispatch.kernel) {
            kernels.push(&dispatch.kernel);
        }
    }
    Step {
        name,
        kernels: kernels.len(),
        dispatches: dispatches.len(),
    }
}

impl Costs {
    /// Three tables, each below a blank line.
    pub fn text(&self, columns: usize) -> String {
        use Align::{Left, Right};
        let mut text = String::new();
        let mut rows: Vec<[String; 4]> = Vec::new();
        for layer in &self.network.layers {
            let field = layer.receptive_field.map_or_else(String::new, seen);
            rows.push([
                layer.name.clone(),
                count(layer.macs),
                field,
                bytes(layer.activation_bytes),
            ]);
        }
        let total = bytes(self.network.activation_bytes);
        rows.push([
            "all, with the input".to_owned(),
            count(self.network.macs),
            String::new(),
            total,
        ]);
        let heads = [
            ("One sample, forward", Left),
            ("Multiply-adds", Right),
            ("Sees of the input", Right),
            ("Activation", Right),
        ];
        let _ = write!(text, "\n{}", table(heads, &rows, columns));
        if !self.training_memory.is_empty() {
            let rows: Vec<[String; 6]> = self.training_memory.iter().map(memory_row).collect();
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
        let rows: Vec<[String; 3]> = self.steps.iter().map(step_row).collect();
        let heads = [("One step of", Left), ("Kernels", Right), ("Dispatches", Right)];
        let _ = write!(text, "\n{}", table(heads, &rows, columns));
        text
    }
}

fn count(number: u64) -> String {
    thousands(usize::try_from(number).unwrap_or(usize::MAX))
}

/// `14x14, every 2x2`: the size of what is seen, and how far apart two neighbours look.
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
