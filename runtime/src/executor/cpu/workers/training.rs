//! The loop through the steps of an epoch.

use super::super::constraining;
use super::super::executor::CpuExecutor;
use super::super::run::{Arena, Block, BlockSums, Joined, Memory};
use super::super::simd::{LANES, Row, Simd, WithSimd};
use super::super::task::{Job, Phase};
use super::super::team::{Alarm, Barrier, Crew, share};
use super::first::{Clock, First, run_chain, run_task};
use crate::data::Split;
use compiler::host::step::StepRecord;
use compiler::training::optimizer::Optimizer;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the workers of a training call share.
pub struct Training<'a> {
    pub executor: &'a CpuExecutor,
    pub optimizer: &'a Optimizer,
    pub split: &'a Split,
    pub order: &'a [u32],
    pub steps: &'a [StepRecord],
    pub workers: usize,
    pub crew: Crew,
    /// One a team, then everyone's.
    pub barriers: &'a [Barrier],
    pub stop: AtomicBool,
}

pub struct TrainingWorker<'a, 'b, 'c> {
    pub training: &'a Training<'a>,
    pub worker: usize,
    pub first: Option<First<'b, 'c>>,
}

impl WithSimd for TrainingWorker<'_, '_, '_> {
    type Output = ();

    fn with<S: Simd>(self, simd: S) {
        let Self {
            training,
            worker,
            mut first,
        } = self;
        let executor = training.executor;
        let _alarm = Alarm(training.barriers);
        let mut scratch = vec![Row([0.0; LANES]); executor.training.scratch];
        let Some((everyone, teams)) = training.barriers.split_last() else {
            return;
        };
        for (order, step) in training.order.chunks(executor.batch_size).zip(training.steps) {
            if !training.pack((order, step), worker, &mut scratch, &mut first, everyone) {
                return;
            }
            for phase in &executor.training.phases {
                let done = if phase.joins {
                    training.join(phase, (order, step), worker, &mut scratch, &mut first);
                    true
                } else if let Some((team, member)) = training.crew.place(worker) {
                    training.batch(
                        phase,
                        (order, step),
                        (team, member),
                        &teams[team],
                        &mut scratch,
                        &mut first,
                    )
                } else {
                    true
                };
                let mut clock = Clock::start(first.as_ref());
                if !done || !everyone.wait() {
                    return;
                }
                clock.lap(&mut first, executor.training.tasks.len() + 1);
            }
            let mut clock = Clock::start(first.as_ref());
            let blocks = order.len().div_ceil(LANES);
            if !executor.pieces.chunks.is_empty() {
                training.measure(blocks, worker);
                if !everyone.wait() {
                    return;
                }
            }
            training.update(simd, blocks, step, worker);
            if !executor.constraints.is_empty() {
                if !everyone.wait() {
                    return;
                }
                training.constrain(worker);
            }
            if let Some(first) = &mut first {
                first.add(&executor.block_sums, (order.len(), LANES), 1);
                first.ask(&training.stop);
            }
            clock.lap(&mut first, executor.training.tasks.len());
            if !everyone.wait() {
                return;
            }
            clock.lap(&mut first, executor.training.tasks.len() + 1);
            if training.stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

/// The part of a batch that a block belongs to.
pub fn blocks_of(part: usize, parts: usize, blocks: usize) -> Range<usize> {
    share(blocks, part, parts)
}

impl Training<'_> {
    /// A phase of a team's parts of a batch. False where another worker has panicked.
    fn batch(
        &self,
        phase: &Phase,
        (order, step): (&[u32], &StepRecord),
        (team, member): (usize, usize),
        barrier: &Barrier,
        scratch: &mut [Row],
        first: &mut Option<First<'_, '_>>,
    ) -> bool {
        let executor = self.executor;
        let blocks = executor.block_sums.len();
        let mut packed = executor.training.packs_together();
        for part in (team..executor.parts.len()).step_by(self.crew.teams) {
            for (place, index) in blocks_of(part, executor.parts.len(), blocks).enumerate() {
                let Some(samples) = order.chunks(LANES).nth(index) else {
                    break;
                };
                let arena = &executor.arenas[if executor.own_arenas() { index } else { team }];
                let block = Block {
                    gradients: Some(&executor.parts[part]),
                    first: place == 0,
                    order: samples,
                    index,
                    ..self.block((arena, team), (order, step), &executor.block_sums[index])
                };
                if self.crew.members == 1 {
                    let on = (&block, samples.len());
                    for chain in executor.training.chains_of(phase) {
                        let tasks = &executor.training.tasks;
                        if packed && tasks[chain.tasks.clone()].iter().all(|task| task.once) {
                            continue;
                        }
                        let mut clock = Clock::start(first.as_ref());
                        run_chain((tasks, chain), on, executor.instructions, scratch, |at| {
                            clock.lap(first, at);
                        });
                    }
                    packed = true;
                    continue;
                }
                for at in phase.tasks.clone() {
                    let task = &executor.training.tasks[at];
                    if task.once && packed {
                        continue;
                    }
                    let mut clock = Clock::start(first.as_ref());
                    let items = share(task.items.of(samples.len()), member, self.crew.members);
                    run_task(&block, executor.instructions, task, items, scratch);
                    clock.lap(first, at);
                    if !barrier.wait() {
                        return false;
                    }
                    clock.lap(first, executor.training.tasks.len() + 1);
                }
                packed = true;
            }
        }
        true
    }

    /// What the blocks of a batch have in common.
    fn block<'a>(
        &'a self,
        (arena, team): (&'a Arena, usize),
        (order, step): (&'a [u32], &StepRecord),
        sums: &'a BlockSums,
    ) -> Block<'a> {
        let packs = &self.executor.packs;
        Block {
            arena,
            packed: &packs[team.min(packs.len() - 1)],
            parameters: &self.executor.parameters,
            gradients: None,
            first: true,
            split: self.split,
            order,
            index: 0,
            key: step.key,
            batch: order.len(),
            sums,
        }
    }

    /// A worker's share of what all pack together once a step. False where another worker has panicked.
    fn pack(
        &self,
        batch: (&[u32], &StepRecord),
        worker: usize,
        scratch: &mut [Row],
        first: &mut Option<First<'_, '_>>,
        everyone: &Barrier,
    ) -> bool {
        let executor = self.executor;
        if !executor.training.packs_together() {
            return true;
        }
        let tasks = executor.training.tasks.iter().enumerate();
        let (Some(arena), Some(sums)) = (executor.arenas.first(), executor.block_sums.first()) else {
            return true;
        };
        for (at, task) in tasks.filter(|(_, task)| task.once) {
            let mut clock = Clock::start(first.as_ref());
            let items = share(task.items.all(), worker, self.workers);
            run_task(
                &self.block((arena, 0), batch, sums),
                executor.instructions,
                task,
                items,
                scratch,
            );
            clock.lap(first, at);
        }
        let mut clock = Clock::start(first.as_ref());
        let all_here = everyone.wait();
        clock.lap(first, executor.training.tasks.len() + 1);
        all_here
    }

    /// A worker's share of what variables are held to.
    #[allow(unsafe_code)]
    fn constrain(&self, worker: usize) {
        let (constraints, parameters) = (&self.executor.constraints, &self.executor.parameters);
        // SAFETY: everyone has passed a barrier after the update, and passes one after this.
        unsafe { constraining::constrain(constraints, parameters, worker, self.workers) };
    }

    /// A worker's share of a phase that joins the samples.
    #[allow(unsafe_code)]
    fn join(
        &self,
        phase: &Phase,
        (order, step): (&[u32], &StepRecord),
        worker: usize,
        scratch: &mut [Row],
        first: &mut Option<First<'_, '_>>,
    ) {
        let executor = self.executor;
        for at in phase.tasks.clone() {
            let mut clock = Clock::start(first.as_ref());
            let task = &executor.training.tasks[at];
            match &task.job {
                Job::Apart(_) => {}
                Job::Joined(work) => {
                    let items = share(task.items.all(), worker, self.workers);
                    // SAFETY: everyone has passed a barrier after the phase before, and passes one after this; a phase that
                    // joins has one task, whose items are shared out; and there is an arena for each block.
                    let memory = Memory {
                        arenas: &executor.arenas,
                        parameters: &executor.parameters,
                        slots: &executor.slots,
                        optimizer: self.optimizer,
                        step,
                    };
                    work.run(unsafe { Joined::new(executor.instructions, items, order.len(), scratch, memory) });
                }
            }
            clock.lap(first, at);
        }
    }
}
