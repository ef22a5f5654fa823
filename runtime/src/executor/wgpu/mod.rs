//! The wgpu executor: a plan's dispatches on any GPU, or on a software Vulkan.
//!
//! The data set stays on the device as it was read; an epoch's order and step records are uploaded once. The steps are recorded
//! many at a time and counted on the device, and only the sums for the progress bar are read back.

mod common;
mod device;
mod guard;
mod launch;
mod profile;
mod resident;
mod room;
mod stage;
mod texels;

pub use device::{Adapter, Gpu, adapters};

use crate::data::Split;
use crate::error::Result;
use crate::executor::refusal::Refusal;
use crate::executor::{Clock, Device, Executor, Flow, Set, StepTimes, Sums, Tally, Watch};
use common::Common;
use compiler::host::entering::{target_of, weights_of};
use compiler::host::padding::{pad, quads};
use compiler::host::penalty;
use compiler::host::step::StepRecord;
use compiler::plan::{Plan, Program, TensorId, TensorKind};
use resident::Resident;
use stage::Stage;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The number of samples of a batch of predictions: enough to hide the cost of a launch.
const PREDICTION_BATCH: usize = 256;

/// How long a submission should take: long compared with its cost, but Ctrl-C, which waits for the submission that is running,
/// must take effect within twice this time.
const SUBMISSION: Duration = Duration::from_millis(50);

/// Runs a plan through wgpu.
pub struct WgpuExecutor {
    common: Common,
    batch_size: usize,
    validation_batch_size: usize,
    training: Option<Stage>,
    evaluation: Option<Stage>,
    prediction: Option<Stage>,
    resident: HashMap<Set, Resident>,
}

impl WgpuExecutor {
    /// An executor of `plan` on an open device. Nothing is compiled yet: each stage is when it is first used.
    pub fn new(gpu: Gpu, plan: Arc<Plan>, batch_size: usize, validation_batch_size: usize) -> Result<Self> {
        let refusal = Refusal {
            device: &gpu.info.name,
            plan: &plan,
        };
        refusal.batch_sizes([batch_size, validation_batch_size])?;
        Ok(Self {
            common: Common::new(gpu, plan)?,
            batch_size,
            validation_batch_size,
            training: None,
            evaluation: None,
            prediction: None,
            resident: HashMap::new(),
        })
    }

    /// The training stage; `None` before the first step.
    fn stepped(&self) -> Option<&Stage> {
        self.training.as_ref().filter(|stage| !stage.launches.is_empty())
    }

    /// Checks every buffer that training and validation will need against the device's limits, before any is allocated.
    pub fn check_limits(&self) -> Result<()> {
        let plan = &self.common.plan;
        let common = &self.common;
        stage::check_limits(common, &plan.training, quads(self.batch_size))?;
        stage::check_limits(common, &plan.evaluation, quads(self.validation_batch_size))
    }
}

/// The existing stage, or a new one.
fn stage<'a>(
    place: &'a mut Option<Stage>,
    common: &mut Common,
    program: &Program,
    quads: usize,
) -> Result<&'a mut Stage> {
    Ok(if let Some(stage) = place {
        stage
    } else {
        let stage = Stage::new(common, program, quads)?;
        guard::set(common, &stage);
        place.insert(stage)
    })
}

impl Executor for WgpuExecutor {
    fn device(&self) -> &Device {
        &self.common.gpu.info
    }

    fn prepare(&mut self) -> Result<()> {
        let plan = Arc::clone(&self.common.plan);
        let n_quads = quads(self.batch_size);
        let stage = stage(&mut self.training, &mut self.common, &plan.training, n_quads)?;
        stage.compile(&mut self.common)
    }

    fn load(&mut self, set: Set, split: &Arc<Split>) -> Result<()> {
        self.common.refusal().split(split)?;
        self.common.refusal().targets(split)?;
        let resident = Resident::new(
            &self.common.gpu,
            split,
            target_of(&self.common.plan.evaluation),
            weights_of(&self.common.plan.training),
        )?;
        self.resident.insert(set, resident);
        Ok(())
    }

    fn set_parameters(&mut self, parameters: &[f32]) -> Result<()> {
        self.common.refusal().parameters(parameters)?;
        self.common.set_parameters(&self.common.plan.entering(parameters))
    }

    fn parameters(&mut self) -> Result<Vec<f32>> {
        self.common.parameters()
    }

    fn set_slots(&mut self, slots: &[&[f32]]) -> Result<()> {
        self.common.refusal().slots(slots)?;
        self.common.set_slots(slots)
    }

    fn slots(&mut self) -> Result<Vec<Vec<f32>>> {
        self.common.slots()
    }

    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> Result<Tally> {
        let refusal = self.common.refusal();
        refusal.compiled()?;
        let data = refusal.loaded(self.resident.get(&Set::Train))?;
        refusal.order(order, data.samples)?;
        refusal.steps(order, self.batch_size, steps)?;
        let plan = Arc::clone(&self.common.plan);
        let n_quads = quads(self.batch_size);
        let stage = stage(&mut self.training, &mut self.common, &plan.training, n_quads)?;
        let todo = Steps {
            before,
            order,
            records: steps,
            batch_size: self.batch_size,
        };
        run_steps(&mut self.common, stage, data, &todo, watch)
    }

    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> Result<Sums> {
        let refusal = self.common.refusal();
        refusal.judged()?;
        let data = refusal.loaded(self.resident.get(&set))?;
        refusal.order(order, data.samples)?;
        let plan = Arc::clone(&self.common.plan);
        let batch_size = self.validation_batch_size;
        let stage = stage(
            &mut self.evaluation,
            &mut self.common,
            &plan.evaluation,
            quads(batch_size),
        )?;
        let steps = Steps {
            before: &Tally::default(),
            order,
            records: &[],
            batch_size,
        };
        let mut sums = run_steps(&mut self.common, stage, data, &steps, watch)?.sums();
        if penalty::is_any(&plan) {
            sums.loss += penalty::of(&plan, &self.common.parameters()?) * sums.samples as f64;
        }
        Ok(sums)
    }

    fn predict(&mut self, split: &Arc<Split>) -> Result<Vec<f32>> {
        self.common.refusal().split(split)?;
        let n_samples = split.len();
        if n_samples == 0 {
            return Ok(Vec::new());
        }
        let plan = Arc::clone(&self.common.plan);
        let n_quads = quads(n_samples.min(PREDICTION_BATCH));
        if self.prediction.as_ref().is_none_or(|stage| stage.quads != n_quads) {
            let stage = Stage::new(&mut self.common, &plan.prediction, n_quads)?;
            guard::set(&self.common, &stage);
            self.prediction = Some(stage);
        }
        let data = Resident::new(&self.common.gpu, split, None, None)?;
        let order: Vec<u32> = (0..n_samples as u32).collect();
        let padded = pad(&order, n_quads * 4, n_quads);
        let (Some(stage), Some(output)) = (&mut self.prediction, plan.prediction.output) else {
            return Ok(Vec::new());
        };
        stage.bind(&mut self.common, &data, &padded, &[])?;
        let mut outputs = Vec::with_capacity(n_samples * plan.output_shape.elements());
        let (channels, positions) = (plan.output_shape.channels(), plan.output_shape.positions());
        for (step, samples) in order.chunks(n_quads * 4).enumerate() {
            self.common.begin(step as u32, data.per_piece);
            stage.submit(&self.common, 1);
            let batch: Vec<f32> = stage.read(&self.common, output)?;
            for sample in 0..samples.len() {
                for position in 0..positions {
                    for channel in 0..channels {
                        let at = (channel * positions + position) * n_quads * 4 + sample;
                        outputs.push(batch.get(at).copied().unwrap_or(f32::NAN));
                    }
                }
            }
        }
        Ok(outputs)
    }

    fn tensor(&mut self, tensor: TensorId) -> Result<Vec<f32>> {
        let refusal = self.common.refusal();
        let kind = refusal.tensor(tensor)?.kind;
        let stage = refusal.kept(self.stepped(), "tensors")?;
        guard::check(&self.common, stage)?;
        let padded: Vec<f32> = match kind {
            TensorKind::Floats => stage.read(&self.common, tensor)?,
            TensorKind::Codes => stage
                .read::<u8>(&self.common, tensor)?
                .into_iter()
                .map(f32::from)
                .collect(),
        };
        let rows = padded.chunks(stage.quads * 4);
        Ok(rows.flat_map(|row| row.iter().take(self.batch_size)).copied().collect())
    }

    fn gradients(&mut self) -> Result<Vec<f32>> {
        let stage = self.common.refusal().kept(self.stepped(), "gradients")?;
        guard::check(&self.common, stage)?;
        self.common.gradients(&stage.schedule)
    }

    fn step_times(&mut self, steps: usize) -> Result<StepTimes> {
        let refusal = self.common.refusal();
        refusal.compiled()?;
        let data = refusal.loaded(self.resident.get(&Set::Train))?;
        let plan = Arc::clone(&self.common.plan);
        let n_quads = quads(self.batch_size);
        let stage = stage(&mut self.training, &mut self.common, &plan.training, n_quads)?;
        let samples = data.samples.max(1);
        let order: Vec<u32> = (0..self.batch_size).map(|index| (index % samples) as u32).collect();
        // The loss moves the step counter on; room for every step, or for every repetition of the loss.
        let order = pad(&order, self.batch_size, stage.quads).repeat(steps + 2);
        stage.bind(
            &mut self.common,
            data,
            &order,
            &vec![StepRecord::idle(self.batch_size); steps + 2],
        )?;
        self.common.begin(0, data.per_piece);
        let seconds = profile::profile(stage, &self.common, steps)?;
        let mut times = StepTimes::default();
        for (dispatch, seconds) in stage.schedule.dispatches.iter().zip(seconds) {
            times.add(dispatch.operation, seconds);
        }
        Ok(times)
    }

    fn step_clock(&self) -> Clock {
        profile::clock(&self.common)
    }
}

/// The batches that a call runs through a stage.
struct Steps<'a> {
    /// The sums of the batches before them, which they are added to.
    before: &'a Tally,
    order: &'a [u32],
    /// One for each step; empty where nothing is trained.
    records: &'a [StepRecord],
    batch_size: usize,
}

/// Runs all batches of `order` through a stage; it trains where there are step records.
fn run_steps(
    common: &mut Common,
    stage: &mut Stage,
    data: &Resident,
    todo: &Steps<'_>,
    watch: &mut Watch<'_>,
) -> Result<Tally> {
    let &Steps {
        before,
        order,
        records,
        batch_size,
    } = todo;
    let n_steps = order.len().div_ceil(batch_size);
    stage.bind(common, data, &pad(order, batch_size, stage.quads), records)?;
    let mut tally = stage.set_totals(common, before);
    common.begin(0, data.per_piece);
    let mut done = 0;
    while done < n_steps {
        let now = stage.pace.min(n_steps - done);
        let start = Instant::now();
        stage.submit(common, now);
        tally.on_device = stage.totals(common)?;
        done += now;
        tally.steps = before.steps + done;
        tally.samples = before.samples + order.len().min(done * batch_size);
        // The first submission compiles: its time says nothing. An epoch's last may be shorter than others.
        if now == stage.pace {
            let took = start.elapsed().as_secs_f64().max(1e-6);
            let fits = (now as f64 * SUBMISSION.as_secs_f64() / took) as usize;
            stage.pace = fits.clamp(1, 1000).min(now * 8);
        }
        if watch(&tally.sums()) == Flow::Stop {
            break;
        }
    }
    Ok(tally)
}
