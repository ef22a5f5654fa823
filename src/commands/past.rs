//! A run that is over, with what it takes to ask its network again.

use super::Failure;
use super::judge::{Judged, judge};
use super::session::{self, Purpose, Samples};
use super::show::data;
use super::source::{self, Description};
use crate::cli::PastRunArgs;
use compiler::plan::Plan;
use compiler::training::fit::Fit;
use runtime::data::Dataset;
use runtime::executor::Executor;
use runtime::run_directory::{MANIFEST, Manifest, RunDirectory};
use runtime::train;
use std::sync::Arc;

/// What a run directory says.
pub struct PastRun {
    /// The directory.
    pub directory: RunDirectory,
    /// What was run.
    pub manifest: Manifest,
    /// The description, as it was then.
    pub description: Description,
    /// Its plan.
    pub plan: Arc<Plan>,
    /// Its settings, those of the command line included.
    pub fit: Fit,
}

impl PastRun {
    /// Reads the manifest and checks the description in it.
    pub fn open(args: &PastRunArgs) -> Result<Self, Failure> {
        let directory = RunDirectory::at(&args.run);
        let manifest = directory.load_manifest()?;
        let description = source::of_text(&args.run.join(MANIFEST), &manifest.description)?;
        let plan = session::plan(&description);
        let mut fit = description.network.network().fit.clone();
        fit.batch_size = manifest.batch_size;
        fit.seed = manifest.seed;
        Ok(Self {
            directory,
            manifest,
            description,
            plan,
            fit,
        })
    }

    /// `lenet on CIFAR-10`
    pub fn title(&self) -> String {
        format!("{} on {}", self.manifest.model, data::named(&self.manifest.data))
    }

    /// `after 3 epochs`
    pub fn epochs(&self) -> String {
        let epochs = self.manifest.epochs;
        format!("after {epochs} epoch{}", if epochs == 1 { "" } else { "s" })
    }

    /// The data of the run, and no others.
    ///
    /// # Errors
    /// When they are not there any more, or are not the same.
    pub fn dataset(&self, given: Option<&str>) -> Result<Dataset, Failure> {
        let manifest = &self.manifest;
        let name = given.or(manifest.data_path.as_deref()).unwrap_or(&manifest.data);
        let dataset = session::seeded_dataset(&self.description, Some(name), self.fit.seed, true)?;
        let found = dataset.fingerprint();
        if found != manifest.data_sha256 {
            let message = format!(
                "{name} is not what the run in {} had: its sha256 is {}, then it was {}",
                self.directory.path().display(),
                short(&found),
                short(&manifest.data_sha256)
            );
            return Err(Failure::message(message).with_help(format!(
                "--data names the data of the run: {}, {}",
                manifest.data, manifest.data_origin
            )));
        }
        Ok(dataset)
    }

    /// An executor that has the trained weights.
    pub fn executor(&self, device: &str, purpose: Purpose) -> Result<Box<dyn Executor>, Failure> {
        let weights = train::parameters_from(&self.plan, &self.directory.load_weights()?, "")?;
        let mut executor = session::executor(device, &self.plan, &self.fit, purpose, true)?;
        executor.set_parameters(&weights)?;
        Ok(executor)
    }

    /// What the trained network says of the split that it is judged by.
    pub fn judged(&self, args: &PastRunArgs) -> Result<Judged, Failure> {
        let dataset = self.dataset(args.data.as_deref())?;
        let names = names(&dataset);
        let Samples { judged, which, .. } = Samples::of(
            dataset.train,
            dataset.validation,
            dataset.test,
            self.fit.validation_split,
        )?;
        let mut executor = self.executor(&args.device, Purpose::Infer)?;
        judge(executor.as_mut(), &self.description.network, &judged, which, names)
    }
}

/// The names of all classes: numbers where they have no other.
pub fn names(dataset: &Dataset) -> Vec<String> {
    let known = dataset.class_names.clone().unwrap_or_default();
    let numbers = (known.len()..dataset.classes).map(|class| class.to_string());
    known.iter().cloned().chain(numbers).collect()
}

/// Enough of a checksum to tell two apart.
fn short(sha256: &str) -> String {
    format!("{}\u{2026}", sha256.get(..12).unwrap_or(sha256))
}
