//! Training: a network with its data and its device, trained epoch by epoch, into a run directory or in memory alone.

use super::adapt;
use super::error::{Error, Result};
use super::examine::Description;
use super::executor::{self, Purpose};
use super::features;
use super::interrupt::Interrupt;
use super::judge::{Judged, judge};
use super::keeper::Keeper;
use super::listener::{Listener, Notice};
use super::observer::Observer;
use super::overrides::Overrides;
use super::phases::{self, Phase, Resident};
use super::pretrained;
use super::record;
use super::resume;
use super::samples::{self, Data, Samples};
use super::verify::{Verdict, once_for_driver};
use compiler::entering::Entering;
use compiler::numbers::thousands;
use compiler::plan::Plan;
use compiler::training::fit::Fit;
use runtime::checkpoint::{NamedTensor, keras};
use runtime::data::{Pixels, Split};
use runtime::executor::{Device, Executor, Set, slices};
use runtime::run_directory::{History, Identity, Manifest, OpenRun, Standing};
use runtime::train::{self, End, Job, Observer as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to train. The default is as the description says, on the best device, in memory alone.
#[derive(Debug, Clone)]
pub struct Options {
    /// The data to train on.
    pub data: Data,
    /// Settings that replace the description's.
    pub overrides: Overrides,
    /// A file of initial weights; `None` for random ones.
    pub weights: Option<PathBuf>,
    /// The device to train on: `auto`, `gpu`, `cpu`, or a part of a device's name.
    pub device: String,
    /// The run directory, which is created if it does not exist; `None` to write nothing.
    pub directory: Option<PathBuf>,
    /// Whether to resume the run in the directory.
    pub resume: bool,
    /// Whether a GPU's driver is checked before it trains for the first time.
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

/// A network with its data and its device, ready to train.
pub struct Prepared<'a> {
    description: &'a Description,
    phases: Vec<Phase>,
    /// The name by which the device was chosen.
    device: String,
    /// The samples for the executors of later phases; `None` where there are none.
    samples: Option<Resident>,
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

/// A trained network, which can be evaluated and asked.
pub struct Trained<'a> {
    /// The description that was trained.
    pub description: &'a Description,
    /// The plan that the executor runs, which is that of the last phase.
    pub plan: Arc<Plan>,
    /// The executor, with the trained parameters and the training samples.
    pub executor: Box<dyn Executor>,
    /// The metrics of every epoch.
    pub history: History,
    /// Whether training was finished or interrupted.
    pub end: End,
    /// What was run, with which data and on which device.
    pub manifest: Manifest,
    /// The directory that it was written to, if any. Nobody else can write there until this is dropped.
    pub directory: Option<OpenRun>,
    /// The samples that the network is evaluated on.
    pub judged: Arc<Split>,
    /// The name of that split.
    pub which: &'static str,
    /// The names of the classes.
    pub names: Vec<String>,
}

/// Reads the data, opens the device and creates the run directory, so that everything that may fail does so before training.
///
/// # Errors
/// When the description does not compile or fit its data, or the data, the device, the weights or the directory cannot be had.
pub fn prepare<'a>(description: &'a Description, options: Options, listener: &dyn Listener) -> Result<Prepared<'a>> {
    let network = &description.network;
    let phases = phases::of(description, &options.overrides)?;
    let first = phases.first().map(|phase| phase.fit.clone()).unwrap_or_default();
    let data_path = record::absolute_path(description, &options.data);
    let validation_path = record::validation_path(description, &options.data);
    let description_folder = record::description_folder(description);
    let resumed = if options.resume {
        let directory = options.directory.as_deref().unwrap_or(Path::new(""));
        Some(resume::open(directory, description, &phases)?)
    } else {
        None
    };
    let current = resumed.as_ref().map_or(0, |resumed| resumed.state.standing.phase);
    let Some(Phase { plan, fit, .. }) = phases.get(current) else {
        return Err(Error::message(format!("there is no phase {}", current + 1)));
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
        (plan, fit),
        Purpose::Train,
        listener,
    )?;
    phases::check_limits(
        phases.get(current + 1..).unwrap_or_default(),
        executor.as_ref(),
        &options.device,
    )?;
    if options.verify {
        verified(executor.device(), &options.device, listener)?;
    }
    let origin = format!("{}, {}", dataset.name, dataset.origin);
    let mut weights = if let Some(path) = &options.weights {
        pretrained::beginning(network, plan, path, first.seed, listener)?
    } else {
        let mut initial = train::initial_parameters(plan, first.seed);
        train::put(plan, &pretrained, &mut initial);
        initial
    };
    if let Some(resumed) = &resumed {
        resumed.same_data(&dataset)?;
        resumed.tell_differences(executor.device(), listener);
    }
    let mut manifest = record::manifest(&description.source.text, plan, &first, &dataset, executor.as_ref());
    manifest.data_path = data_path;
    manifest.validation_path = validation_path;
    manifest.description_folder = description_folder;
    // What is no picture's and no whole number is taken as it is.
    let of_pictures = dataset.pictures.is_some() || !matches!(dataset.train.pixels, Pixels::Floats(_));
    manifest.pixels = of_pictures.then(|| Entering::of(network));
    let fits: Vec<Fit> = phases.iter().map(|phase| phase.fit.clone()).collect();
    manifest.description_sha256 = Some(Identity::of(network, &fits)?.sha256());
    manifest.phases = phases::settings(&phases);
    let names = samples::class_names(&dataset);
    let Samples {
        train: train_split,
        validation,
        judged,
        which,
    } = Samples::of(dataset.train, dataset.validation, dataset.test, first.validation_split)?;
    let (train_samples, validation_samples) = (train_split.len(), validation.as_ref().map(|split| split.len()));
    let divided = match validation_samples {
        Some(validate) if first.validation_split > 0.0 => format!("; {train_samples} train, {validate} validate"),
        Some(_) | None => String::new(),
    };
    listener.notice(&Notice::Data(format!("data: {origin}{divided}")));
    let mut told = Vec::new();
    for uneven in fits.iter().filter_map(|fit| phases::uneven(fit, train_samples)) {
        if !told.contains(&uneven) {
            listener.notice(&Notice::Warning(format!("warning: {uneven}")));
            told.push(uneven);
        }
    }
    // A resumed run has what it measured when it began.
    if resumed.is_none() {
        for layer in adapt::adapt(network, plan, &train_split, &mut weights)? {
            let samples = thousands(train_samples);
            listener.notice(&Notice::Data(format!("{layer} of {samples} training samples")));
        }
    }
    executor.load(Set::Train, &train_split)?;
    if let Some(validation) = &validation {
        executor.load(Set::Test, validation)?;
    }
    // Where a device has its own copy, this one has done its duty, but for later phases and what a frozen part makes of it.
    let samples = Resident {
        train: train_split,
        validation,
    };
    let is_last = current + 1 == phases.len();
    let is_needed = !is_last
        || phases
            .last()
            .is_some_and(|phase| features::end(phase, &samples).is_some());
    let samples = is_needed.then_some(samples);
    // Before the training, not after it, and after all else that may be refused.
    let (directory, resumed) = if let Some(resume::Resumed {
        run,
        manifest: then,
        state,
    }) = resumed
    {
        state.give_to(executor.as_mut())?;
        run.export(plan, &state, &then)?;
        manifest = Manifest {
            epochs: then.epochs,
            phase: then.phase,
            step: then.step,
            wall_seconds: state.wall_seconds,
            state: then.state,
            weights_sha256: then.weights_sha256,
            history_sha256: then.history_sha256,
            ..manifest
        };
        (Some(run), Some(state.standing.into_owned()))
    } else {
        executor.set_parameters(&weights)?;
        (options.directory.as_deref().map(OpenRun::create).transpose()?, None)
    };
    if let Some(warning) = directory.as_ref().and_then(OpenRun::warning) {
        listener.notice(&Notice::Warning(format!("warning: {warning}")));
    }
    Ok(Prepared {
        description,
        phases,
        device: options.device,
        samples,
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
    /// Trains until all epochs are done or `interrupt` is raised, which takes effect after the current step. The run is saved to
    /// its directory at the end, and now and then before.
    ///
    /// # Errors
    /// When the device fails or a file cannot be written.
    pub fn train(self, observer: &mut dyn Observer, interrupt: &Interrupt) -> Result<Trained<'a>> {
        let Self {
            description,
            phases,
            device,
            mut samples,
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
        let mut standing = resumed;
        let mut index = standing.as_ref().map_or(0, |standing| standing.phase);
        let Some(mut phase) = phases.get(index) else {
            return Err(Error::message(format!("there is no phase {}", index + 1)));
        };
        let mut keeper = Keeper::new(directory.as_mut(), phase, manifest, observer, interrupt);
        let (standing, end) = loop {
            if phases.len() > 1 {
                let (trained, all) = (phase.network.trainable_params(), phase.network.total_params());
                keeper.observer().begin_phase(index, phases.len(), trained, all);
            }
            let cut = samples
                .as_ref()
                .and_then(|samples| features::end(phase, samples).zip(Some(samples)));
            let mut featured = None;
            if let Some((cut, samples)) = cut
                && let Some((part, line)) =
                    features::executor(phase, cut, executor.as_mut(), (samples, &device), interrupt)?
            {
                keeper.observer().features(&line);
                featured = Some(part);
            }
            let history = standing.as_ref().map(|standing| standing.history.clone());
            let job = Job {
                plan: &phase.plan,
                compile: &phase.compile,
                fit: &phase.fit,
                train_samples,
                validation_samples,
                before: phases::before(&phases, index, train_samples, &history.unwrap_or_default()),
                resumed: standing.take(),
            };
            let (done, end) = match featured {
                None => train::fit(executor.as_mut(), job, &mut keeper)?,
                Some(mut part) => {
                    let done = train::fit(&mut part, job, &mut keeper)?;
                    let learned = part.memory()?;
                    executor.set_parameters(&learned.parameters)?;
                    if phases.get(index + 1).is_some_and(|next| next.goes_on) && !learned.slots.is_empty() {
                        executor.set_slots(&slices(&learned.slots))?;
                    }
                    done
                }
            };
            let next = phases.get(index + 1).filter(|_| end == End::Done);
            let Some((next, resident)) = next.zip(samples.as_ref()) else {
                break (done, end);
            };
            executor = phases::next(executor, (phase, next), &device, resident)?;
            (index, phase) = (index + 1, next);
            if index + 1 == phases.len() && features::end(phase, resident).is_none() {
                samples = None;
            }
            keeper.enter(phase);
            let begun = Standing {
                phase: index,
                history: done.history,
                ..Standing::default()
            };
            keeper.keep(executor.as_mut(), &begun, false)?;
            standing = Some(begun);
        };
        let plan = Arc::clone(&phase.plan);
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

    /// The network's answers to the samples that it is evaluated on.
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

/// An error for a GPU whose driver computes wrongly; a notice where it was checked for the first time.
fn verified(running: &Device, name: &str, listener: &dyn Listener) -> Result<()> {
    match once_for_driver(running, name)? {
        Verdict::Known => Ok(()),
        Verdict::Right(line) => {
            listener.notice(&Notice::Device(line));
            Ok(())
        }
        Verdict::Wrong(message) => Err(Error::message(message).with_help(
            "`cnnc verify --device gpu` says what is wrong; --device cpu trains on the CPU, --no-verify trains anyway",
        )),
    }
}
