//! What the commands that run a network share: a description with its data, its plan and its device.

use super::device::{self, Runner};
use super::source::Description;
use super::{Failure, source};
use crate::render::loading::Loading;
use crate::render::terminal;
use compiler::check::takes;
use compiler::plan::Plan;
use compiler::plan::memory::Sharing;
use compiler::training::fit::Fit;
use grammar::diagnostic::Diagnostic;
use runtime::data::folder::{self, FolderError};
use runtime::data::{self, Dataset, Pictures, Split, Wanted};
use runtime::error::RuntimeError;
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::executor::wgpu::WgpuExecutor;
use runtime::run_directory::{Manifest, RunDirectory};
use runtime::{checkpoint, train};
use std::path::Path;
use std::sync::Arc;

/// The plan of an opened description.
pub fn plan(description: &Description) -> Arc<Plan> {
    Arc::new(compiler::plan_of(&description.network, Sharing::Shared))
}

/// The data set that `--data`, or else the description, names; checked against the network. The pictures of a folder come
/// in the order of the description's seed.
pub fn dataset(description: &Description, given: Option<&str>) -> Result<Dataset, Failure> {
    let seed = description.network.network().fit.seed;
    seeded_dataset(description, given, seed, false)
}

/// The same in the order of this seed; `quiet`: without a bar.
pub fn seeded_dataset(
    description: &Description,
    given: Option<&str>,
    seed: u64,
    quiet: bool,
) -> Result<Dataset, Failure> {
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
    let loading = if quiet {
        Loading::hidden()
    } else {
        Loading::begin("pictures")
    };
    let wanted = Wanted {
        shape: description.network.input_shape(),
        seed,
        watch: &|total| loading.one_of(total),
    };
    let loaded = data::load_for(&name, base, data::cache_folder().as_deref(), &wanted);
    drop(loading);
    let dataset = match loaded {
        Err(RuntimeError::Folder(error @ FolderError::Form { .. })) => return Err(no_pictures(description, &error)),
        loaded => loaded?,
    };
    for line in dataset.pictures.iter().flat_map(Pictures::warnings) {
        terminal::say(&line);
    }
    fits(description, &dataset, given.is_some())?;
    Ok(dataset)
}

/// The network does not take pictures.
fn no_pictures(description: &Description, error: &FolderError) -> Failure {
    let network = description.network.network();
    let span = network
        .nodes
        .first()
        .map_or(network.name_span, |node| node.span_of("shape"));
    let diagnostic = Diagnostic::error("E0505", "the input is of no picture's shape")
        .at(span, format!("this is {}", description.network.input_shape()))
        .note(error.to_string());
    description.reject(match error.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}

/// The manifest of the run that made the weights, if it lies beside them. One that cannot be read is said to be so.
pub fn manifest_beside(weights: &Path) -> Option<Manifest> {
    match RunDirectory::manifest_beside(weights) {
        Ok(manifest) => manifest,
        Err(error) => {
            terminal::say(&format!("warning: {error}"));
            None
        }
    }
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
        let names = dataset.class_names.as_deref().map(folder::some_names);
        let names = names.map_or_else(String::new, |names| format!(": {names}"));
        found.push(named(
            diagnostic,
            format!("{} has {} classes{names}", dataset.name, dataset.classes),
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
    /// What validates after each epoch: what a `validation_split` holds back, else the data set's own validation split, else
    /// its test split.
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
    pub fn of(
        train: Split,
        validation: Option<Split>,
        test: Option<Split>,
        validation_split: f64,
    ) -> Result<Self, Failure> {
        let (train, held) = if validation_split > 0.0 {
            let (train, held) = train.split_validation(validation_split)?;
            (train, Some(held))
        } else {
            (train, validation)
        };
        let (train, held, test) = (Arc::new(train), held.map(Arc::new), test.map(Arc::new));
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

/// The data set and an executor for it: the files are read while the device is opened and, for training, compiles its
/// kernels.
///
/// # Errors
/// The data set's, where both fail.
pub fn dataset_and_executor(
    description: &Description,
    data: Option<&str>,
    device: &str,
    plan: &Arc<Plan>,
    fit: &Fit,
    (purpose, quiet): (Purpose, bool),
) -> Result<(Dataset, Box<dyn Executor>), Failure> {
    let open = || {
        let chosen = device::choose(device)?;
        let mut executor = self::open(chosen.runner, plan, fit, purpose)?;
        if purpose == Purpose::Train {
            executor.prepare()?;
        }
        Ok::<_, Failure>((chosen.line, executor))
    };
    let (dataset, opened) = std::thread::scope(|scope| {
        let opening = scope.spawn(open);
        (seeded_dataset(description, data, fit.seed, quiet), opening.join())
    });
    let dataset = dataset?;
    let (line, executor) = opened.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if !quiet {
        terminal::say(&line);
    }
    Ok((dataset, executor))
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
