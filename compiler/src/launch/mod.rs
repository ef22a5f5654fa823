//! Launching: turns a program's operations into kernels of `shaders/`, by pure functions. Nothing here knows a device
//! beyond its class, nor any operation: each launches itself (`ops`). `runtime::executor::wgpu` binds the buffers and
//! launches.

pub mod dispatch;
pub mod kernel;
pub mod launcher;
pub mod schedule;
pub mod tiling;

pub use dispatch::{Dispatch, Extent, Resource};
pub use kernel::Kernel;
pub use schedule::Schedule;
pub use tiling::{DeviceClass, Tiling};

use crate::plan::program::{Plan, Program};
use launcher::Launcher;
use shaders::{File, textures};
use std::collections::BTreeMap;

/// The launches of a program of `plan`, tiled for a device, for batches of `quads` times four samples.
pub fn schedule(plan: &Plan, program: &Program, tiling: Tiling, quads: usize) -> Schedule {
    let mut schedule = schedule_in_buffers(plan, program, tiling, quads);
    if tiling.textures {
        for dispatch in &mut schedule.dispatches {
            through_textures(dispatch);
        }
    }
    schedule
}

/// Makes a product read textures in the place of buffers.
fn through_textures(dispatch: &mut Dispatch) {
    if !matches!(
        dispatch.kernel.file,
        File::Conv2d | File::Winograd | File::Dense | File::Head
    ) {
        return;
    }
    dispatch.kernel.textures = true;
    let readable: Vec<(u32, bool)> = textures::readable(dispatch.kernel.file.source()).collect();
    let mut bindings = Vec::new();
    for &(binding, resource) in &dispatch.bindings {
        let texels = readable.iter().find(|(number, _)| *number == binding);
        let Some(&(_, words)) = texels else {
            bindings.push((binding, resource));
            continue;
        };
        // The first buffer is bound as well, for it tells the size of the batch.
        if binding == 0 {
            bindings.push((binding, resource));
        }
        let texels = match resource {
            Resource::Tensor(id) => Resource::Texels(id),
            Resource::Parameters => Resource::ParameterTexels,
            Resource::Scratch { place, vec4s } => Resource::ScratchTexels { place, vec4s },
            Resource::Nothing
            | Resource::Gradients
            | Resource::Slot(_)
            | Resource::Data(_)
            | Resource::Order
            | Resource::Labels
            | Resource::Weights
            | Resource::Steps
            | Resource::State
            | Resource::Totals
            | Resource::Runs
            | Resource::Groups
            | Resource::Norms
            | Resource::Texels(_)
            | Resource::ParameterTexels
            | Resource::ScratchTexels { .. }
            | Resource::NoTexels { .. } => Resource::NoTexels { words },
        };
        bindings.push((binding + textures::BINDING, texels));
    }
    dispatch.bindings = bindings;
}

/// The launches without textures, for tensors that are too large for these.
pub fn schedule_in_buffers(plan: &Plan, program: &Program, tiling: Tiling, quads: usize) -> Schedule {
    let first = launched(plan, program, tiling, quads, BTreeMap::new());
    match first.again() {
        Some(shared) => launched(plan, program, tiling, quads, shared),
        None => first,
    }
}

/// The launches, with room for the gradients that several operations make of one variable.
fn launched(plan: &Plan, program: &Program, tiling: Tiling, quads: usize, shared: BTreeMap<u32, u32>) -> Schedule {
    let mut schedule = Schedule {
        shared,
        ..Schedule::default()
    };
    for parameter in &plan.parameters {
        schedule.segments.push([
            parameter.range.offset as u32 / 4,
            0,
            0,
            parameter.range.floats as u32 / 4,
        ]);
        if parameter.regularizer.is_some() {
            schedule.regularized.push(parameter.range.offset as u32 / 4);
        }
    }
    let mut launcher = Launcher {
        tiling,
        quads,
        tensors: &program.tensors,
        input_shape: &plan.input_shape,
        optimizer: plan.optimizer.as_ref(),
        parameters: &plan.parameters,
        schedule,
        operation: ("", 0),
    };
    for (index, instruction) in program.operations.iter().enumerate() {
        launcher.operation = (&instruction.layer, index);
        instruction.op.launch(&mut launcher);
    }
    launcher.schedule
}
