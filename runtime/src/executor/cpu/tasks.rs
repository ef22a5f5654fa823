//! From a plan's operations to tasks: what workers do, with every address worked out. What tasks an operation has stands in
//! its room, in `ops`.
//!
//! A block has memory of its own, an arena: the plan's slots, and what only this executor needs: padded copies of inputs,
//! gradients behind fused pools spread out again. So a worker takes a block from its gather to its last gradient without
//! waiting for anyone, while everything it touches stays in its cache. Only where an operation joins the samples of a batch
//! do all wait for all.

use super::chains::chains;
use super::kernels::elementwise::Rectifier;
use super::maker::Maker;
use super::ops;
use super::simd::Instructions;
use super::task::{Cost, Job, Phase, Task, Tasks};
use super::turning;
use compiler::ops::Op;
use compiler::plan::Program;
use compiler::plan::streaming::Streaming;
use std::collections::HashSet;

/// Makes a program ready for an instruction set. `keep`: every tensor has memory of its own, so that it can be looked at
/// afterwards. `streaming`: the dense layers where the samples of a batch meet.
pub fn tasks(program: &Program, instructions: Instructions, keep: bool, streaming: &Streaming) -> Tasks {
    finishing_tasks((program, &[]), instructions, keep, streaming)
}

/// The same of a program whose operations finish with these rectifiers.
pub fn finishing_tasks(
    program: (&Program, &[Option<Rectifier>]),
    instructions: Instructions,
    keep: bool,
    streaming: &Streaming,
) -> Tasks {
    // The map's place is known only when its largest tenant is: it is last in the arena.
    let make = |map| make(program, (instructions, streaming), keep, map);
    let first = make(0);
    let mut made = make(first.made.rows);
    made.made.rows += made.map.len();
    cut(&mut made.made);
    made.made
}

fn make<'a>(
    (program, finishing): (&'a Program, &[Option<Rectifier>]),
    (instructions, streaming): (Instructions, &'a Streaming),
    keep: bool,
    map: usize,
) -> Maker<'a> {
    let mut maker = Maker::new(program, instructions, streaming, map);
    maker.place(keep);
    let mut made = HashSet::new();
    for (index, instruction) in program.operations.iter().enumerate() {
        maker.operation = index;
        maker.rectifier = finishing.get(index).copied().flatten();
        let variables: Vec<usize> = instruction.op.gradients().iter().map(|range| range.offset).collect();
        maker.adds = variables.iter().any(|offset| made.contains(offset));
        made.extend(variables);
        // Whoever writes the gradient that was spread out makes the spread one stale.
        maker.spread = maker
            .spread
            .filter(|(doutput, ..)| !instruction.op.writes(doutput.tensor));
        turning::prepare(&instruction.op, &mut maker);
        maker.cycles = cost(&instruction.op, &maker);
        ops::tasks(&instruction.op, &mut maker);
    }
    maker
}

/// What an operation is estimated to cost in the layout that it has.
fn cost(op: &Op, maker: &Maker<'_>) -> Cost {
    let cycles = op.cycles(&maker.program.tensors);
    match cycles.sample.filter(|_| maker.is_blocked()) {
        Some(sample) => Cost::Sample(sample),
        None => Cost::Block(cycles.block),
    }
}

/// Cuts tasks into phases and chains.
pub fn cut(made: &mut Tasks) {
    made.phases = phases(&made.tasks);
    made.chains = chains(&made.tasks, made.phases.iter().map(|phase| phase.tasks.clone()));
}

/// Runs of tasks that join the samples, and of those that do not.
fn phases(tasks: &[Task]) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for (index, task) in tasks.iter().enumerate() {
        let joins = match task.job {
            Job::Apart(_) => false,
            Job::Joined(_) => true,
        };
        match phases.last_mut() {
            // Two that join may be of two operations, of which the second takes what the first makes.
            Some(phase) if !phase.joins && !joins => phase.tasks.end = index + 1,
            Some(_) | None => phases.push(Phase {
                tasks: index..index + 1,
                joins,
            }),
        }
    }
    phases
}
