//! What a benchmark gives.

use runtime::executor::{Clock, Device};
use serde::Serialize;

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// The version that measured.
    pub cnnc: &'static str,
    /// The model's name.
    pub model: String,
    /// Trained numbers.
    pub parameters: usize,
    /// The samples that it was trained on.
    pub data: Data,
    /// Floating-point operations of one sample in a training step: two a multiply-add, forward and backward.
    pub training_flop: u64,
    /// The same of a prediction.
    pub prediction_flop: u64,
    /// The machine that measured.
    pub machine: Machine,
    /// What was measured, for each device that was asked for.
    pub devices: Vec<OnDevice>,
}

/// The samples.
#[derive(Debug, Serialize)]
pub struct Data {
    /// The data set's name.
    pub name: String,
    /// Where it is from.
    pub origin: String,
    /// Samples of an epoch.
    pub samples: usize,
    /// Whether they are made up.
    pub synthetic: bool,
}

/// This machine.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// Its CPU, with the instructions and the threads of the CPU executor.
    pub cpu: Device,
    /// The operating system as Rust calls it: `linux`, `macos`, `windows`.
    pub system: &'static str,
    /// The CPU's architecture as Rust calls it: `x86_64`, `aarch64`.
    pub architecture: &'static str,
    /// What all threads' multiply-adds reach without loads, in operations a second; measured in this process.
    pub peak_flops: f64,
}

/// What was measured on a device.
#[derive(Debug, Serialize)]
pub struct OnDevice {
    /// As it was asked for.
    pub asked: String,
    /// The device that this name chose.
    pub device: Device,
    /// Training, for each batch size.
    pub training: Vec<Training>,
    /// How long predictions take.
    pub prediction: Prediction,
}

/// Training with one batch size.
#[derive(Debug, Serialize)]
pub struct Training {
    /// Samples of a step.
    pub batch_size: usize,
    /// Until the device was open and had the data.
    pub open_seconds: f64,
    /// The first step, with everything that is compiled for it.
    pub first_step_seconds: f64,
    /// Of each whole epoch that was measured.
    pub epochs: Vec<f64>,
    /// Steps that were measured, those of broken-off epochs too.
    pub steps: usize,
    /// The median of the whole epochs; of a part of one, scaled up.
    pub seconds_per_epoch: f64,
    /// Of training, in the mean.
    pub samples_per_second: f64,
    /// Floating-point operations a second: those of a training step's samples, forward and backward.
    pub flops: f64,
    /// Of the CPU's measured peak, from 0 to 1; only for what computes on the CPU.
    pub peak_share: Option<f64>,
    /// Who measured the operations: the host's clock, or the device's timestamps.
    pub operations_clock: Clock,
    /// The operations of a step, in its order.
    pub operations: Vec<Operation>,
    /// Seconds of a step in which a thread of the CPU waits for the others.
    pub waiting_seconds: f64,
    /// The most memory that the process held so far in this measurement; known on Linux.
    pub peak_memory_bytes: Option<u64>,
}

/// One operation of a training step.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// Its number in the plan.
    pub index: usize,
    /// Its layer.
    pub layer: String,
    /// What it does, as `cnnc emit plan` calls it.
    pub operation: &'static str,
    /// Seconds of a step.
    pub seconds: f64,
    /// Of the time of all of the step's operations, from 0 to 1.
    pub share: f64,
    /// Operations a second; 0 where it has no multiply-adds.
    pub flops: f64,
}

/// Predictions on a device.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The first one, with everything that is compiled for it.
    pub first_seconds: f64,
    /// The median of one sample alone.
    pub one_sample_seconds: f64,
    /// How many were then predicted at once.
    pub samples: usize,
    /// How long that took, the second time.
    pub seconds: f64,
    /// Of the predictions at once.
    pub samples_per_second: f64,
    /// Floating-point operations a second.
    pub flops: f64,
    /// Of the CPU's measured peak, from 0 to 1; only for what computes on the CPU.
    pub peak_share: Option<f64>,
}
