//! `cnnc run`: trains a network and writes its run directory.

use super::report::{self, Subject};
use super::session::{Purpose, Samples};
use super::{Failure, Outcome, past, session, source};
use crate::cli::RunArgs;
use crate::render::progress::{Progress, Style};
use crate::render::terminal;
use compiler::plan::Plan;
use compiler::training::compile::Compile;
use compiler::training::data::DataName;
use compiler::training::fit::Fit;
use runtime::data::{self, Dataset};
use runtime::error::{Result as RuntimeResult, RuntimeError};
use runtime::executor::{Executor, Flow, Set, Sums};
use runtime::run_directory::{History, MANIFEST, Manifest, REPORT, RunDirectory};
use runtime::train::{self, End, Job, Observer};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Set by Ctrl-C; the training loop looks at it between submissions.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Trains.
pub fn run(args: &RunArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let network = &description.network;
    let compile = network.training().map_err(|error| description.reject(*error))?.clone();
    let mut fit = network.network().fit.clone();
    fit.epochs = args.epochs.unwrap_or(fit.epochs);
    fit.batch_size = args.batch_size.unwrap_or(fit.batch_size);
    fit.seed = args.seed.unwrap_or(fit.seed);
    let plan = session::plan(&description);
    let how = (Purpose::Train, args.quiet);
    let (dataset, mut executor) =
        session::dataset_and_executor(&description, args.data.as_deref(), &args.device, &plan, &fit, how)?;
    let origin = format!("{}, {}", dataset.name, dataset.origin);
    let weights = match &args.weights {
        Some(path) => session::weights(&plan, path)?,
        None => train::initial_parameters(&plan, fit.seed),
    };
    let directory = args.out.clone().unwrap_or_else(|| Path::new("runs").join(&plan.model));
    if args.resume && !directory.join(MANIFEST).exists() {
        let message = format!("there is no run to resume in {}", directory.display());
        return Err(Failure::message(message).with_help("without --resume it is begun"));
    }
    // Before the training, not after it, and after all else that may be refused.
    let directory = RunDirectory::create(&directory)?;
    let mut manifest = manifest(&description.source.text, &plan, &fit, &dataset, executor.as_ref());
    let data = args.data.as_deref().map(data::named).map(|name| (name, Path::new("")));
    let own = fit.data.clone().map(|name| (name, description.folder()));
    manifest.data_path = data.or(own).and_then(|(name, base)| absolute(&name, base));
    let names = past::names(&dataset);
    let Samples {
        train: train_split,
        validation,
        judged,
        which,
    } = Samples::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    let (train_samples, validation_samples) = (train_split.len(), validation.as_ref().map(|split| split.len()));
    if !args.quiet {
        let split = match validation_samples {
            Some(validate) if fit.validation_split > 0.0 => format!("; {train_samples} train, {validate} validate"),
            Some(_) | None => String::new(),
        };
        terminal::say(&format!("data: {origin}{split}"));
    }
    executor.load(Set::Train, &train_split)?;
    // Where a device has its own copy, this one has done its duty.
    drop(train_split);
    if let Some(validation) = validation {
        executor.load(Set::Test, &validation)?;
    }
    let mut history = History::default();
    if args.resume {
        (history, manifest.wall_seconds) = resume(&directory, &plan, &manifest, executor.as_mut())?;
    } else {
        executor.set_parameters(&weights)?;
    }
    // A second Ctrl-C ends the program at once.
    let handler = || {
        if INTERRUPTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    };
    // A handler that cannot be set leaves the system's own, which ends the program: nothing is lost but the epoch.
    let _ = ctrlc::set_handler(handler);
    let mut keeper = Keeper {
        directory: &directory,
        plan: &plan,
        compile: &compile,
        manifest,
        style: if args.quiet { Style::Quiet } else { Style::of_terminal() },
        progress: None,
    };
    let job = Job {
        plan: &plan,
        compile: &compile,
        fit: &fit,
        train_samples,
        validation_samples,
        history,
    };
    let (history, end) = train::fit(executor.as_mut(), job, &mut keeper)?;
    if let (End::Stopped, Some(progress)) = (end, &keeper.progress) {
        progress.abandon();
    }
    // What a step left after the last whole epoch is kept too; a resumed run with nothing left to do, and one of no epochs,
    // keep what they began with.
    keeper.keep(executor.as_mut(), &history, Duration::ZERO)?;
    let subject = Subject {
        manifest: &keeper.manifest,
        history: &history,
        description: &description,
        plan: &plan,
        judged: &judged,
        which,
        names,
        interrupted: end == End::Stopped,
    };
    // The run is whole without it.
    if let Err(failure) = report::write(executor.as_mut(), subject, &directory.path().join(REPORT)) {
        terminal::say(&format!("warning: there is no report: {}", failure.words()));
    }
    match end {
        End::Done => {
            tell_end(&history, directory.path(), args.quiet);
            Ok(())
        }
        End::Stopped => {
            terminal::say(&format!(
                "interrupted after {} whole epochs; the weights as they were are in {}",
                history.epochs.len(),
                directory.path().display()
            ));
            Err(Failure::Interrupted)
        }
    }
}

/// Where the data lie, if their name is a path.
fn absolute(name: &DataName, base: &Path) -> Option<String> {
    match name {
        DataName::Known(_) => None,
        DataName::Path(path) => {
            let path = std::path::absolute(base.join(path)).ok()?;
            Some(path.display().to_string())
        }
    }
}

fn tell_end(history: &History, directory: &Path, quiet: bool) {
    let loss = history.epochs.last().and_then(|epoch| epoch.metrics.get("loss"));
    if loss.is_some_and(|loss| !loss.is_finite()) {
        terminal::say("warning: the loss is not a number any more; a lower learning_rate may help");
    }
    if !quiet {
        terminal::say(&format!("wrote {}", directory.display()));
    }
}

fn manifest(description: &str, plan: &Plan, fit: &Fit, dataset: &Dataset, executor: &dyn Executor) -> Manifest {
    Manifest {
        cnnc: env!("CARGO_PKG_VERSION").to_owned(),
        model: plan.model.clone(),
        data: dataset.name.clone(),
        data_path: None,
        data_origin: dataset.origin.clone(),
        data_sha256: dataset.fingerprint(),
        class_names: dataset.class_names.clone(),
        pictures: dataset.pictures.as_ref().map(|pictures| pictures.reading),
        seed: fit.seed,
        batch_size: fit.batch_size,
        epochs: 0,
        device: executor.device().name.clone(),
        driver: Some(executor.device().driver.clone()),
        wall_seconds: 0.0,
        weights_sha256: String::new(),
        description: description.to_owned(),
    }
}

/// Weights, optimizer and history of a run that was broken off; the run must be the same one.
fn resume(
    directory: &RunDirectory,
    plan: &Plan,
    now: &Manifest,
    executor: &mut dyn Executor,
) -> Result<(History, f64), Failure> {
    let then = directory.load_manifest()?;
    let same = [
        ("data", &then.data_sha256, &now.data_sha256),
        ("seed", &then.seed.to_string(), &now.seed.to_string()),
        ("batch size", &then.batch_size.to_string(), &now.batch_size.to_string()),
    ];
    if let Some((what, then, now)) = same.into_iter().find(|(_, then, now)| then != now) {
        return Err(RuntimeError::Mismatch {
            file: directory.path().join("run.yaml").display().to_string(),
            expected: format!("the {what} of the run to be resumed, {then}"),
            found: now.clone(),
        }
        .into());
    }
    let weights = directory.load_weights()?;
    executor.set_parameters(&train::parameters_from(plan, &weights, "")?)?;
    let slots = plan.optimizer.map(|optimizer| optimizer.slots()).unwrap_or_default();
    if !slots.is_empty() {
        let state = directory.load_optimizer()?;
        let slots: Vec<_> = slots
            .iter()
            .map(|slot| train::parameters_from(plan, &state, &format!("{slot}.")))
            .collect::<RuntimeResult<_>>()?;
        executor.set_slots(&slots)?;
    }
    Ok((directory.load_history()?, then.wall_seconds))
}

/// Draws the progress and keeps the files.
struct Keeper<'a> {
    directory: &'a RunDirectory,
    plan: &'a Plan,
    compile: &'a Compile,
    manifest: Manifest,
    style: Style,
    progress: Option<Progress>,
}

impl Keeper<'_> {
    fn keep(&mut self, executor: &mut dyn Executor, history: &History, took: Duration) -> RuntimeResult<()> {
        let parameters = executor.parameters()?;
        let none = BTreeMap::new();
        let weights = train::tensors_of(self.plan, &parameters, "");
        self.manifest.weights_sha256 = self.directory.save_weights(&weights, &none)?;
        let names = self
            .plan
            .optimizer
            .map(|optimizer| optimizer.slots())
            .unwrap_or_default();
        if !names.is_empty() {
            let slots = executor.slots()?;
            let named = names.iter().zip(&slots);
            let state: Vec<_> = named
                .flat_map(|(name, slot)| train::tensors_of(self.plan, slot, &format!("{name}.")))
                .collect();
            self.directory.save_optimizer(&state, &none)?;
        }
        self.directory.save_history(history)?;
        self.manifest.epochs = history.epochs.len();
        self.manifest.wall_seconds += took.as_secs_f64();
        self.directory.save_manifest(&self.manifest)
    }
}

impl Observer for Keeper<'_> {
    fn begin_epoch(&mut self, epoch: usize, n_epochs: usize, n_steps: usize) {
        self.progress = Some(Progress::begin(self.style, epoch, n_epochs, n_steps));
    }

    fn progress(&mut self, sums: &Sums) -> Flow {
        if let Some(progress) = &mut self.progress {
            let mut metrics = BTreeMap::new();
            train::report(&mut metrics, "", self.compile, sums);
            progress.update(sums.steps, &metrics.into_iter().collect::<Vec<_>>());
        }
        if INTERRUPTED.load(Ordering::SeqCst) {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }

    fn end_epoch(&mut self, executor: &mut dyn Executor, history: &History, took: Duration) -> RuntimeResult<()> {
        if let (Some(progress), Some(epoch)) = (&self.progress, history.epochs.last()) {
            // Keras sorts the names, those of validation after the others.
            let mut metrics: Vec<_> = epoch
                .metrics
                .iter()
                .map(|(name, value)| (name.clone(), *value))
                .collect();
            metrics.sort_by_key(|(name, _)| (name.starts_with("val_"), name.clone()));
            progress.end(&metrics);
        }
        self.keep(executor, history, took)
    }
}
