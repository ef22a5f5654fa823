//! The loop through the blocks of an evaluation or a prediction.

use super::super::executor::CpuExecutor;
use super::super::memory::Shared;
use super::super::run::{Arena, Block, BlockSums};
use super::super::simd::{LANES, Row, Simd, WithSimd};
use super::super::task::Tasks;
use super::super::team::{Alarm, Barrier, Crew, share};
use super::first::{First, run_chain, run_task};
use crate::data::Split;
use compiler::plan::TensorLayout;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// What the workers of an evaluation or a prediction share.
pub struct Forward<'a> {
    pub executor: &'a CpuExecutor,
    pub tasks: &'a Tasks,
    pub split: &'a Split,
    pub order: &'a [u32],
    pub outputs: Option<&'a Shared<Row>>,
    pub workers: usize,
    pub crew: Crew,
    /// Samples of a block, sixteen or fewer.
    pub group: usize,
    /// Blocks between two barriers.
    pub round: usize,
    /// The memory of the blocks that are worked on, one for each team.
    pub arenas: &'a [Arena],
    /// Memory for tasks that need some while they run, one for each worker.
    pub scratches: &'a [Mutex<Vec<Row>>],
    /// The packed weights, which all teams read.
    pub packed: &'a Shared<Row>,
    /// Whether they are packed already.
    pub is_packed: bool,
    pub block_sums: &'a [BlockSums],
    pub barriers: &'a [Barrier],
    /// That what is not begun shall not be; who works alone on a block heeds it at once.
    pub stop: AtomicBool,
    /// That no round follows. Written between the two barriers at a round's end alone, so that everyone reads the same after
    /// them: `stop` may be raised in the next round before the last worker has looked.
    pub over: AtomicBool,
}

pub struct ForwardWorker<'a, 'b, 'c> {
    pub forward: &'a Forward<'a>,
    pub worker: usize,
    pub first: Option<First<'b, 'c>>,
}

impl WithSimd for ForwardWorker<'_, '_, '_> {
    type Output = ();

    fn with<S: Simd>(self, _: S) {
        let Self {
            forward,
            worker,
            mut first,
        } = self;
        let executor = forward.executor;
        let _alarm = Alarm(forward.barriers);
        let mut scratch = forward.scratches[worker].lock().unwrap_or_else(PoisonError::into_inner);
        let Some((everyone, teams)) = forward.barriers.split_last() else {
            return;
        };
        if !forward.is_packed {
            forward.pack(worker, &mut scratch);
            if !everyone.wait() {
                return;
            }
        }
        for (round, order) in forward.order.chunks(forward.round * forward.group).enumerate() {
            if let Some((team, member)) = forward.crew.place(worker) {
                for index in (team..order.len().div_ceil(forward.group)).step_by(forward.crew.teams) {
                    let Some(samples) = order.chunks(forward.group).nth(index) else {
                        break;
                    };
                    // Members of one team must agree on what they do; who works alone may leave at once.
                    if forward.crew.members == 1 && forward.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let block = forward.block(team, samples, index);
                    if forward.crew.members == 1 {
                        forward.alone(&block, &mut scratch);
                    }
                    let shared = forward.crew.members > 1;
                    for task in forward.tasks.tasks.iter().filter(|task| shared && !task.once) {
                        let items = share(task.items.of(samples.len()), member, forward.crew.members);
                        run_task(&block, executor.instructions, task, items, &mut scratch);
                        if !teams[team].wait() {
                            return;
                        }
                    }
                    if let (Some(outputs), 0) = (forward.outputs, member) {
                        forward.output(&block, outputs, (round * forward.round + index) * forward.group);
                    }
                    if !teams[team].wait() {
                        return;
                    }
                    // Rounds may be long.
                    if let Some(first) = &mut first {
                        first.ask(&forward.stop);
                    }
                }
            }
            if !everyone.wait() {
                return;
            }
            if let Some(first) = &mut first {
                // Some blocks of a round that was broken off were not done.
                if !forward.stop.load(Ordering::Relaxed) {
                    first.add(forward.block_sums, (order.len(), forward.group), 0);
                    first.sums.steps = first.sums.samples.div_ceil(executor.validation_batch_size);
                    first.ask(&forward.stop);
                }
                forward
                    .over
                    .store(forward.stop.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            if !everyone.wait() || forward.over.load(Ordering::Relaxed) {
                return;
            }
        }
    }
}

impl Forward<'_> {
    pub(super) fn block<'a>(&'a self, team: usize, samples: &'a [u32], index: usize) -> Block<'a> {
        Block {
            arena: &self.arenas[team],
            packed: self.packed,
            parameters: &self.executor.parameters,
            gradients: None,
            first: true,
            split: self.split,
            order: samples,
            index: 0,
            key: [0; 2],
            batch: samples.len(),
            sums: &self.block_sums[index],
        }
    }

    /// All tasks on a block, for a worker that has it to itself.
    fn alone(&self, block: &Block<'_>, scratch: &mut [Row]) {
        let tasks = &self.tasks.tasks;
        let on = (block, block.order.len());
        for chain in &self.tasks.chains {
            if !tasks[chain.tasks.clone()].iter().all(|task| task.once) {
                run_chain((tasks, chain), on, self.executor.instructions, scratch, |_| {});
            }
        }
    }

    /// A worker's share of what is packed once for all blocks.
    fn pack(&self, worker: usize, scratch: &mut [Row]) {
        let block = self.block(0, &[], 0);
        for task in self.tasks.tasks.iter().filter(|task| task.once) {
            let items = share(task.items.all(), worker, self.workers);
            run_task(&block, self.executor.instructions, task, items, scratch);
        }
    }

    /// Copies a block's output to its samples' places, in Keras's order.
    #[allow(unsafe_code)]
    pub(super) fn output(&self, block: &Block<'_>, outputs: &Shared<Row>, sample: usize) {
        let prediction = &self.executor.plan.prediction;
        let Some((tensor, layout)) = prediction
            .output
            .and_then(|id| Some((prediction.tensors.get(id.0)?, self.tasks.layouts.get(id.0)?)))
        else {
            return;
        };
        let (channels, positions) = (tensor.channels, tensor.positions);
        let size = channels * positions;
        // SAFETY: the block's tasks are done, and the next ones begin after the team's barrier.
        let rows = unsafe { block.arena.rows(self.tasks.output.clone()) };
        // SAFETY: each block has samples of its own.
        let floats = unsafe { outputs.floats(sample * size..(sample + block.order.len()) * size) };
        let blocks = channels.div_ceil(LANES);
        for lane in 0..block.order.len() {
            let to = floats.part(lane * size..(lane + 1) * size);
            if *layout == TensorLayout::ChannelBlocked {
                let rows = &rows[lane * blocks * positions..][..blocks * positions];
                for (at, row) in rows.iter().enumerate() {
                    let (first, position) = (at / positions * LANES, at % positions);
                    let width = LANES.min(channels - first);
                    to[position * channels + first..][..width].copy_from_slice(&row.0[..width]);
                }
                continue;
            }
            for (element, row) in rows.iter().enumerate() {
                to[element % positions * channels + element / positions] = row.0[lane];
            }
        }
    }
}
