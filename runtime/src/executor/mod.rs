//! Executors, which run a plan. Two of them stand behind one trait: `wgpu` (any GPU, or a software Vulkan) and `cpu`.
//!
//! Both keep the data sets resident, take the order of an epoch's samples at once, and give the same bits for the same plan, seed
//! and device: there are no float atomics, and every sum has one fixed order, for any number of threads.

pub mod cpu;
mod memory;
mod refusal;
pub mod streaming;
pub mod wgpu;

use crate::data::Split;
use crate::error::Result;
use compiler::host::step::StepRecord;
use compiler::plan::TensorId;
use serde::Serialize;
use std::sync::Arc;

pub use memory::{Memory, slices};

/// Runs a plan. A call that does not suit the plan, the data or the calls before it is an error, the same from every executor
/// (`refusal`). Orders are indices into the split that was last loaded into that set; a batch is the next `batch_size` of them,
/// and the last batch may be shorter.
pub trait Executor: Send {
    /// The device that it runs on.
    fn device(&self) -> &Device;

    /// Compiles what a training step runs, as far as that is possible without data; otherwise the first step does it.
    fn prepare(&mut self) -> Result<()> {
        Ok(())
    }

    /// Makes a split resident. Pixels that are bytes are divided by 255 as they are gathered.
    fn load(&mut self, set: Set, split: &Arc<Split>) -> Result<()>;

    /// Sets all parameters, laid out flat as `Plan::parameters` says.
    fn set_parameters(&mut self, parameters: &[f32]) -> Result<()>;

    /// All parameters as they are now, in the same layout.
    fn parameters(&mut self) -> Result<Vec<f32>>;

    /// Sets the state of the optimizer, in the order of `Optimizer::kept`, each slot in the layout of the parameters. A new
    /// executor has their initial values.
    fn set_slots(&mut self, slots: &[&[f32]]) -> Result<()>;

    /// The state of the optimizer as it is now, in the same order and layout.
    fn slots(&mut self) -> Result<Vec<Vec<f32>>>;

    /// Both as they are now, lent where this executor can.
    fn memory(&mut self) -> Result<Memory<'_>> {
        Ok(Memory::owned(self.parameters()?, self.slots()?))
    }

    /// Trains over `order`, one step a batch, each with its record (see `StepRecord::new`). `watch` is called after each step, or
    /// after some tens of milliseconds of them, with the sums so far, and says whether to go on; if it says `Stop`, training ends
    /// after a whole step.
    fn train(&mut self, order: &[u32], steps: &[StepRecord], watch: &mut Watch<'_>) -> Result<Sums> {
        let tally = self.train_from(&Tally::default(), order, steps, watch)?;
        Ok(tally.sums())
    }

    /// As [`Executor::train`], over the rest of an epoch of which `before` has been done; what it returns, and what `watch` is
    /// given, is of the whole epoch so far. An epoch in two parts, divided between two steps, gives the same bits as in one.
    fn train_from(
        &mut self,
        before: &Tally,
        order: &[u32],
        steps: &[StepRecord],
        watch: &mut Watch<'_>,
    ) -> Result<Tally>;

    /// The loss, the right answers and the counters of metrics over `order`, without training.
    fn evaluate(&mut self, set: Set, order: &[u32], watch: &mut Watch<'_>) -> Result<Sums>;

    /// The network's output for every sample of the split: `[sample][element]`, the elements in Keras's order.
    fn predict(&mut self, split: &Arc<Split>) -> Result<Vec<f32>>;

    /// For tests and inspection: a tensor of the last training step as `[element][sample]`, for the first `batch_size` samples.
    /// It is only what the operation wrote if the plan's memory was assigned without sharing. Codes are given as whole numbers.
    fn tensor(&mut self, tensor: TensorId) -> Result<Vec<f32>>;

    /// For tests and inspection: the gradients of the last training step, in the layout of the parameters.
    fn gradients(&mut self) -> Result<Vec<f32>>;

    /// Where the time of a training step goes: the mean over `steps` whole batches from the start of the training set. Afterwards
    /// the parameters and the optimizer's state are meaningless.
    fn step_times(&mut self, steps: usize) -> Result<StepTimes>;

    /// Whose clock [`Executor::step_times`] reads.
    fn step_clock(&self) -> Clock {
        Clock::Host
    }
}

/// Where the time of a training step goes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StepTimes {
    /// The index of an operation in `Plan::training` and its seconds a step; in ascending order, each once.
    pub operations: Vec<(usize, f64)>,
    /// The seconds a step for which the measured thread waited for others; zero on a GPU.
    pub waiting: f64,
}

/// Whose clock measured the time of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Clock {
    /// The host's: the costs of launching and of waiting are included.
    #[default]
    Host,
    /// The device's, read at the beginning and the end of each launch of a step.
    Timestamps,
}

impl StepTimes {
    /// Adds seconds to an operation, which may have several launches or tasks.
    fn add(&mut self, operation: usize, seconds: f64) {
        match self.operations.iter_mut().find(|(known, _)| *known == operation) {
            Some((_, sum)) => *sum += seconds,
            None => self.operations.push((operation, seconds)),
        }
    }
}

/// The caller of a long run: it is told the sums so far and says whether to go on.
pub type Watch<'a> = dyn FnMut(&Sums) -> Flow + 'a;

/// Whether a run goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// The run goes on with the next step.
    Continue,
    /// The run ends after the current step.
    Stop,
}

/// One of the two splits that an executor holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Set {
    /// The samples that are trained on.
    Train,
    /// The samples that are evaluated without training, such as the validation split.
    Test,
}

/// Sums over the samples seen so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sums {
    /// How many steps have been done.
    pub steps: usize,
    /// How many samples these steps had.
    pub samples: usize,
    /// The sum of the samples' losses.
    pub loss: f64,
    /// How many samples were classified correctly.
    pub correct: f64,
    /// The sums that metrics are computed from, in the order of their operations (`compiler::ops::Count`).
    pub counters: Vec<f64>,
}

impl Sums {
    /// The mean loss of a sample; zero without samples.
    pub fn mean_loss(&self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.loss / self.samples as f64
        }
    }

    /// The share of samples that were classified correctly; zero without samples.
    pub fn accuracy(&self) -> f64 {
        if self.samples == 0 {
            0.0
        } else {
            self.correct / self.samples as f64
        }
    }
}

/// The sums of an epoch so far, in the form in which the executor goes on adding to them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tally {
    /// How many steps have been done.
    pub steps: usize,
    /// How many samples these steps had.
    pub samples: usize,
    /// The sum of the samples' losses, without those in `on_device`.
    pub loss: f64,
    /// How many samples were classified correctly, without those in `on_device`.
    pub correct: f64,
    /// The sums that metrics are computed from, without those in `on_device`.
    pub counters: Vec<f64>,
    /// A GPU's own sums; empty on the CPU. For each quad of a batch, four words: losses and right answers in single precision and
    /// two unused ones. Then for each sum of the metrics and each quad, four words: a part in single precision, the lower and the
    /// upper word of a whole number, and an unused one.
    pub on_device: Vec<f32>,
}

impl Tally {
    /// The sums of the epoch; those on the device are added in the order of the quads.
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
    /// A tally that is on the host alone.
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

/// The device that an executor runs on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Device {
    /// The device's own name.
    pub name: String,
    /// Which kind of device it is.
    pub kind: DeviceKind,
    /// The driver and its API, or the instruction set and threads of the CPU executor.
    pub driver: String,
}

/// Kinds of device; kernels are tiled for each of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceKind {
    /// A GPU with memory of its own.
    DiscreteGpu,
    /// A GPU that shares the CPU's memory.
    IntegratedGpu,
    /// A GPU behind a hypervisor, or one whose kind is unknown.
    OtherGpu,
    /// A driver that runs shaders on the CPU.
    SoftwareGpu,
    /// The CPU itself, without a graphics driver.
    Cpu,
}
