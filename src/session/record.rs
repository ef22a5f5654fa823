//! What `run.yaml` says of a run before it begins: what is run, and where its data are.

use super::examine::Description;
use super::samples::Data;
use compiler::plan::Plan;
use compiler::training::data::DataName;
use compiler::training::fit::Fit;
use runtime::data::{self, Dataset};
use runtime::executor::Executor;
use runtime::run_directory::Manifest;
use std::path::{Path, PathBuf};

/// The absolute path of the data, if they were given by a path.
pub(super) fn absolute_path(description: &Description, data: &Data) -> Option<String> {
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

/// The absolute path of the validation data, if the description names them.
pub(super) fn validation_path(description: &Description, data: &Data) -> Option<String> {
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

/// The folder that relative paths of tables and masks start from, if the description has any.
pub(super) fn description_folder(description: &Description) -> Option<String> {
    let loading = description.network.network().fit.loading.as_ref()?;
    let mut parts = std::iter::once(&loading.train).chain(&loading.validation);
    if !parts.any(|files| files.table.is_some() || files.masks.is_some()) {
        return None;
    }
    // A description without a folder lies in the current one.
    let folder = Path::new(".").join(description.folder());
    Some(std::path::absolute(folder).ok()?.display().to_string())
}

/// The manifest of a run that is about to begin.
pub(super) fn manifest(
    description: &str,
    plan: &Plan,
    fit: &Fit,
    dataset: &Dataset,
    executor: &dyn Executor,
) -> Manifest {
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
        phase: None,
        phases: Vec::new(),
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
