//! Executors: what runs a plan. Two of them stand behind one trait, `wgpu` (any GPU, or a software Vulkan) and `cpu`.
//!
//! Both keep the data sets resident, take an epoch's order of samples at once, and give the same bits for the same
//! plan, seed and device: no float atomics, every sum in one fixed order, for any number of threads.

pub mod cpu;
mod refusal;
pub mod streaming;
pub mod wgpu;

use crate::data::Split;
use crate::error::Result;
use compiler::host::step::StepRecord;
use compiler::plan::TensorId;
use serde::Serialize;
use std::sync::Arc;

/// What runs a plan. A call that does not fit the plan, the data or the calls before it is an error, the same one of every
/// executor (`refusal`). Orders are indices into the split that was loaded under that name; a batch is the next
/// `batch_size` of them, the last one shorter.
pub trait Executor: Send {
    /// What it runs on.
    fn device(&self) -> &Device;

    /// Compiles what a training step runs, as far as no data is needed for that; else the first step does it.
    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    /// Makes a split resident. Pixels that are bytes are scaled by 1/255 as they are gathered.
    fn load(&mut self, set: Set, split: &Arc<Split>) -> Result<()>;

    /// Sets all parameters: the flat buffer of `Plan::parameters`.
    fn set_parameters(&mut self, parameters: &[f32]) -> Result<()>;

    /// All parameters as they are now.
    fn parameters(&mut self) -> Result<Vec<f32>>;

    /// Sets what the optimizer keeps, in the order of `Optimizer::kept`, each of the parameters' layout. An executor begins
    /// with their starting values.
    fn set_slots(&mut self, slots: &[Vec<f32>]) -> Result<()>;

    /// The optimizer's slots as they are now.
    fn slots(&mut self) -> Result<Vec<Vec<f32>>>;

    /// Trains over `order`, one step a batch, each with its record (see `StepRecord::new`). `watch` hears after each step, or
    /// after some tens of milliseconds of them, what was done, and says whether to go on; when it says `Stop`, training ends
    /// after a whole step.
    fn train(&mut self, order: &[u32], steps: &[StepRecord], watch: &mut Watch<'_>) -> Result<Sums> {
        let tally = self.train_from(&Tally::default(), order, steps, watch)?;
        Ok(tally.sums())
    }

    /// As [`Executor::train`], over the rest of an epoch of which `before` was done; what it gives, and what `watch` hears,
    /// is of the whole epoch so far. An epoch in two parts, cut between two steps, gives the same bits as in one.
    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> Result<Tally>;

    /// Loss and accuracy over `order`, without training.
    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> Result<Sums>;

    /// The network's output for every sample of the split: `[sample][Keras's order of the output's elements]`.
    fn predict(&mut self, split: &Arc<Split>) -> Result<Vec<f32>>;

    /// For tests and inspection: the first `batch_size` samples of the last training step's tensor as
    /// `[element][sample]`, and only if the plan's memory was assigned without sharing. Codes come as whole numbers.
    fn tensor(&mut self, tensor: TensorId) -> Result<Vec<f32>>;

    /// For tests and inspection: the gradients of the last training step, in the parameters' layout.
    fn gradients(&mut self) -> Result<Vec<f32>>;

    /// Where the time of a training step goes: the mean of `steps` whole batches from the start of the training set. What
    /// the parameters and slots hold afterwards means nothing.
    fn step_times(&mut self, steps: usize) -> Result<StepTimes>;

    /// Who measures [`Executor::step_times`].
    fn step_clock(&self) -> Clock {
        Clock::Host
    }
}

/// Where the time of a training step goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepTimes {
    /// The index of an operation in `Plan::training`, and its seconds a step; in order, each once.
    pub operations: Vec<(usize, f64)>,
    /// Seconds a step in which the measured thread waited for others; zero on a GPU.
    pub waiting: f64,
}

/// Who measured an operation's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The host: what it costs to launch and to wait counts too.
    #[default]
    Host,
    /// The device, at the beginning and the end of each launch of a step.
    Timestamps,
}

impl StepTimes {
    /// Adds seconds to an operation, which may consist of several launches or tasks.
    fn add(&mut self, operation: usize, seconds: f64) {
        match self.operations.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, sum)) => *sum += seconds,
            None => self.operations.push((operation, seconds)),
        }
    }
}

/// The caller of a long run: told what was done so far, it says whether to go on.
pub type Watch<'a> = dyn FnMut(&Sums) -> Flow + 'a;

/// Whether to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End after the step that is under way.
    Stop,
}

/// Which of the resident splits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// What is trained on.
    Train,
    /// What validates.
    Test,
}

/// Sums over the samples seen so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// Steps done.
    pub steps: usize,
    /// Samples seen.
    pub samples: usize,
    /// The sum of the samples' losses.
    pub loss: f64,
    /// How many were right.
    pub correct: f64,
    /// What metrics count (`Count`).
    pub counters: Vec<f64>,
}

impl Sums {
    /// The mean loss; zero of nothing.
    pub fn mean_loss(&self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.loss / self.samples as f64
        }
    }

    /// The share that was right; zero of nothing.
    pub fn accuracy(&self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.correct / self.samples as f64
        }
    }
}

/// What has come together in an epoch so far, in the form in which the executor goes on adding to it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// Steps done.
    pub steps: usize,
    /// Samples seen.
    pub samples: usize,
    /// The sum of the samples' losses, without those in `on_device`.
    pub loss: f64,
    /// How many were right, without those in `on_device`.
    pub correct: f64,
    /// What metrics count, without what is in `on_device`.
    pub counters: Vec<f64>,
    /// A GPU's own sums: losses and right answers in single precision and two unused words for each quad of a batch, then for
    /// each sum of metrics and each quad a part in single precision, the two words of a whole number, the lower one first, and
    /// an unused word. Empty on the CPU.
    pub on_device: Vec<f32>,
}

impl Tally {
    /// Its sums, added in the order of the quads.
    pub fn sums(&self) -> Sums {
        let (vectors, _) = self.on_device.as_chunks::<4>();
        let quads = vectors.len() / (1 + self.counters.len());
        let (losses, counted) = vectors.split_at(quads);
        let (loss, correct) = losses.iter().fold((self.loss, self.correct), |(loss, correct), quad| {
            (loss + f64::from(quad[0]), correct + f64::from(quad[1]))
        });
        let mut counters = self.counters.clone();
        for (counter, parts) in counters.iter_mut().zip(counted.chunks(quads.max(1))) {
            for [part, low, high, _] in parts {
                let whole = u64::from(low.to_bits()) | u64::from(high.to_bits()) << 32;
                *counter += f64::from(*part) + whole as f64;
            }
        }
        Sums {
            steps: self.steps,
            samples: self.samples,
            loss,
            correct,
            counters,
        }
    }
}

impl From<Sums> for Tally {
    /// On the host alone.
    fn from(sums: Sums) -> Self {
        Self {
            steps: sums.steps,
            samples: sums.samples,
            loss: sums.loss,
            correct: sums.correct,
            counters: sums.counters,
            on_device: Vec::new(),
        }
    }
}

/// What an executor runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The device's own name.
    pub name: String,
    /// How the device is listed: name, kind, driver.
    pub kind: DeviceKind,
    /// Driver and API, or the instruction set and threads of the CPU executor.
    pub driver: String,
}

/// Kinds of device, the classes that kernels are tiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A GPU with its own memory.
    DiscreteGpu,
    /// A GPU that shares the CPU's memory.
    IntegratedGpu,
    /// A GPU behind a hypervisor, or one that does not say.
    OtherGpu,
    /// A driver that runs shaders on the CPU.
    SoftwareGpu,
    /// The embedded CPU executor.
    Cpu,
}
