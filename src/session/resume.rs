//! Resumes a run that was interrupted, or that is to have more epochs.

use super::error::{Error, Result};
use super::examine::{Description, examine_text};
use super::listener::{Listener, Notice};
use super::phases::{self, Phase};
use compiler::training::fit::Fit;
use runtime::data::Dataset;
use runtime::error::RuntimeError;
use runtime::executor::Device;
use runtime::run_directory::{Identity, MANIFEST, Manifest, OpenRun, RunDirectory, State};
use std::path::Path;

/// A run that is resumed.
pub(super) struct Resumed {
    /// Its directory, which nobody else writes to now.
    pub(super) run: OpenRun,
    /// What its `run.yaml` says of the last commit.
    pub(super) manifest: Manifest,
    /// The state that it continues from.
    pub(super) state: State<'static>,
}

/// Takes up the run in a directory, if it has the same description and settings, except for the number of epochs. No data are
/// read for that; [`Resumed::same_data`] compares them.
pub(super) fn open(directory: &Path, description: &Description, phases: &[Phase]) -> Result<Resumed> {
    if !RunDirectory::at(directory).has_run() {
        let message = format!("there is no run to resume in {}", directory.display());
        return Err(Error::message(message).with_help("start it without --resume"));
    }
    let mut run = OpenRun::create(directory)?;
    let manifest = run.directory().load_manifest()?;
    if manifest.state.is_some() {
        same_description(directory, &manifest, description, phases)?;
    }
    let Some(phase) = phases.get(manifest.phase_index()) else {
        return Err(RuntimeError::Mismatch {
            file: directory.join(MANIFEST).display().to_string(),
            expected: format!("a phase from 1 to {}", phases.len()),
            found: (manifest.phase_index() + 1).to_string(),
        }
        .into());
    };
    let state = run.resume(&phase.plan, &manifest)?;
    Ok(Resumed { run, manifest, state })
}

/// An error where the description differs from the run's own copy of it; it names the first difference.
fn same_description(directory: &Path, then: &Manifest, description: &Description, phases: &[Phase]) -> Result<()> {
    let fits: Vec<Fit> = phases.iter().map(|phase| phase.fit.clone()).collect();
    let now = Identity::of(&description.network, &fits)?;
    if then.description_sha256 == Some(now.sha256()) {
        return Ok(());
    }
    let path = directory.join(MANIFEST);
    let recorded = examine_text(&path, &then.description).into_description()?;
    let was = Identity::of(&recorded.network, &phases::recorded(&recorded.network, then))?;
    Err(match was.difference(&now) {
        Some(found) => RuntimeError::AnotherRun {
            path: directory.to_owned(),
            what: found.what,
            then: found.then,
            now: found.now,
        },
        // The text was changed after it was signed, or another version of this program signed it.
        None => RuntimeError::Mismatch {
            file: path.display().to_string(),
            expected: format!(
                "a description of the sha256 {}, by cnnc {}",
                then.description_sha256.as_deref().unwrap_or("that is missing"),
                then.cnnc
            ),
            found: was.sha256(),
        },
    }
    .into())
}

impl Resumed {
    /// An error where the data are not those of the run.
    pub(super) fn same_data(&self, dataset: &Dataset) -> Result<()> {
        let found = dataset.fingerprint();
        if found == self.manifest.data_sha256 {
            return Ok(());
        }
        Err(RuntimeError::AnotherRun {
            path: self.run.path().to_owned(),
            what: format!("the sha256 of its data ({})", self.manifest.data),
            then: self.manifest.data_sha256.clone(),
            now: format!("{found} ({})", dataset.name),
        }
        .into())
    }

    /// Gives a notice of differences that are allowed.
    pub(super) fn tell_differences(&self, device: &Device, listener: &dyn Listener) {
        let then = &self.manifest;
        let driver = then.driver.as_deref().unwrap_or_default();
        if then.device != device.name || instructions(driver) != instructions(&device.driver) {
            listener.notice(&Notice::Warning(format!(
                "warning: the run was on {} ({driver}) so far; on another device its numbers may differ in their last bits",
                then.device
            )));
        }
        if then.cnnc != env!("CARGO_PKG_VERSION") {
            listener.notice(&Notice::Warning(format!(
                "warning: the run was made by cnnc {} so far; with another version its numbers may differ in their last bits",
                then.cnnc
            )));
        }
    }
}

/// A driver's name without the number of threads, which does not change any bits.
fn instructions(driver: &str) -> &str {
    match driver.rsplit_once(", ") {
        Some((instructions, threads)) if threads.ends_with(" thread") || threads.ends_with(" threads") => instructions,
        Some(_) | None => driver,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_make_no_other_device() {
        assert_eq!(instructions("AVX2, 2 threads"), instructions("AVX2, 1 thread"));
        assert_ne!(instructions("AVX2, 2 threads"), instructions("AVX-512, 2 threads"));
        assert_eq!(instructions("Vulkan llvmpipe, Mesa 25"), "Vulkan llvmpipe, Mesa 25");
    }
}
