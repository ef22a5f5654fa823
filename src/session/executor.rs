//! Opens executors for the plan of a description.

use super::device::{self, Runner};
use super::error::Result;
use super::examine::Description;
use super::listener::{Listener, Notice};
use super::samples::{self, Data};
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use compiler::saved;
use compiler::training::fit::Fit;
use runtime::checkpoint::keras;
use runtime::data::Dataset;
use runtime::executor::Executor;
use runtime::executor::cpu::{CpuExecutor, Options};
use runtime::executor::streaming::Streaming;
use runtime::executor::wgpu::WgpuExecutor;
use runtime::run_directory::{Beside, Manifest, RunDirectory};
use runtime::train;
use std::path::Path;
use std::sync::Arc;
use std::thread::{Builder, ScopedJoinHandle};

/// What an executor is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Training: buffers are checked against the device's limits right away.
    Train,
    /// Evaluation or prediction: nothing is trained.
    Infer,
    /// Training after which every tensor and gradient is compared with the reference.
    Verify,
}

/// The data set and an executor for it. The files are read while the device is opened and, for training, compiles its kernels.
///
/// # Errors
/// When either fails; if both do, the error is that of the data set.
pub fn dataset_and_executor(
    description: &Description,
    data: Data,
    device: &str,
    (plan, fit): (&Arc<Plan>, &Fit),
    purpose: Purpose,
    listener: &dyn Listener,
) -> Result<(Dataset, Box<dyn Executor>)> {
    let open = || {
        let chosen = device::choose(device)?;
        let mut executor = self::open(chosen.runner, plan, fit, purpose)?;
        if purpose == Purpose::Train {
            executor.prepare()?;
        }
        Ok((chosen.line, executor))
    };
    let (dataset, opened): (_, std::thread::Result<Result<_>>) = std::thread::scope(|scope| {
        let opening = Builder::new().spawn_scoped(scope, open);
        let dataset = samples::load(description, data, fit.seed, listener);
        // Where the system gives no thread, one is done after the other.
        (dataset, opening.map_or_else(|_| Ok(open()), ScopedJoinHandle::join))
    });
    let dataset = dataset?;
    let (line, executor) = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    listener.notice(&Notice::Device(line));
    Ok((dataset, executor))
}

/// An executor for the plan on the device with this name (see [`device::choose`]).
///
/// # Errors
/// When there is no such device, it cannot be opened, or the plan does not fit it.
pub fn executor(
    wanted: &str,
    plan: &Arc<Plan>,
    fit: &Fit,
    purpose: Purpose,
    listener: &dyn Listener,
) -> Result<Box<dyn Executor>> {
    let chosen = device::choose(wanted)?;
    listener.notice(&Notice::Device(chosen.line));
    open(chosen.runner, plan, fit, purpose)
}

/// An executor for the plan on a chosen device.
///
/// # Errors
/// When the device cannot be opened or the plan does not fit it.
pub fn open(runner: Runner, plan: &Arc<Plan>, fit: &Fit, purpose: Purpose) -> Result<Box<dyn Executor>> {
    let validation = fit.validation_batch_size.unwrap_or(fit.batch_size);
    let executor: Box<dyn Executor> = match runner {
        Runner::Wgpu(adapter) => {
            let executor = WgpuExecutor::new(adapter.open()?, Arc::clone(plan), fit.batch_size, validation)?;
            if purpose != Purpose::Infer && plan.optimizer.is_some() {
                executor.check_limits()?;
            }
            Box::new(executor)
        }
        Runner::Cpu(_) => {
            let options = Options {
                inspect: purpose == Purpose::Verify,
                ..Options::default()
            };
            let executor = CpuExecutor::with(Arc::clone(plan), fit.batch_size, validation, options)?;
            Box::new(executor)
        }
    };
    Ok(Box::new(Streaming::new(executor, fit.batch_size, validation)))
}

/// The flat parameters in a file of weights, as the plan lays them out. The file is one of this program's or of Keras's (`.h5`).
///
/// # Errors
/// When the file cannot be read, or its variables are not those of the plan.
pub fn weights(network: &CheckedNetwork, plan: &Plan, path: &Path) -> Result<Vec<f32>> {
    if path.extension().is_none_or(|extension| extension != "h5") {
        return Ok(train::load_parameters(plan, path)?);
    }
    let values = keras::load(path, &saved::network(network))?;
    let mut parameters = vec![0.0; plan.parameter_floats];
    train::put(plan, &values, &mut parameters);
    Ok(parameters)
}

/// The manifest of the run that made the weights, if it is in the same folder. There is a warning for a manifest that cannot be
/// read, and for weights that are not those that it records.
pub fn manifest_beside(weights: &Path, listener: &dyn Listener) -> Option<Manifest> {
    let warn = |text: String| listener.notice(&Notice::Warning(format!("warning: {text}")));
    match RunDirectory::beside(weights) {
        Ok(None) => None,
        Ok(Some(Beside { manifest, note })) => {
            note.into_iter().for_each(warn);
            Some(manifest)
        }
        Err(error) => {
            warn(error.to_string());
            None
        }
    }
}
