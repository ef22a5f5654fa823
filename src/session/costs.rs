//! What a network costs: multiply-adds, receptive fields, memory by batch size, kernel launches of a step.

use compiler::launch::{DeviceClass, Schedule, Tiling, schedule};
use compiler::network::CheckedNetwork;
use compiler::plan::memory::Sharing;
use compiler::plan::{Plan, Program};
use compiler::verbose;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};

/// The batch sizes that the table of memory has, besides that of the description.
const BATCHES: [usize; 4] = [1, 32, 128, 512];
/// The kind of device that gradients and launches are counted for.
const TILING: Tiling = Tiling::of(DeviceClass::Discrete);

/// The costs of a network and of its plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    #[serde(flatten)]
    /// The costs for one sample, layer by layer.
    pub network: verbose::Costs,
    /// The memory of a training step for several batch sizes; empty where the network does not train.
    pub training_memory: Vec<Memory>,
    /// The launches of each program that the plan has.
    pub steps: Vec<Step>,
}

/// The memory of a training step, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Memory {
    /// The number of samples of a step.
    pub batch_size: usize,
    /// The bytes of the tensors between layers; tensors that are not needed at the same time share memory.
    pub activations: usize,
    /// The bytes of the parameters, which are float32.
    pub parameters: usize,
    /// The bytes of their gradients, in as many copies as the kernels sum up.
    pub gradients: usize,
    /// The bytes of the optimizer's slots.
    pub optimizer: usize,
    /// The sum of all of these bytes.
    pub total: usize,
}

/// What one step launches on a GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `training`, `validation` or `prediction`.
    #[serde(rename = "step")]
    pub name: &'static str,
    /// How many different kernels it has.
    pub kernels: usize,
    /// How often these kernels are launched.
    pub dispatches: usize,
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
            steps: steps
                .map(|(name, program)| step(name, &plan, program, network.network().fit.batch_size))
                .collect(),
        }
    }
}

fn memory(plan: &Plan, own: usize) -> Vec<Memory> {
    let Some(optimizer) = &plan.optimizer else {
        return Vec::new();
    };
    let parameters = plan.parameter_floats * 4;
    let batches: BTreeSet<usize> = BATCHES.into_iter().chain([own]).collect();
    let of = |batch_size: usize| {
        let activations = plan.training.bytes(batch_size.div_ceil(4));
        let optimizer = parameters * optimizer.slots().len();
        let gradients = schedule(plan, &plan.training, TILING, batch_size.div_ceil(4)).gradient_vec4s * 16;
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

fn step(name: &'static str, plan: &Plan, program: &Program, batch_size: usize) -> Step {
    let Schedule { dispatches, .. } = schedule(plan, program, TILING, batch_size.div_ceil(4));
    // Sizes may be floats, which cannot be looked up themselves.
    let kernels: HashSet<String> = dispatches
        .iter()
        .map(|dispatch| format!("{:?}", dispatch.kernel))
        .collect();
    Step {
        name,
        kernels: kernels.len(),
        dispatches: dispatches.len(),
    }
}
