//! What the commands that run a network share: a description with its data, its plan and its device.

use super::device::{self, Runner};
use super::source::Description;
use super::{Failure, source};
use crate::render::terminal;
use compiler::check::takes;
use compiler::memory::Sharing;
use compiler::network::Fit;
use compiler::plan::Plan;
use grammar::diagnostic::Diagnostic;
use runtime::data::{self, Dataset, Split};
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::executor::wgpu::WgpuExecutor;
use runtime::{checkpoint, train};
use std::path::Path;
use std::sync::Arc;

/// The plan of an opened description.
pub fn plan(description: &Description) -> Arc<Plan> {
    Arc::new(compiler::plan_of(&description.network, Sharing::Shared))
}

/// The data set that `--data`, or else the description, names; checked against the network.
pub fn dataset(description: &Description, given: Option<&str>) -> Result<Dataset, Failure> {
    let fit = &description.network.network().fit;
    let (name, base) = match (given, &fit.data) {
        // A path on the command line is relative to where the command was given.
        (Some(given), _) => (data::named(given), Path::new("")),
        (None, Some(name)) => (name.clone(), description.folder()),
        (None, None) => {
            let missing = Diagnostic::error("E0503", "there is no data set")
                .at(
                    description.network.network().name_span,
                    "this model is fitted to nothing",
                )
                .help("add: fit(data=\"mnist\"), or name one with --data");
            return Err(description.reject(missing));
        }
    };
    let dataset = data::load(&name, base, data::cache_folder().as_deref())?;
    fits(description, &dataset, given.is_some())?;
    Ok(dataset)
}

/// Whether the network takes the data set's samples and has an output for each of its classes.
fn fits(description: &Description, dataset: &Dataset, overridden: bool) -> Result<(), Failure> {
    let checked = &description.network;
    let network = checked.network();
    let node = |id: usize| network.nodes.get(id);
    let (input, output) = (checked.input_shape(), checked.output_shape());
    let named = |diagnostic: Diagnostic, text: String| match network.fit.data_span {
        Some(span) if !overridden => diagnostic.because(span, text),
        _ => diagnostic.note(text),
    };
    let mut found = Vec::new();
    if !takes(input, &dataset.train.shape) {
        let span = node(0).map_or(network.name_span, |node| node.span_of("shape"));
        let diagnostic =
            Diagnostic::error("E0502", "the input is not of the data set's shape").at(span, format!("this is {input}"));
        found.push(named(
            diagnostic,
            format!("the samples of {} are {}", dataset.name, dataset.train.shape),
        ));
    }
    if dataset.classes > output.channels() && output.rank() == 1 {
        let span = node(network.output.0).map_or(network.name_span, |node| node.span_of("units"));
        let diagnostic = Diagnostic::error("E0504", "the output is narrower than the data set's classes")
            .at(span, format!("this has {} outputs", output.channels()))
            .help(format!("{} outputs, one for each class", dataset.classes));
        found.push(named(
            diagnostic,
            format!("{} has {} classes", dataset.name, dataset.classes),
        ));
    }
    if found.is_empty() {
        return Ok(());
    }
    source::report(&description.source, &found);
    Err(Failure::Reported)
}

/// A data set's samples by what they are for.
pub struct Samples {
    /// What is trained on.
    pub train: Arc<Split>,
    /// What validates after each epoch: what a `validation_split` holds back, else the test split.
    pub validation: Option<Arc<Split>>,
    /// What a network is judged by: the test split, else what validates, else what it was trained on.
    pub judged: Arc<Split>,
    /// What that split is called.
    pub which: &'static str,
}

impl Samples {
    /// Divides the splits of a data set.
    ///
    /// # Errors
    /// When a `validation_split` leaves nothing on either side.
    pub fn of(train: Split, test: Option<Split>, validation_split: f64) -> Result<Self, Failure> {
        let test = test.map(Arc::new);
        let (train, held) = if validation_split > 0.0 {
            let (train, held) = train.split_validation(validation_split)?;
            (Arc::new(train), Some(Arc::new(held)))
        } else {
            (Arc::new(train), None)
        };
        let (judged, which) = match (&test, &held) {
            (Some(test), _) => (Arc::clone(test), "test"),
            (None, Some(held)) => (Arc::clone(held), "validation"),
            (None, None) => (Arc::clone(&train), "training"),
        };
        Ok(Self {
            train,
            validation: held.or(test),
            judged,
            which,
        })
    }
}

/// What an executor is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Training: its buffers are checked against the device's limits at once.
    Train,
    /// Evaluation or prediction.
    Infer,
}

/// An executor for the plan on the device that was asked for.
pub fn executor(
    wanted: &str,
    plan: &Arc<Plan>,
    fit: &Fit,
    purpose: Purpose,
    quiet: bool,
) -> Result<Box<dyn Executor>, Failure> {
    let chosen = device::choose(wanted)?;
    if !quiet {
        terminal::say(&chosen.line);
    }
    open(chosen.runner, plan, fit, purpose)
}

/// An executor for the plan on a device that was chosen.
pub fn open(runner: Runner, plan: &Arc<Plan>, fit: &Fit, purpose: Purpose) -> Result<Box<dyn Executor>, Failure> {
    let validation = fit.validation_batch_size.unwrap_or(fit.batch_size);
    match runner {
        Runner::Wgpu(adapter) => {
            let executor = WgpuExecutor::new(adapter.open()?, Arc::clone(plan), fit.batch_size, validation)?;
            if purpose == Purpose::Train {
                executor.check_limits()?;
            }
            Ok(Box::new(executor))
        }
        Runner::Cpu(_) => {
            let executor = CpuExecutor::new(Arc::clone(plan), fit.batch_size, validation, None)?;
            Ok(Box::new(executor))
        }
    }
}

/// The flat parameters in a file of weights.
pub fn weights(plan: &Plan, path: &Path) -> Result<Vec<f32>, Failure> {
    Ok(train::parameters_from(plan, &checkpoint::load(path)?, "")?)
}
