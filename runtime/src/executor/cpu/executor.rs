//! The executor's memory: made once, before anything runs.

use super::constraining;
use super::device::{self, all_cores, device_of};
use super::helpers::Helpers;
use super::inference::Inference;
use super::memory::Shared;
use super::pieces::Pieces;
use super::run::{Arena, BlockSums};
use super::simd::{Instructions, LANES, Row};
use super::size::{self, Needs, zeros};
use super::task::Tasks;
use super::tasks;
use super::team::Crew;
use crate::data::Split;
use crate::error::Result;
use crate::executor::Device;
use crate::executor::refusal::Refusal;
use crate::memory as system_memory;
use compiler::ops::Constrain;
use compiler::plan::streaming::Streaming;
use compiler::plan::{Plan, TensorLayout, layout};
use compiler::training::optimizer::Optimizer;
use std::sync::Arc;

/// Parts of a batch that have gradients of their own; more would cost memory and time in the update.
pub(super) const PARTS: usize = 8;

/// Multiply-adds of a task that are worth sharing it, for each that shares: some 30 us, which a barrier behind every task
/// does not eat up on a machine that does something else besides.
const WORTH_SHARING: usize = 4_000_000;

/// What may be chosen about a [`CpuExecutor`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Workers; if none, as many as the machine has cores and the work is worth.
    pub threads: Option<usize>,
    /// If none, those of `CNNC_CPU`, or the best that the CPU has.
    pub instructions: Option<Instructions>,
    /// The layout, as far as operations know it; if none, what is cheapest.
    pub layout: Option<TensorLayout>,
    /// Whether [`Executor::tensor`] and [`Executor::gradients`] shall work: memory is then not shared.
    pub inspect: bool,
}

/// Seconds that the operations of a program took, see [`CpuExecutor::profile`].
#[derive(Debug, Clone)]
pub struct Profile {
    /// The index of an operation in `Plan::training`, and the seconds that the first worker spent on it, in order.
    pub operations: Vec<(usize, f64)>,
    /// Seconds that it waited for other workers.
    pub waiting: f64,
    /// Seconds that the steps took from start to end, waiting included.
    pub total: f64,
}

/// Runs plans on the CPU.
pub struct CpuExecutor {
    pub(super) plan: Arc<Plan>,
    pub(super) device: Device,
    pub(super) instructions: Instructions,
    pub(super) threads: usize,
    /// How many of the threads train; more would find no work worth sharing.
    pub(super) trainers: usize,
    pub(super) batch_size: usize,
    pub(super) validation_batch_size: usize,
    pub(super) inspect: bool,
    pub(super) training: Tasks,
    pub(super) evaluation: Inference,
    pub(super) prediction: Inference,
    /// Threads that share the tasks of few samples; none before they are first wanted.
    pub(super) helpers: Option<Helpers>,
    /// For training: one a team, or one a block, see [`CpuExecutor::own_arenas`].
    pub(super) arenas: Vec<Arena>,
    /// For training: packed weights, one for all teams where there are many, see [`Tasks::packs_together`], else one a team.
    pub(super) packs: Vec<Shared<Row>>,
    pub(super) parameters: Shared<Row>,
    pub(super) slots: Vec<Shared<Row>>,
    /// The parameters that updates move, cut into ranges for the workers.
    pub(super) pieces: Pieces,
    /// What variables are held to after each update.
    pub(super) constraints: Vec<Constrain>,
    /// One of the parameters' layout for each part of a batch.
    pub(super) parts: Vec<Shared<Row>>,
    /// The whole batch's, where they can be inspected.
    pub(super) gradients: Shared<Row>,
    pub(super) block_sums: Vec<BlockSums>,
    pub(super) train: Option<Arc<Split>>,
    pub(super) test: Option<Arc<Split>>,
    /// Whether a step was trained, so that its tensors and gradients can be looked at.
    pub(super) stepped: bool,
}

impl CpuExecutor {
    /// An executor with the instructions of `CNNC_CPU`, or the machine's best.
    pub fn new(
        plan: impl Into<Arc<Plan>>,
        batch_size: usize,
        validation_batch_size: usize,
        threads: Option<usize>,
    ) -> Result<Self> {
        Self::with(
            plan,
            batch_size,
            validation_batch_size,
            Options {
                threads,
                ..Options::default()
            },
        )
    }

    /// An executor with chosen options.
    pub fn with(
        plan: impl Into<Arc<Plan>>,
        batch_size: usize,
        validation_batch_size: usize,
        options: Options,
    ) -> Result<Self> {
        let plan = plan.into();
        let refusal = refusal(&plan);
        refusal.batch_sizes([batch_size, validation_batch_size])?;
        let instructions = match options.instructions {
            Some(wanted) if Instructions::available().contains(&wanted) => wanted,
            Some(wanted) => return Err(refusal.of(format!("this CPU has no {}", wanted.name()))),
            None => device::instructions()?,
        };
        let threads = options.threads.unwrap_or_else(all_cores).max(1);
        let step = match options.layout {
            None => layout::arrangement_of_step(&plan.training, batch_size).blocked,
            Some(TensorLayout::BatchInnermost) => 0,
            Some(TensorLayout::ChannelBlocked) => plan.training.operations.len(),
        };
        let streaming = if options.inspect || step > 0 {
            Streaming::default()
        } else {
            Streaming::of(&plan, batch_size)
        };
        let training = if step == 0 {
            tasks::tasks(&plan.training, instructions, options.inspect, &streaming)
        } else {
            let arranged = layout::arranged(&plan.training, step);
            tasks::tasks(&arranged, instructions, options.inspect, &streaming)
        };
        let blocks = batch_size.div_ceil(LANES);
        let parts = blocks.min(PARTS);
        let trainers = match options.threads {
            Some(_) => threads,
            None => threads.min(parts * sharers(&training, LANES)),
        };
        let of_evaluation = Inference::new(&plan.evaluation, instructions, options.layout);
        let of_prediction = Inference::new(&plan.prediction, instructions, options.layout);
        let (evaluation, prediction) = (
            of_evaluation.tasks(&plan.evaluation),
            of_prediction.tasks(&plan.prediction),
        );
        if evaluation.joins() || prediction.joins() {
            return Err(refusal.of("only a training step can join the samples of a batch"));
        }
        let teams = Crew::of(trainers, parts).teams;
        let arenas = if options.inspect || training.joins() {
            blocks
        } else {
            teams
        };
        let kept = plan.optimizer.as_ref().map(Optimizer::kept).unwrap_or_default();
        let slots = kept.len();
        let device = device_of(instructions, threads);
        let gradients = if options.inspect { plan.parameter_floats } else { 0 };
        let needs = Needs {
            parameters: plan.parameter_floats,
            slots,
            parts,
            gradients,
            arenas,
            teams,
            training: &training,
            forward: [&evaluation, &prediction],
            threads,
        };
        needs.check(system_memory::available())?;
        let buffer = |what: &str| zeros(what, plan.parameter_floats);
        Ok(Self {
            device,
            instructions,
            threads,
            trainers,
            batch_size,
            validation_batch_size,
            inspect: options.inspect,
            evaluation: of_evaluation,
            prediction: of_prediction,
            helpers: None,
            arenas: size::arenas(arenas, &training)?,
            packs: size::packs(if training.packs_together() { 1 } else { teams }, &training)?,
            training,
            parameters: buffer("the parameters")?,
            pieces: Pieces::of(&plan, &streaming),
            constraints: constraining::of(&plan),
            slots: (kept.iter())
                .map(|slot| {
                    let mut buffer = buffer("the optimizer's state")?;
                    // Zeros are left to the system.
                    if slot.start != 0.0 {
                        buffer.floats_mut().fill(slot.start);
                    }
                    Ok(buffer)
                })
                .collect::<Result<_>>()?,
            parts: (0..parts).map(|_| buffer("the gradients")).collect::<Result<_>>()?,
            gradients: zeros("the gradients", gradients)?,
            block_sums: (0..blocks).map(|_| BlockSums::with(plan.training.counters())).collect(),
            train: None,
            test: None,
            stepped: false,
            plan,
        })
    }

    /// Whether each block of a batch has an arena of its own for training: to be looked at, or since blocks wait for each
    /// other in the middle of a step.
    pub(super) fn own_arenas(&self) -> bool {
        self.inspect || self.training.joins()
    }
}

/// How many may share a task on so many samples, so that it is worth it.
pub(super) fn sharers(tasks: &Tasks, samples: usize) -> usize {
    (tasks.mean_work(samples) / WORTH_SHARING).max(1)
}

/// Refuses what does not fit the plan.
pub(super) fn refusal(plan: &Plan) -> Refusal<'_> {
    Refusal { device: "cpu", plan }
}
