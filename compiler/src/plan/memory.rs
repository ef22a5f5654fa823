//! Memory: tensors whose lifetimes do not meet share a slot.
//!
//! Slots are separate buffers, not ranges of one: WebGPU forbids a dispatch to bind one buffer both as read and as
//! written, even in ranges that do not meet.

use super::program::{Plan, Program};
use super::tensor::{Slot, Tenant, TensorId};

/// Whether tensors may share memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// As little memory as the greedy rule finds.
    Shared,
    /// A slot for every tensor, so that all of them can be looked at after a step.
    Separate,
}

/// Assigns every tensor of every program to a slot; tensors that no operation touches any more are dropped.
pub fn assign(plan: Plan, sharing: Sharing) -> Plan {
    Plan {
        training: assign_program(plan.training, sharing),
        evaluation: assign_program(plan.evaluation, sharing),
        prediction: assign_program(plan.prediction, sharing),
        ..plan
    }
}

/// Greedy, in the order of first use: a tensor takes the free slot that grows least (the largest that is no larger than
/// it, or else the smallest that is), or a new one.
fn assign_program(mut program: Program, sharing: Sharing) -> Program {
    let mut stays: Vec<Tenant> = Vec::new();
    for (index, operation) in program.operations.iter().enumerate() {
        for (tensor, _) in operation.op.accesses() {
            match stays.iter_mut().find(|stay| stay.tensor == tensor) {
                Some(stay) => stay.last = index,
                None => stays.push(Tenant {
                    tensor,
                    first: index,
                    last: index,
                }),
            }
        }
    }
    // The output is read after the last operation.
    if let Some(stay) = stays.iter_mut().find(|stay| Some(stay.tensor) == program.output) {
        stay.last = program.operations.len();
    }
    stays.sort_by_key(|stay| (stay.first, stay.tensor));
    let mut slots: Vec<Slot> = Vec::new();
    for stay in stays {
        let Some(tensor) = program.tensors.get_mut(stay.tensor.0) else {
            continue;
        };
        let bytes = tensor.bytes(1);
        let free =
            |slot: &Slot| sharing == Sharing::Shared && slot.tenants.iter().all(|tenant| tenant.last < stay.first);
        let growth = |slot: &Slot| bytes.saturating_sub(slot.bytes_per_quad);
        let waste = |slot: &Slot| slot.bytes_per_quad.saturating_sub(bytes);
        let best = slots
            .iter()
            .enumerate()
            .filter(|(_, slot)| free(slot))
            .min_by_key(|(_, slot)| (growth(slot), waste(slot)));
        let index = best.map_or(slots.len(), |(index, _)| index);
        if index == slots.len() {
            slots.push(Slot {
                bytes_per_quad: 0,
                tenants: Vec::new(),
            });
        }
        tensor.slot = index;
        if let Some(slot) = slots.get_mut(index) {
            slot.bytes_per_quad = slot.bytes_per_quad.max(bytes);
            slot.tenants.push(stay);
        }
    }
    program.slots = slots;
    drop_untouched(program)
}

/// Fusion leaves tensors behind that nothing writes; they are taken out and the rest renumbered.
fn drop_untouched(mut program: Program) -> Program {
    let touched = |id: TensorId, slots: &[Slot]| {
        slots
            .iter()
            .flat_map(|slot| &slot.tenants)
            .any(|tenant| tenant.tensor == id)
    };
    let mut renumbered = vec![TensorId::default(); program.tensors.len()];
    let mut kept = Vec::new();
    for (index, tensor) in program.tensors.drain(..).enumerate() {
        if touched(TensorId(index), &program.slots)
            && let Some(new) = renumbered.get_mut(index)
        {
            *new = TensorId(kept.len());
            kept.push(tensor);
        }
    }
    let map = |id: &mut TensorId| *id = renumbered.get(id.0).copied().unwrap_or_default();
    for operation in &mut program.operations {
        operation.op.tensors_mut().into_iter().for_each(map);
    }
    for tenant in program.slots.iter_mut().flat_map(|slot| &mut slot.tenants) {
        map(&mut tenant.tensor);
    }
    program.output.iter_mut().for_each(map);
    program.tensors = kept;
    program
}
