//! Measures how fast a network trains and predicts on this machine.

mod measure;
mod measured;
mod memory;
mod samples;

pub use measure::Limit;
pub use measured::{Data, Machine, Measured, OnDevice, Operation, Prediction, Training};

use super::device;
use super::error::Result;
use super::examine::Description;
use super::listener::Listener;
use super::samples::Data as DataChoice;
use compiler::plan::work;
use measure::Bench;
use runtime::executor::cpu;

/// What to measure, on which devices and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The names of devices (see [`device::choose`]).
    pub devices: Vec<String>,
    /// The numbers of samples of a step; where there are none, that of the description.
    pub batch_sizes: Vec<usize>,
    /// How long to train.
    pub limit: Limit,
    /// The data to train on.
    pub data: DataChoice,
    /// Train on no more than this many samples, the first ones; `None` for all.
    pub samples: Option<usize>,
}

/// Measures one device after another. Where the description's data set is not on this machine, samples of its shape are made up.
///
/// # Errors
/// When the description does not compile, a device does not exist, or the network does not fit it.
pub fn bench(description: &Description, options: Options, listener: &dyn Listener) -> Result<Measured> {
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
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut report = Measured {
        cnnc: env!("CARGO_PKG_VERSION"),
        model: plan.model.clone(),
        parameters: plan.parameters.iter().map(compiler::plan::Parameter::count).sum(),
        data,
        training_flop: work::flops(&plan.training),
        prediction_flop: work::flops(&plan.prediction),
        machine: Machine {
            cpu: cpu::device()?,
            system: std::env::consts::OS,
            architecture: std::env::consts::ARCH,
            peak_flops: cpu::peak(cpu::instructions()?, threads),
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
        inferring: &description.plan_to_infer(),
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
