//! The tasks of an evaluation or a prediction of few samples, one block, which helpers share.

use super::super::helpers::Helpers;
use super::super::run::Block;
use super::super::task::Task;
use super::first::{First, run_task};
use super::forward::Forward;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Cycles of a task that are worth sharing: some five microseconds, of which handing out items takes half of one.
const WORTH_SHARING: u64 = 15_000;

/// One block, which the caller computes with the help of others.
pub struct FewSamples<'a, 'b, 'c> {
    /// The program, the samples and the memory.
    pub forward: &'a Forward<'a>,
    /// Threads that may take part.
    pub helpers: &'a mut Helpers,
    /// What the caller has besides.
    pub first: First<'b, 'c>,
}

impl FewSamples<'_, '_, '_> {
    /// Packs the weights where that is not done, computes the block, and counts it.
    pub fn run(mut self) {
        let forward = self.forward;
        let tasks = |once| forward.tasks.tasks.iter().filter(move |task| task.once == once);
        if !forward.is_packed {
            let none = forward.block(0, &[], 0);
            for task in tasks(true) {
                self.share(&none, task, task.items.all());
            }
        }
        self.first.ask(&forward.stop);
        if forward.stop.load(Ordering::Relaxed) {
            return;
        }
        let samples = forward.order.len();
        let block = forward.block(0, forward.order, 0);
        for task in tasks(false) {
            self.share(&block, task, task.items.of(samples));
        }
        if let Some(outputs) = forward.outputs {
            forward.output(&block, outputs, 0);
        }
        self.first.add(forward.block_sums, (samples, forward.group), 0);
        self.first.sums.steps = samples.div_ceil(forward.executor.validation_batch_size);
        self.first.ask(&forward.stop);
    }

    fn share(&mut self, block: &Block<'_>, task: &Task, items: usize) {
        let forward = self.forward;
        let work = |worker: usize, items| {
            let mut scratch = forward.scratches[worker].lock().unwrap_or_else(PoisonError::into_inner);
            run_task(block, forward.executor.instructions, task, items, &mut scratch);
        };
        if task.cycles.of(block.order.len().max(1)) < WORTH_SHARING {
            work(0, 0..items);
        } else {
            self.helpers.share(items, &work);
        }
    }
}
