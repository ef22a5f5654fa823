//! The workers' loops: through the steps of an epoch, and through the blocks of an evaluation or a prediction.

use super::constraining;
use super::executor::CpuExecutor;
use super::memory::Shared;
use super::run::{Arena, Block, BlockSums, Joined, Share};
use super::simd::{Instructions, LANES, Row, Simd, WithSimd};
use super::task::{Job, Phase, Task, Tasks};
use super::team::{Alarm, Barrier, Crew, share};
use crate::data::Split;
use crate::executor::{Flow, Sums, Watch};
use compiler::host::step::StepRecord;
use compiler::plan::TensorLayout;
use compiler::training::optimizer::Optimizer;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// What only the first worker, the caller's thread, has.
pub struct First<'a, 'b> {
    pub sums: &'a mut Sums,
    pub watch: &'a mut Watch<'b>,
    /// Seconds by task, then of the update, then of waiting.
    pub profile: Option<&'a mut [f64]>,
}

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
                    training.join(phase, order, worker, &mut first);
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

/// Measures, where that was asked for.
struct Clock(Option<Instant>);

impl Clock {
    fn start(first: Option<&First<'_, '_>>) -> Self {
        Self(first.and_then(|first| first.profile.as_ref()).map(|_| Instant::now()))
    }

    fn lap(&mut self, first: &mut Option<First<'_, '_>>, index: usize) {
        if let (
            Some(since),
            Some(First {
                profile: Some(profile), ..
            }),
        ) = (&mut self.0, first)
        {
            let now = Instant::now();
            profile[index] += (now - *since).as_secs_f64();
            *since = now;
        }
    }
}

impl First<'_, '_> {
    /// Asks the watcher whether to go on; the answer is the others' after the next barrier.
    fn ask(&mut self, stop: &AtomicBool) {
        if (self.watch)(self.sums) == Flow::Stop {
            stop.store(true, Ordering::Relaxed);
        }
    }

    /// Adds up blocks of so many samples, in their order.
    fn add(&mut self, blocks: &[BlockSums], (samples, block): (usize, usize), steps: usize) {
        for block in &blocks[..samples.div_ceil(block)] {
            let (loss, correct) = block.get();
            self.sums.loss += loss;
            self.sums.correct += correct;
            for (place, counted) in block.counters().enumerate() {
                match self.sums.counters.get_mut(place) {
                    Some(sum) => *sum += counted,
                    None => self.sums.counters.push(counted),
                }
            }
        }
        self.sums.samples += samples;
        self.sums.steps += steps;
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
    fn join(&self, phase: &Phase, order: &[u32], worker: usize, first: &mut Option<First<'_, '_>>) {
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
                    work.run(unsafe { Joined::new(items, order.len(), &executor.arenas, &executor.parameters) });
                }
            }
            clock.lap(first, at);
        }
    }
}

/// One share of one task of a block.
#[allow(unsafe_code)]
fn run_task(block: &Block<'_>, instructions: Instructions, task: &Task, items: Range<usize>, scratch: &mut [Row]) {
    match &task.job {
        Job::Apart(work) if !items.is_empty() => {
            // SAFETY: a team's members wait for each other after every task and share its items out; an arena is one
            // team's; and the parameters are written only between everyone's two barriers. What is packed once for all
            // blocks, all workers share out, and wait for each other before anyone reads it.
            let items = (items, task.items.all(), task.adds);
            work.run(unsafe { Share::new(instructions, block, items, scratch) });
        }
        // A phase of its own, see `Training::join`.
        Job::Apart(_) | Job::Joined(_) => {}
    }
}

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
                    for task in forward.tasks.tasks.iter().filter(|task| !task.once) {
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
    fn block<'a>(&'a self, team: usize, samples: &'a [u32], index: usize) -> Block<'a> {
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
    fn output(&self, block: &Block<'_>, outputs: &Shared<Row>, sample: usize) {
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
