//! How fast a network trains and predicts on this machine.

mod measure;
mod memory;
mod samples;

pub use measure::Limit;

use super::device;
use super::error::Result;
use super::examine::Description;
use super::listener::Listener;
use super::samples::Data as DataChoice;
use compiler::plan::work;
use measure::Bench;
use runtime::executor::cpu::{self, Instructions};
use runtime::executor::{Clock, Device};
use serde::Serialize;

/// What to measure.
#[derive(Debug, Clone)]
pub struct Options {
    /// Devices by name (see [`device::choose`]).
    pub devices: Vec<String>,
    /// Samples of a step; the description's where there are none.
    pub batch_sizes: Vec<usize>,
    /// How long to train.
    pub limit: Limit,
    /// What to train on.
    pub data: DataChoice,
    /// At most this many samples, the first ones.
    pub samples: Option<usize>,
}

/// What was measured.
#[derive(Debug, Serialize)]
pub struct Report {
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

/// Measures, device by device. Where the description's data set is not on this machine, samples of its shape are made up.
///
/// # Errors
/// When the description is not compiled, there is no such device, or a network does not fit it.
pub fn bench(description: &Description, options: Options, listener: &dyn Listener) -> Result<Report> {
    let network = &description.network;
    let optimizer = network
        .training()
        .map_err(|error| description.reject(*error))?
        .optimizer
        .clone();
    let fit = network.network().fit.clone();
    // A name that no device has is better heard now than after the first device's minute.
    for name in &options.devices {
        device::choose(name)?;
    }
    let plan = description.plan();
    let (split, data) = samples::samples(description, options.data, options.samples, listener)?;
    let instructions = Instructions::available();
    let best = instructions.first().copied().unwrap_or(Instructions::Portable);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut report = Report {
        cnnc: env!("CARGO_PKG_VERSION"),
        model: plan.model.clone(),
        parameters: plan.parameters.iter().map(compiler::plan::Parameter::count).sum(),
        data,
        training_flop: work::flops(&plan.training),
        prediction_flop: work::flops(&plan.prediction),
        machine: Machine {
            cpu: cpu::device(),
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            peak_flops: cpu::peak(best, threads),
        },
        devices: Vec::new(),
    };
    let batch_sizes = if options.batch_sizes.is_empty() {
        vec![fit.batch_size]
    } else {
        options.batch_sizes
    };
    let bench = Bench {
        plan: &plan,
        optimizer,
        fit: &fit,
        split: &split,
        limit: options.limit,
        peak: report.machine.peak_flops,
        listener,
    };
    for asked in &options.devices {
        report.devices.push(bench.device(asked, &batch_sizes)?);
    }
    Ok(report)
}
