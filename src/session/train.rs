//! Training: a network with its data and its device, trained epoch by epoch, into a run directory or in memory alone.

use super::error::{Error, Result};
use super::examine::Description;
use super::executor::{self, Purpose};
use super::interrupt::Interrupt;
use super::judge::{Judged, judge};
use super::keeper::Keeper;
use super::listener::{Listener, Notice};
use super::observer::Observer;
use super::pretrained;
use super::resume;
use super::samples::{self, Data, Samples};
use super::verify::{Verdict, once_for_driver};
use compiler::entering::Entering;
use compiler::plan::Plan;
use compiler::training::compile::Compile;
use compiler::training::data::DataName;
use compiler::training::fit::Fit;
use compiler::training::settings::{MOST_EPOCHS, MOST_SAMPLES_A_STEP};
use runtime::checkpoint::{NamedTensor, keras};
use runtime::data::{self, Dataset, Pixels, Split};
use runtime::executor::{Device, Executor, Set};
use runtime::run_directory::{History, Identity, Manifest, OpenRun, Standing};
use runtime::train::{self, End, Job};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to train. The default is as the description says, on the best device, in memory alone.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to train on.
    pub data: Data,
    /// Settings in place of the description's.
    pub overrides: Overrides,
    /// A file of weights to begin with, instead of random ones.
    pub weights: Option<PathBuf>,
    /// What to train on: `auto`, `gpu`, `cpu`, or a part of a device's name.
    pub device: String,
    /// The run directory, which is made if it is not there. Without one nothing is written.
    pub directory: Option<PathBuf>,
    /// Whether to go on where the run in the directory ended.
    pub resume: bool,
    /// Whether a GPU's driver that trains for the first time is checked before it does.
    pub verify: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            data: Data::Described,
            overrides: Overrides::default(),
            weights: None,
            device: "auto".to_owned(),
            directory: None,
            resume: false,
            verify: false,
        }
    }
}

/// Settings in place of those of a description's `fit`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overrides {
    /// Passes over the training data.
    pub epochs: Option<usize>,
    /// Samples of a step.
    pub batch_size: Option<usize>,
    /// Where all randomness starts.
    pub seed: Option<u64>,
}

impl Overrides {
    /// The settings with these in place of some.
    ///
    /// # Errors
    /// When one is out of the range that a description may have.
    pub fn apply(&self, fit: &Fit) -> Result<Fit> {
        let within = |name: &str, value: Option<usize>, most: usize| match value {
            Some(value) if !(1..=most).contains(&value) => {
                Err(Error::message(format!("{name}={value} is not from 1 to {most}")))
            }
            value => Ok(value),
        };
        let epochs = within("epochs", self.epochs, MOST_EPOCHS)?;
        let batch_size = within("batch_size", self.batch_size, MOST_SAMPLES_A_STEP)?;
        let mut fit = fit.clone();
        fit.epochs = epochs.unwrap_or(fit.epochs);
        fit.batch_size = batch_size.unwrap_or(fit.batch_size);
        fit.seed = self.seed.unwrap_or(fit.seed);
        Ok(fit)
    }
}

/// A network with its data and its device, ready to train.
pub struct Prepared<'a> {
    description: &'a Description,
    plan: Arc<Plan>,
    compile: Compile,
    fit: Fit,
    executor: Box<dyn Executor>,
    directory: Option<OpenRun>,
    manifest: Manifest,
    resumed: Option<Standing>,
    names: Vec<String>,
    judged: Arc<Split>,
    which: &'static str,
    train_samples: usize,
    validation_samples: Option<usize>,
}

/// A network that was trained, with what it takes to ask it.
pub struct Trained<'a> {
    /// The description that was trained.
    pub description: &'a Description,
    /// The plan that the executor runs.
    pub plan: Arc<Plan>,
    /// What it is on, with the trained parameters and the training samples.
    pub executor: Box<dyn Executor>,
    /// The metrics of every epoch.
    pub history: History,
    /// Whether it came to its end.
    pub end: End,
    /// What was run, on what, with what.
    pub manifest: Manifest,
    /// Where it was written. Nobody else writes there until this is dropped.
    pub directory: Option<OpenRun>,
    /// The samples that it is judged by.
    pub judged: Arc<Split>,
    /// What that split is called.
    pub which: &'static str,
    /// The names of the classes.
    pub names: Vec<String>,
}

/// Reads the data, opens the device, and makes the run directory, so that whatever may be refused is refused before training.
///
/// # Errors
/// When the description is not compiled or does not fit its data, or the data, the device, the weights or the directory
/// cannot be had.
pub fn prepare<'a>(description: &'a Description, options: Options, listener: &dyn Listener) -> Result<Prepared<'a>> {
    let network = &description.network;
    let compile = network.training().map_err(|error| description.reject(*error))?.clone();
    let fit = options.overrides.apply(&network.network().fit)?;
    let plan = description.plan();
    let data_path = absolute_path(description, &options.data);
    let validation_path = validation_path(description, &options.data);
    let description_folder = description_folder(description);
    let resumed = if options.resume {
        let directory = options.directory.as_deref().unwrap_or(Path::new(""));
        Some(resume::open(directory, description, &fit, &plan)?)
    } else {
        None
    };
    // What is missing is told before data are read. A resumed run has its own weights.
    let pretrained = if options.weights.is_none() && resumed.is_none() {
        pretrained::read(description, listener)?
    } else {
        keras::Values::new()
    };
    let (dataset, mut executor) = executor::dataset_and_executor(
        description,
        options.data,
        &options.device,
        (&plan, &fit),
        Purpose::Train,
        listener,
    )?;
    if options.verify {
        verified(executor.device(), &options.device, listener)?;
    }
    let origin = format!("{}, {}", dataset.name, dataset.origin);
    let weights = if let Some(path) = &options.weights {
        pretrained::beginning(network, &plan, path, fit.seed, listener)?
    } else {
        let mut initial = train::initial_parameters(&plan, fit.seed);
        train::put(&plan, &pretrained, &mut initial);
        initial
    };
    if let Some(resumed) = &resumed {
        resumed.same_data(&dataset)?;
        resumed.tell_differences(executor.device(), listener);
    }
    let mut manifest = manifest(&description.source.text, &plan, &fit, &dataset, executor.as_ref());
    manifest.data_path = data_path;
    manifest.validation_path = validation_path;
    manifest.description_folder = description_folder;
    // What is no picture's and no whole number is taken as it is.
    let of_pictures = dataset.pictures.is_some() || !matches!(dataset.train.pixels, Pixels::Floats(_));
    manifest.pixels = of_pictures.then(|| Entering::of(network));
    manifest.description_sha256 = Some(Identity::of(network, &fit)?.sha256());
    let names = samples::class_names(&dataset);
    let Samples {
        train: train_split,
        validation,
        judged,
        which,
    } = Samples::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    let (train_samples, validation_samples) = (train_split.len(), validation.as_ref().map(|split| split.len()));
    let divided = match validation_samples {
        Some(validate) if fit.validation_split > 0.0 => format!("; {train_samples} train, {validate} validate"),
        Some(_) | None => String::new(),
    };
    listener.notice(&Notice::Data(format!("data: {origin}{divided}")));
    if let Some(uneven) = uneven(&fit, train_samples) {
        listener.notice(&Notice::Warning(format!("warning: {uneven}")));
    }
    executor.load(Set::Train, &train_split)?;
    // Where a device has its own copy, this one has done its duty.
    drop(train_split);
    if let Some(validation) = validation {
        executor.load(Set::Test, &validation)?;
    }
    // Before the training, not after it, and after all else that may be refused.
    let (directory, resumed) = if let Some(resume::Resumed {
        run,
        manifest: then,
        state,
    }) = resumed
    {
        state.give_to(executor.as_mut())?;
        run.export(&plan, &state, &then)?;
        manifest = Manifest {
            epochs: then.epochs,
            step: then.step,
            wall_seconds: state.wall_seconds,
            state: then.state,
            weights_sha256: then.weights_sha256,
            history_sha256: then.history_sha256,
            ..manifest
        };
        (Some(run), Some(state.standing))
    } else {
        executor.set_parameters(&weights)?;
        (options.directory.as_deref().map(OpenRun::create).transpose()?, None)
    };
    if let Some(warning) = directory.as_ref().and_then(OpenRun::warning) {
        listener.notice(&Notice::Warning(format!("warning: {warning}")));
    }
    Ok(Prepared {
        description,
        plan,
        compile,
        fit,
        executor,
        directory,
        manifest,
        resumed,
        names,
        judged,
        which,
        train_samples,
        validation_samples,
    })
}

impl<'a> Prepared<'a> {
    /// Trains until all epochs are done or `interrupt` is raised, which is heard after the step under way. The run directory
    /// gets all there is at the end, and now and then before it.
    ///
    /// # Errors
    /// When the device fails or a file cannot be written.
    pub fn train(self, observer: &mut dyn Observer, interrupt: &Interrupt) -> Result<Trained<'a>> {
        let Self {
            description,
            plan,
            compile,
            fit,
            mut executor,
            mut directory,
            manifest,
            resumed,
            names,
            judged,
            which,
            train_samples,
            validation_samples,
        } = self;
        let mut keeper = Keeper::new(directory.as_mut(), (&plan, &compile), manifest, observer, interrupt);
        let job = Job {
            plan: &plan,
            compile: &compile,
            fit: &fit,
            train_samples,
            validation_samples,
            resumed,
        };
        let (standing, end) = train::fit(executor.as_mut(), job, &mut keeper)?;
        let manifest = keeper.into_manifest();
        Ok(Trained {
            description,
            plan,
            executor,
            history: standing.history,
            end,
            manifest,
            directory,
            judged,
            which,
            names,
        })
    }
}

impl Trained<'_> {
    /// The trained variables by name, in Keras's shapes.
    ///
    /// # Errors
    /// When the device fails.
    pub fn weights(&mut self) -> Result<Vec<NamedTensor>> {
        let parameters = self.executor.parameters()?;
        Ok(train::tensors_of(&self.plan, &parameters, ""))
    }

    /// What the network says of the samples that it is judged by.
    ///
    /// # Errors
    /// When its output is not one number for each class, or the device fails.
    pub fn judge(&mut self) -> Result<Judged> {
        judge(
            self.executor.as_mut(),
            &self.description.network,
            &self.judged,
            self.which,
            self.names.clone(),
        )
    }
}

/// Refuses a GPU whose driver computes wrong; says it where it was checked for the first time.
fn verified(running: &Device, name: &str, listener: &dyn Listener) -> Result<()> {
    match once_for_driver(running, name)? {
        Verdict::Known => Ok(()),
        Verdict::Right(line) => {
            listener.notice(&Notice::Device(line));
            Ok(())
        }
        Verdict::Wrong(message) => Err(Error::message(message).with_help(
            "`cnnc verify --device gpu` says what is off; --device cpu trains on the CPU, --no-verify all the same",
        )),
    }
}

/// What to tell of a `steps_per_epoch` that does not divide a pass over the training samples into equal epochs.
fn uneven(fit: &Fit, samples: usize) -> Option<String> {
    let (asked, pass) = (fit.steps_per_epoch?, fit.steps_of_a_pass(samples));
    if asked > pass {
        return Some(format!(
            "steps_per_epoch={asked}, but the training samples make {pass} batches: an epoch ends after {pass} steps"
        ));
    }
    match (pass.div_ceil(asked), pass % asked) {
        (_, 0) => None,
        (epochs, rest) => Some(format!(
            "steps_per_epoch={asked} does not divide the {pass} batches of the training samples: of {epochs} epochs the last has {rest}"
        )),
    }
}

/// Where the data lie, if their name is a path.
fn absolute_path(description: &Description, data: &Data) -> Option<String> {
    let own = description.network.network().fit.data.as_ref();
    let (name, base) = match data {
        Data::Named(name) | Data::Past { name, .. } => (data::named(name), Path::new("")),
        Data::Described => (own?.clone(), description.folder()),
        Data::Loaded(_) => return None,
    };
    match name {
        DataName::Known(_) => None,
        DataName::Path(path) => {
            let path = std::path::absolute(base.join(path)).ok()?;
            Some(path.display().to_string())
        }
    }
}

/// Where that lies that validates, if the description names it.
fn validation_path(description: &Description, data: &Data) -> Option<String> {
    let loading = description.network.network().fit.loading.as_ref()?;
    let validation = loading.validation.as_ref()?;
    let path = match data {
        Data::Described => description.folder().join(&validation.directory),
        Data::Named(given) if validation.directory == loading.train.directory => PathBuf::from(given),
        Data::Past { validation, .. } => PathBuf::from(validation.as_ref()?),
        Data::Named(_) | Data::Loaded(_) => return None,
    };
    Some(std::path::absolute(path).ok()?.display().to_string())
}

/// The folder that paths of tables and masks start at, where the description names some.
fn description_folder(description: &Description) -> Option<String> {
    let loading = description.network.network().fit.loading.as_ref()?;
    let mut parts = std::iter::once(&loading.train).chain(&loading.validation);
    if !parts.any(|files| files.table.is_some() || files.masks.is_some()) {
        return None;
    }
    // A description without a folder lies in the current one.
    let folder = Path::new(".").join(description.folder());
    Some(std::path::absolute(folder).ok()?.display().to_string())
}

fn manifest(description: &str, plan: &Plan, fit: &Fit, dataset: &Dataset, executor: &dyn Executor) -> Manifest {
    Manifest {
        cnnc: env!("CARGO_PKG_VERSION").to_owned(),
        model: plan.model.clone(),
        data: dataset.name.clone(),
        data_path: None,
        validation_path: None,
        description_folder: None,
        pixels: None,
        data_origin: dataset.origin.clone(),
        data_sha256: dataset.fingerprint(),
        class_names: dataset.class_names.clone(),
        pictures: dataset.pictures.as_ref().map(|pictures| pictures.reading),
        seed: fit.seed,
        batch_size: fit.batch_size,
        epochs: 0,
        step: 0,
        device: executor.device().name.clone(),
        driver: Some(executor.device().driver.clone()),
        wall_seconds: 0.0,
        state: None,
        weights_sha256: String::new(),
        history_sha256: None,
        description_sha256: None,
        description: description.to_owned(),
    }
}
