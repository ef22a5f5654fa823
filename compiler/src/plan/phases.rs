//! Phases: where the samples of a batch have to wait for each other.
//!
//! Most operations treat each sample separately, and blocks of samples may go through the whole program side by side.
//! An operation that [joins](crate::ops::operation::Operation::joins) them needs the results of all blocks up to it,
//! and all blocks need its own.

use super::program::{Plan, Program};
use std::ops::Range;

/// Fills the phases of all programs of a plan.
pub fn assign(mut plan: Plan) -> Plan {
    for program in [&mut plan.training, &mut plan.evaluation, &mut plan.prediction] {
        program.phases = of(program);
    }
    plan
}

/// The phases of a program: each operation that joins the samples is a phase of its own, and so is each run of operations
/// between them. The update of the parameters, which follows all samples by nature, ends the last phase.
pub fn of(program: &Program) -> Vec<Range<usize>> {
    let mut phases = Vec::new();
    let mut start = 0;
    for (index, instruction) in program.operations.iter().enumerate() {
        if instruction.op.joins() {
            phases.extend([start..index, index..index + 1]);
            start = index + 1;
        }
    }
    phases.push(start..program.operations.len());
    phases.retain(|phase| !phase.is_empty());
    phases
}
