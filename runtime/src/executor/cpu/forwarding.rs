//! Forward passes without training, in blocks of samples.

use super::executor::{CpuExecutor, sharers};
use super::helpers::Helpers;
use super::inference::{Ready, Which};
use super::memory::Shared;
use super::run::BlockSums;
use super::simd::{LANES, Row};
use super::start;
use super::team::{Crew, barriers};
use super::workers::{FewSamples, First, Forward, ForwardWorker};
use crate::data::Split;
use crate::error::Result;
use crate::executor::{Sums, Watch};
use compiler::ops::Overlap;
use std::sync::atomic::AtomicBool;

/// Multiply-adds that are worth a thread's start.
const WORTH_A_THREAD: usize = 20_000_000;

/// Blocks that a worker evaluates or predicts between two barriers.
const BLOCKS_A_ROUND: usize = 16;

impl CpuExecutor {
    /// Forward over `order` in rounds of blocks. `outputs`: where each sample's output goes.
    pub(super) fn forward(
        &mut self,
        which: Which,
        (split, order): (&Split, &[u32]),
        outputs: Option<&Shared<Row>>,
        watch: &mut Watch<'_>,
    ) -> Result<Sums> {
        let (program, inference) = match which {
            Which::Evaluation => (&self.plan.evaluation, &mut self.evaluation),
            Which::Prediction => (&self.plan.prediction, &mut self.prediction),
        };
        let mut ready = inference.take(program, order.len())?;
        let done = if (1..=LANES).contains(&order.len()) {
            let mut helpers = self.helpers.take().unwrap_or_else(|| Helpers::new(self.threads - 1));
            let done = self.forward_few(&mut helpers, &mut ready, (split, order), outputs, watch);
            self.helpers = Some(helpers);
            done
        } else {
            self.forward_ready(which, &mut ready, (split, order), outputs, watch)
        };
        let inference = match which {
            Which::Evaluation => &mut self.evaluation,
            Which::Prediction => &mut self.prediction,
        };
        inference.put(ready);
        done
    }

    /// Evaluates batch by batch, for a loss of whole batches, whose sums lie behind those of the metrics.
    pub(super) fn batches(
        &mut self,
        split: &Split,
        order: &[u32],
        (first, sets, overlap): (usize, usize, Overlap),
        watch: &mut Watch<'_>,
    ) -> Result<Sums> {
        let mut all = Sums::default();
        for batch in order.chunks(self.validation_batch_size.max(1)) {
            let sums = self.forward(Which::Evaluation, (split, batch), None, watch)?;
            let own = sums.counters.get(first..first + 3 * sets).unwrap_or_default();
            all.loss += sums.loss + overlap.of(own) * sums.samples as f64;
            all.steps += 1;
            all.samples += sums.samples;
            all.correct += sums.correct;
            all.counters.resize(sums.counters.len(), 0.0);
            all.counters
                .iter_mut()
                .zip(&sums.counters)
                .for_each(|(all, own)| *all += own);
            if sums.samples < batch.len() {
                break;
            }
        }
        Ok(all)
    }

    /// Forward over one block of samples.
    fn forward_few(
        &self,
        helpers: &mut Helpers,
        ready: &mut Ready,
        (split, order): (&Split, &[u32]),
        outputs: Option<&Shared<Row>>,
        watch: &mut Watch<'_>,
    ) -> Result<Sums> {
        let workers = helpers.workers();
        ready.make_room(1, workers)?;
        let mut sums = Sums::default();
        let block_sums = [BlockSums::with(self.plan.evaluation.counters())];
        let forward = Forward {
            executor: self,
            tasks: &ready.tasks,
            split,
            order,
            outputs,
            workers,
            crew: Crew { teams: 1, members: 1 },
            group: LANES,
            round: 1,
            arenas: &ready.arenas,
            scratches: &ready.scratches,
            packed: &ready.packed,
            is_packed: ready.is_packed,
            block_sums: &block_sums,
            barriers: &[],
            stop: AtomicBool::new(false),
            over: AtomicBool::new(false),
        };
        let first = First {
            sums: &mut sums,
            watch,
            profile: None,
        };
        let few = FewSamples {
            forward: &forward,
            helpers,
            first,
        };
        few.run();
        ready.is_packed = true;
        Ok(sums)
    }

    fn forward_ready(
        &self,
        which: Which,
        ready: &mut Ready,
        (split, order): (&Split, &[u32]),
        outputs: Option<&Shared<Row>>,
        watch: &mut Watch<'_>,
    ) -> Result<Sums> {
        // Outputs are the same in blocks of any size. What is judged is added up block by block.
        let group = if ready.tasks.blocked && which == Which::Prediction {
            order.len().div_ceil(self.threads).clamp(1, LANES)
        } else {
            LANES
        };
        let tasks = &ready.tasks;
        let blocks = order.len().div_ceil(group);
        let counted = tasks.counted(group.min(order.len()));
        let worth = (tasks.work * counted * blocks / WORTH_A_THREAD).max(1);
        let most = if blocks < self.threads {
            blocks.max(1) * sharers(tasks, counted)
        } else {
            self.threads
        };
        let mut workers = self.threads.min(worth).min(most);
        let mut sums = Sums::default();
        loop {
            let first = First {
                sums: &mut sums,
                watch,
                profile: None,
            };
            match self.forward_together((workers, group), ready, (split, order), outputs, first)? {
                Ok(()) => return Ok(sums),
                Err(fewer) => workers = fewer,
            }
        }
    }

    /// Forward with so many workers; or gives how many there can be.
    fn forward_together(
        &self,
        (workers, group): (usize, usize),
        ready: &mut Ready,
        (split, order): (&Split, &[u32]),
        outputs: Option<&Shared<Row>>,
        first: First<'_, '_>,
    ) -> Result<std::result::Result<(), usize>> {
        let blocks = order.len().div_ceil(group);
        // Few blocks are shared by teams; many are dealt out.
        let crew = if blocks >= workers {
            Crew {
                teams: workers,
                members: 1,
            }
        } else {
            Crew::of(workers, blocks)
        };
        let round = (crew.teams * BLOCKS_A_ROUND).min(blocks.max(1));
        ready.make_room(crew.teams, workers)?;
        let block_sums: Vec<BlockSums> = (0..round)
            .map(|_| BlockSums::with(self.plan.evaluation.counters()))
            .collect();
        let barriers = barriers(crew, workers);
        let forward = Forward {
            executor: self,
            tasks: &ready.tasks,
            split,
            order,
            outputs,
            workers,
            crew,
            group,
            round,
            arenas: &ready.arenas,
            scratches: &ready.scratches,
            packed: &ready.packed,
            is_packed: ready.is_packed,
            block_sums: &block_sums,
            barriers: &barriers,
            stop: AtomicBool::new(false),
            over: AtomicBool::new(false),
        };
        let work = |worker, first| {
            self.instructions.call(ForwardWorker {
                forward: &forward,
                worker,
                first,
            });
        };
        let done = start::together(workers, || work(0, Some(first)), |worker| work(worker, None));
        ready.is_packed |= done.is_ok();
        Ok(done)
    }
}
