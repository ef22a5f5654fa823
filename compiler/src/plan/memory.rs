//! Memory: tensors whose lifetimes do not overlap share a slot.
//!
//! Slots are separate buffers, not ranges of one: WebGPU forbids a dispatch to bind a buffer both for reading and for
//! writing, even in ranges that do not overlap.

use super::program::{Plan, Program};
use super::tensor::{Slot, Tenant, TensorId};
use std::collections::BTreeSet;

/// Whether tensors may share memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// Tensors share as little memory as the greedy rule finds.
    Shared,
    /// Every tensor has its own slot, so that all of them can be inspected after a step.
    Separate,
}

/// Assigns every tensor of every program to a slot, and drops tensors that no operation touches.
pub fn assign(plan: Plan, sharing: Sharing) -> Plan {
    Plan {
        training: assign_program(plan.training, sharing),
        evaluation: assign_program(plan.evaluation, sharing),
        prediction: assign_program(plan.prediction, sharing),
        ..plan
    }
}

/// The first and the last operation that touch each tensor, in the order of first use.
fn stays(program: &Program) -> Vec<Tenant> {
    let mut stays: Vec<Option<Tenant>> = vec![None; program.tensors.len()];
    for (index, operation) in program.operations.iter().enumerate() {
        for (tensor, _) in operation.op.accesses() {
            if let Some(stay) = stays.get_mut(tensor.0) {
                stay.get_or_insert(Tenant {
                    tensor,
                    first: index,
                    last: index,
                })
                .last = index;
            }
        }
    }
    // The output is read after the last operation.
    let output = program.output.and_then(|output| stays.get_mut(output.0));
    output
        .into_iter()
        .flatten()
        .for_each(|stay| stay.last = program.operations.len());
    let mut stays: Vec<Tenant> = stays.into_iter().flatten().collect();
    stays.sort_by_key(|stay| (stay.first, stay.tensor));
    stays
}

/// Assigns slots greedily in the order of first use: a tensor takes the free slot that has to grow least (the largest
/// that is no larger than it, or else the smallest that is), or a new one.
fn assign_program(program: Program, sharing: Sharing) -> Program {
    drop_untouched(with_slots(program, sharing))
}

/// The program with its slots assigned anew, after some of its operations were merged. Its tensors keep their numbers, also those that
/// no operation touches any more; these have no elements.
pub fn assign_anew(program: Program) -> Program {
    let mut program = with_slots(program, Sharing::Shared);
    let mut touched = vec![false; program.tensors.len()];
    for tenant in program.slots.iter().flat_map(|slot| &slot.tenants) {
        if let Some(touched) = touched.get_mut(tenant.tensor.0) {
            *touched = true;
        }
    }
    for (tensor, _) in program.tensors.iter_mut().zip(touched).filter(|(_, touched)| !touched) {
        (tensor.slot, tensor.channels, tensor.positions) = (0, 0, 0);
    }
    program
}

fn with_slots(mut program: Program, sharing: Sharing) -> Program {
    let mut slots: Vec<Slot> = Vec::new();
    // Free slots by their size, and occupied ones by the operation that frees them.
    let mut free: BTreeSet<(usize, usize)> = BTreeSet::new();
    let mut busy: BTreeSet<(usize, usize)> = BTreeSet::new();
    for stay in stays(&program) {
        let Some(tensor) = program.tensors.get_mut(stay.tensor.0) else {
            continue;
        };
        while let Some(&(last, index)) = busy.first().filter(|(last, _)| *last < stay.first) {
            busy.remove(&(last, index));
            free.extend(slots.get(index).map(|slot| (slot.bytes_per_quad, index)));
        }
        let bytes = tensor.bytes(1);
        // The first of those with the same size.
        let large = free.range((bytes, 0)..).next();
        let best = large.or_else(|| {
            let (largest, _) = free.last()?;
            free.range((*largest, 0)..).next()
        });
        let best = best.copied();
        let index = best.map_or(slots.len(), |(_, index)| index);
        best.map(|best| free.remove(&best));
        if index == slots.len() {
            slots.push(Slot {
                bytes_per_quad: 0,
                tenants: Vec::new(),
            });
        }
        tensor.slot = index;
        if sharing == Sharing::Shared {
            busy.insert((stay.last, index));
        }
        if let Some(slot) = slots.get_mut(index) {
            slot.bytes_per_quad = slot.bytes_per_quad.max(bytes);
            slot.tenants.push(stay);
        }
    }
    program.slots = slots;
    program
}

/// Takes out the tensors that fusion left without a writer, and renumbers the others.
fn drop_untouched(mut program: Program) -> Program {
    let mut touched = vec![false; program.tensors.len()];
    for tenant in program.slots.iter().flat_map(|slot| &slot.tenants) {
        touched
            .iter_mut()
            .skip(tenant.tensor.0)
            .take(1)
            .for_each(|touched| *touched = true);
    }
    let mut renumbered = vec![TensorId::default(); program.tensors.len()];
    let mut kept = Vec::new();
    for (index, tensor) in program.tensors.drain(..).enumerate() {
        if touched.get(index) == Some(&true)
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
