//! The results of a benchmark.

use runtime::executor::{Clock, Device};
use serde::Serialize;

/// The results of `cnnc bench`, as its JSON has them.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// The version of the program.
    pub cnnc: &'static str,
    /// The name of the model.
    pub model: String,
    /// The number of parameters that are trained.
    pub parameters: usize,
    /// The data that it was trained on.
    pub data: Data,
    /// Floating-point operations for one sample in a training step: two for each multiply-add, forward and backward.
    pub training_flop: u64,
    /// Floating-point operations for one sample in a prediction, counted likewise.
    pub prediction_flop: u64,
    /// The machine that it was measured on.
    pub machine: Machine,
    /// The results of each device that was asked for.
    pub devices: Vec<OnDevice>,
}

/// The data that a network was trained on.
#[derive(Debug, Serialize)]
pub struct Data {
    /// The name of the data set.
    pub name: String,
    /// Which copy of the data was read, in a line.
    pub origin: String,
    /// The number of samples of an epoch.
    pub samples: usize,
    /// Whether the samples were made up, since the data set is not on this machine.
    pub synthetic: bool,
}

/// The machine that a benchmark ran on.
#[derive(Debug, Serialize)]
pub struct Machine {
    /// The CPU, with the instructions and the threads of the CPU executor.
    pub cpu: Device,
    /// The operating system by Rust's name: `linux`, `macos`, `windows`.
    pub system: &'static str,
    /// The architecture of the CPU by Rust's name: `x86_64`, `aarch64`.
    pub architecture: &'static str,
    /// The operations a second that multiply-adds in registers reach on all threads, measured in this process.
    pub peak_flops: f64,
}

/// The results of one device.
#[derive(Debug, Serialize)]
pub struct OnDevice {
    /// The name by which it was asked for.
    pub asked: String,
    /// The device that this name stands for.
    pub device: Device,
    /// The results of training, one for each batch size.
    pub training: Vec<Training>,
    /// The results of predictions.
    pub prediction: Prediction,
}

/// The results of training with one batch size.
#[derive(Debug, Serialize)]
pub struct Training {
    /// The number of samples of a step.
    pub batch_size: usize,
    /// The seconds until the device was open and had loaded the data.
    pub open_seconds: f64,
    /// The seconds of the first step, including everything that is compiled for it.
    pub first_step_seconds: f64,
    /// The seconds of each whole epoch that was measured.
    pub epochs: Vec<f64>,
    /// The number of steps that were measured, those of epochs that were broken off included.
    pub steps: usize,
    /// The median of the whole epochs' seconds; without one, that of a part of an epoch, scaled up.
    pub seconds_per_epoch: f64,
    /// The mean number of samples that are trained in a second.
    pub samples_per_second: f64,
    /// Floating-point operations a second: those of a training step's samples, forward and backward.
    pub flops: f64,
    /// The share of the CPU's measured peak, from 0 to 1; only for devices that compute on the CPU.
    pub peak_share: Option<f64>,
    /// Whose clock measured the operations: the host's, or the device's timestamps.
    pub operations_clock: Clock,
    /// The operations of a step, in the order in which they run.
    pub operations: Vec<Operation>,
    /// The seconds of a step for which a thread of the CPU waits for the others.
    pub waiting_seconds: f64,
    /// The most memory, in bytes, that the process has held in this measurement so far; only known on Linux.
    pub peak_memory_bytes: Option<u64>,
}

/// One operation of a training step.
#[derive(Debug, Serialize)]
pub struct Operation {
    /// The index of the operation in the plan.
    pub index: usize,
    /// The name of the layer that it belongs to.
    pub layer: String,
    /// What it does, as `cnnc emit plan` calls it.
    pub operation: &'static str,
    /// The seconds that it takes in a step.
    pub seconds: f64,
    /// The share of the time of all operations of the step, from 0 to 1.
    pub share: f64,
    /// Floating-point operations a second; 0 where it has no multiply-adds.
    pub flops: f64,
}

/// The results of predictions on one device.
#[derive(Debug, Serialize)]
pub struct Prediction {
    /// The seconds of the first prediction, including everything that is compiled for it.
    pub first_seconds: f64,
    /// The median of the seconds for a single sample.
    pub one_sample_seconds: f64,
    /// How many samples were then predicted together.
    pub samples: usize,
    /// The seconds for predicting them, the second time.
    pub seconds: f64,
    /// The number of those samples that are predicted in a second.
    pub samples_per_second: f64,
    /// Floating-point operations a second.
    pub flops: f64,
    /// The share of the CPU's measured peak, from 0 to 1; only for devices that compute on the CPU.
    pub peak_share: Option<f64>,
}
