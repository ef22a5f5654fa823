//! The executor that every machine has: native SIMD kernels on all cores.
//!
//! A batch is cut into blocks of sixteen samples, the lanes of one vector. Where nothing but the gradients and the update
//! joins samples, a worker takes a block through the whole step, in memory that stays in its cache, and waits for the
//! others twice a step: before the update and after it. Operations that join samples cut the step into phases, between
//! which all wait for all; each block then has an arena of its own. Where there are more workers than blocks, several share a
//! block's tasks. Sums are the same to the bit for any number of workers: which blocks make a part, and in which order
//! parts are added, follows from the batch alone.
//!
//! No memory is allocated while steps run, but for the threads at the start of a call.

// A kernel is compiled for each instruction set by being inlined into a function that has it; and tiles are arrays whose
// sizes are constants, where an index reads better than four zipped iterators.
// A gradient's name begins with d, also in the structure that computes it.
#![allow(clippy::inline_always, clippy::needless_range_loop, clippy::struct_field_names)]

mod chains;
mod constraining;
mod device;
mod executor;
mod finishing;
mod forwarding;
mod helpers;
mod inference;
mod kernels;
mod maker;
mod memory;
mod ops;
mod peak;
mod pieces;
mod run;
mod simd;
mod size;
mod start;
mod task;
mod tasks;
mod team;
#[cfg(test)]
mod tests;
mod turning;
mod updating;
mod workers;

pub use device::{device, instructions};
pub use executor::{CpuExecutor, Options, Profile};
pub use peak::peak;
pub use simd::Instructions;

use super::{Device, Executor, Flow, Memory, Set, StepTimes, Sums, Tally, Watch};
use crate::data::Split;
use crate::error::Result;
use compiler::host::penalty;
use compiler::host::step::StepRecord;
use compiler::plan::{Tensor, TensorId, TensorKind, TensorLayout};
use compiler::training::optimizer::Optimizer;
use executor::refusal;
use inference::Which;
use memory::Shared;
use simd::{LANES, Row};
use size::zeros;
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use team::{Crew, barriers};
use workers::{First, Training, TrainingWorker};

impl CpuExecutor {
    /// Trains as [`Executor::train`] does, and says where the time went.
    pub fn profile(&mut self, order: &[u32], steps: &[StepRecord]) -> Result<Profile> {
        let mut profile = vec![0.0; self.training.tasks.len() + 2];
        let start = Instant::now();
        self.steps(
            Sums::default(),
            order,
            steps,
            &mut |_| Flow::Continue,
            Some(&mut profile),
        )?;
        let total = start.elapsed().as_secs_f64();
        let waiting = profile.pop().unwrap_or(0.0);
        let update = profile.pop().unwrap_or(0.0);
        let mut operations: Vec<(usize, f64)> = Vec::new();
        for (task, seconds) in self.training.tasks.iter().zip(profile) {
            match operations
                .iter_mut()
                .find(|(operation, _)| *operation == task.operation)
            {
                Some((_, sum)) => *sum += seconds,
                None => operations.push((task.operation, seconds)),
            }
        }
        operations.push((self.plan.training.operations.len().saturating_sub(1), update));
        Ok(Profile {
            operations,
            waiting,
            total,
        })
    }

    /// A tensor of the last step that is channel-blocked, as [`Executor::tensor`] gives it.
    fn blocked_tensor(&mut self, info: &Tensor, range: &Range<usize>) -> Vec<f32> {
        let (blocks, positions) = (info.channels.div_ceil(LANES), info.positions);
        let mut values = vec![0.0; info.elements() * self.batch_size];
        for (element, values) in values.chunks_exact_mut(self.batch_size).enumerate() {
            let (channel, position) = (element / positions, element % positions);
            for (sample, value) in values.iter_mut().enumerate() {
                let arena = &mut self.arenas[sample / LANES];
                let row = (sample % LANES * blocks + channel / LANES) * positions + position;
                let at = range.start + row..range.start + row + 1;
                *value = match info.kind {
                    TensorKind::Floats => arena.rows_alone(at)[0].0[channel % LANES],
                    TensorKind::Codes => f32::from(arena.codes_alone(at)[0].0[channel % LANES]),
                };
            }
        }
        values
    }

    /// The parameters are others now.
    fn forget_weights(&mut self) {
        self.evaluation.forget_weights();
        self.prediction.forget_weights();
    }

    /// Adds to `sums` in the order of the samples, so that it does not matter where an epoch was cut.
    fn steps(
        &mut self,
        mut sums: Sums,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
        profile: Option<&mut [f64]>,
    ) -> Result<Sums> {
        let plan = Arc::clone(&self.plan);
        let refusal = refusal(&plan);
        let optimizer = refusal.compiled()?;
        let split = refusal.loaded(self.train.clone())?;
        refusal.order(order, split.len())?;
        refusal.steps(order, self.batch_size, steps)?;
        self.stepped = true;
        self.forget_weights();
        let mut profile = profile;
        loop {
            let first = First {
                sums: &mut sums,
                watch,
                profile: profile.as_deref_mut(),
            };
            match self.train_together(optimizer, &split, (order, steps), first) {
                Ok(()) => return Ok(sums),
                Err(trainers) => self.trainers = trainers,
            }
            let teams = Crew::of(self.trainers, self.parts.len()).teams;
            if !self.training.packs_together() {
                let more = teams.saturating_sub(self.packs.len());
                self.packs.extend(size::packs(more, &self.training)?);
            }
            if !self.own_arenas() {
                let more = teams.saturating_sub(self.arenas.len());
                self.arenas.extend(size::arenas(more, &self.training)?);
            }
        }
    }

    /// Trains with as many workers as are to train, or gives how many there can be.
    fn train_together(
        &self,
        optimizer: &Optimizer,
        split: &Split,
        (order, steps): (&[u32], &[StepRecord]),
        first: First<'_, '_>,
    ) -> std::result::Result<(), usize> {
        let crew = Crew::of(self.trainers, self.parts.len());
        let barriers = barriers(crew, self.trainers);
        let training = Training {
            workers: self.trainers,
            executor: self,
            optimizer,
            split,
            order,
            steps,
            crew,
            barriers: &barriers,
            stop: AtomicBool::new(false),
        };
        let work = |worker, first| {
            self.instructions.call(TrainingWorker {
                training: &training,
                worker,
                first,
            });
        };
        start::together(training.workers, || work(0, Some(first)), |worker| work(worker, None))
    }
}

impl Executor for CpuExecutor {
    fn device(&self) -> &Device {
        &self.device
    }

    fn load(&mut self, set: Set, split: &Arc<Split>) -> Result<()> {
        refusal(&self.plan).split(split)?;
        refusal(&self.plan).targets(split)?;
        match set {
            Set::Train => self.train = Some(Arc::clone(split)),
            Set::Test => self.test = Some(Arc::clone(split)),
        }
        Ok(())
    }

    fn set_parameters(&mut self, parameters: &[f32]) -> Result<()> {
        refusal(&self.plan).parameters(parameters)?;
        fill(&mut self.parameters, &self.plan.entering(parameters));
        self.forget_weights();
        Ok(())
    }

    fn parameters(&mut self) -> Result<Vec<f32>> {
        Ok(self.parameters.floats_mut()[..self.plan.parameter_floats].to_vec())
    }

    fn set_slots(&mut self, slots: &[&[f32]]) -> Result<()> {
        refusal(&self.plan).slots(slots)?;
        for (slot, values) in self.slots.iter_mut().zip(slots) {
            fill(slot, values);
        }
        Ok(())
    }

    fn slots(&mut self) -> Result<Vec<Vec<f32>>> {
        let floats = self.plan.parameter_floats;
        Ok(self
            .slots
            .iter_mut()
            .map(|slot| slot.floats_mut()[..floats].to_vec())
            .collect())
    }

    fn memory(&mut self) -> Result<Memory<'_>> {
        let floats = self.plan.parameter_floats;
        let slots = self.slots.iter_mut();
        Ok(Memory {
            parameters: Cow::Borrowed(&self.parameters.floats_mut()[..floats]),
            slots: slots.map(|slot| Cow::Borrowed(&slot.floats_mut()[..floats])).collect(),
        })
    }

    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> Result<Tally> {
        Ok(self.steps(before.sums(), order, steps, watch, None)?.into())
    }

    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> Result<Sums> {
        let split = match set {
            Set::Train => &self.train,
            Set::Test => &self.test,
        };
        let refusal = refusal(&self.plan);
        refusal.judged()?;
        let split = refusal.loaded(split.clone())?;
        refusal.order(order, split.len())?;
        let mut sums = match self.plan.evaluation.joint() {
            None => self.forward(Which::Evaluation, (&split, order), None, watch)?,
            Some(joint) => self.batches(&split, order, joint, watch)?,
        };
        if penalty::is_any(&self.plan) {
            sums.loss += penalty::of(&self.plan, self.parameters.floats_mut()) * sums.samples as f64;
        }
        Ok(sums)
    }

    fn predict(&mut self, split: &Arc<Split>) -> Result<Vec<f32>> {
        refusal(&self.plan).split(split)?;
        let samples = split.len();
        let order: Vec<u32> = (0..samples as u32).collect();
        let output = self
            .plan
            .prediction
            .output
            .and_then(|id| self.plan.prediction.tensors.get(id.0));
        let floats = samples.saturating_mul(output.map_or(0, Tensor::elements));
        let mut outputs = zeros("the outputs", floats)?;
        let forward = self.forward(Which::Prediction, (split, &order), Some(&outputs), &mut |_| {
            Flow::Continue
        });
        forward?;
        Ok(outputs.floats_mut()[..floats].to_vec())
    }

    fn tensor(&mut self, tensor: TensorId) -> Result<Vec<f32>> {
        let refusal = refusal(&self.plan);
        let info = refusal.tensor(tensor)?.clone();
        refusal.kept(self.stepped.then_some(()).filter(|()| self.inspect), "tensors")?;
        let range = self.training.places[tensor.0].clone();
        if self.training.layouts[tensor.0] == TensorLayout::ChannelBlocked {
            return Ok(self.blocked_tensor(&info, &range));
        }
        let mut values = vec![0.0; range.len() * self.batch_size];
        for (index, arena) in self.arenas.iter_mut().enumerate() {
            let lanes = index * LANES..((index + 1) * LANES).min(self.batch_size);
            for (element, values) in values.chunks_exact_mut(self.batch_size).enumerate() {
                let at = range.start + element..range.start + element + 1;
                let row = match info.kind {
                    TensorKind::Floats => arena.rows_alone(at)[0].0,
                    TensorKind::Codes => arena.codes_alone(at)[0].0.map(f32::from),
                };
                values[lanes.clone()].copy_from_slice(&row[..lanes.len()]);
            }
        }
        Ok(values)
    }

    fn gradients(&mut self) -> Result<Vec<f32>> {
        let kept = self.stepped.then_some(()).filter(|()| self.inspect);
        refusal(&self.plan).kept(kept, "gradients")?;
        Ok(self.gradients.floats_mut()[..self.plan.parameter_floats].to_vec())
    }

    /// The first worker's share; the others work beside it.
    fn step_times(&mut self, steps: usize) -> Result<StepTimes> {
        let samples = refusal(&self.plan).loaded(self.train.as_ref())?.len();
        let order: Vec<u32> = (0..samples as u32)
            .cycle()
            .take(steps.saturating_mul(self.batch_size))
            .collect();
        let profile = self.profile(&order, &vec![StepRecord::idle(self.batch_size); steps])?;
        let mut times = StepTimes {
            operations: Vec::new(),
            waiting: profile.waiting / steps.max(1) as f64,
        };
        for (operation, seconds) in profile.operations {
            times.add(operation, seconds / steps.max(1) as f64);
        }
        Ok(times)
    }
}

/// Sets the first floats of a buffer.
fn fill(buffer: &mut Shared<Row>, values: &[f32]) {
    buffer.floats_mut()[..values.len()].copy_from_slice(values);
}
