//! A past run, with what is needed to run its network again.

use super::error::{Error, Result};
use super::examine::{Description, examine_text};
use super::executor::{self, Purpose};
use super::judge::{Judged, judge};
use super::listener::{Listener, Notice};
use super::phases;
use super::samples::{self, Data, Samples};
use compiler::plan::Plan;
use compiler::training::fit::Fit;
use runtime::data::Dataset;
use runtime::executor::Executor;
use runtime::run_directory::{History, MANIFEST, Manifest, RunDirectory, Taken};
use std::path::Path;
use std::sync::Arc;

/// What a run directory holds.
pub struct PastRun {
    /// The directory, to read further files from.
    pub directory: RunDirectory,
    /// What was run, with which data and on which device.
    pub manifest: Manifest,
    /// The description as it was when the run began; its network is that of the last phase that the run came to.
    pub description: Description,
    /// The plan of that phase.
    pub plan: Arc<Plan>,
    /// The settings of that phase, including those of the command line.
    pub fit: Fit,
}

impl PastRun {
    /// Reads the manifest in a run directory and checks the description in it.
    ///
    /// # Errors
    /// When there is no run, or its description is no longer valid.
    pub fn open(path: &Path) -> Result<Self> {
        let directory = RunDirectory::at(path);
        let manifest = directory.load_manifest()?;
        let mut description = examine_text(&path.join(MANIFEST), &manifest.description).into_description()?;
        let fits = phases::recorded(&description.network, &manifest);
        let phase = manifest.phase_index().min(fits.len().saturating_sub(1));
        description.network = description.network.phase(phase);
        let plan = description.plan();
        let mut fit = fits.into_iter().nth(phase).unwrap_or_default();
        // What is drawn from it is drawn once for all phases: which pictures are held back, and their order.
        fit.seed = manifest.seed;
        Ok(Self {
            directory,
            manifest,
            description,
            plan,
            fit,
        })
    }

    /// The title for drawings and reports: `lenet on CIFAR-10`.
    pub fn title(&self) -> String {
        format!("{} on {}", self.manifest.model, samples::title(&self.manifest.data))
    }

    /// How far the run came: `after 3 epochs`.
    pub fn epochs(&self) -> String {
        let epochs = self.manifest.epochs;
        format!("after {epochs} epoch{}", if epochs == 1 { "" } else { "s" })
    }

    /// The data that the run was trained on, and no others.
    ///
    /// # Errors
    /// When they are no longer there, or have changed.
    pub fn dataset(&self, given: Option<&str>, listener: &dyn Listener) -> Result<Dataset> {
        let manifest = &self.manifest;
        let name = given.or(manifest.data_path.as_deref()).unwrap_or(&manifest.data);
        let data = match given {
            Some(given) => Data::Named(given.to_owned()),
            None => Data::Past {
                name: name.to_owned(),
                validation: manifest.validation_path.clone(),
                base: manifest.description_folder.clone(),
            },
        };
        let dataset = samples::load(&self.description, data, self.fit.seed, listener)?;
        let found = dataset.fingerprint();
        if found != manifest.data_sha256 {
            let message = format!(
                "{name} is not what the run in {} was trained on: its sha256 is {}, and was {} then",
                self.directory.path().display(),
                short(&found),
                short(&manifest.data_sha256)
            );
            return Err(Error::message(message).with_help(format!(
                "--data names the data of the run: {}, {}",
                manifest.data, manifest.data_origin
            )));
        }
        Ok(dataset)
    }

    /// An executor with the trained weights.
    ///
    /// # Errors
    /// When the weights cannot be read, or there is no such device.
    pub fn executor(&self, device: &str, purpose: Purpose, listener: &dyn Listener) -> Result<Box<dyn Executor>> {
        let weights = self.directory.load_parameters(&self.plan, &self.manifest)?;
        let weights = taken(weights, listener);
        let mut executor = executor::executor(device, &self.plan, &self.fit, purpose, listener)?;
        executor.set_parameters(&weights)?;
        Ok(executor)
    }

    /// The metrics of every epoch, in order.
    ///
    /// # Errors
    /// When the file cannot be read, or is not the one that the run recorded.
    pub fn history(&self, listener: &dyn Listener) -> Result<History> {
        let history = self.directory.recorded_history(&self.plan, &self.manifest)?;
        Ok(taken(history, listener))
    }

    /// The answers of the trained network to the split that it is evaluated on; `data` says where the run's data are now.
    ///
    /// # Errors
    /// When the data or the weights are no longer there, or there is no such device.
    pub fn judged(&self, data: Option<&str>, device: &str, listener: &dyn Listener) -> Result<Judged> {
        let dataset = self.dataset(data, listener)?;
        let names = samples::class_names(&dataset);
        let Samples { judged, which, .. } = Samples::of(
            dataset.train,
            dataset.validation,
            dataset.test,
            self.fit.validation_split,
        )?;
        let mut executor = self.executor(device, Purpose::Infer, listener)?;
        judge(executor.as_mut(), &self.description.network, &judged, which, names)
    }
}

/// The value that was read; a warning says where it was not read from the file that one would expect.
pub fn taken<T>(taken: Taken<T>, listener: &dyn Listener) -> T {
    if let Some(note) = taken.note {
        listener.notice(&Notice::Warning(format!("warning: {note}")));
    }
    taken.value
}

/// The first digits of a checksum, enough to tell two apart.
fn short(sha256: &str) -> String {
    format!("{}\u{2026}", sha256.get(..12).unwrap_or(sha256))
}
