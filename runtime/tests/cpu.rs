//! The CPU executor against the float64 reference, on every instruction set that this machine has.

mod support;

use cnnc_runtime::executor::Executor;
use cnnc_runtime::executor::cpu::{CpuExecutor, Instructions, Options};
use compiler::plan::Plan;
use support::compare;
use support::networks::table;

fn make(plan: &Plan, batch_size: usize, instructions: Instructions, threads: usize) -> Box<dyn Executor> {
    let options = Options {
        threads: Some(threads),
        instructions: Some(instructions),
        inspect: true,
    };
    Box::new(CpuExecutor::with(plan.clone(), batch_size, batch_size, options).unwrap())
}

#[test]
fn every_operation_agrees_with_the_reference() {
    for instructions in Instructions::available() {
        for case in table() {
            compare::agrees(&case, &|plan, batch_size| make(plan, batch_size, instructions, 2));
        }
    }
}
