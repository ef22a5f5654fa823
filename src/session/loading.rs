//! Data sets that a description reads by loaders; errors have their place in the text.

use super::error::{Error, Result};
use super::examine::Description;
use super::listener::{Listener, Notice};
use compiler::numbers::thousands;
use compiler::training::loading::{LabelMode, Loading, PictureFiles};
use grammar::diagnostic::Diagnostic;
use runtime::data::folder::{self, FolderError};
use runtime::data::{Dataset, Ends, Keeping, Loaded, Pictures, Reading};
use runtime::error::RuntimeError;
use runtime::loading::{self, LoadingError, Part, Places};
use std::path::{Path, PathBuf};

/// The folders that the loaders of a description read.
pub(super) struct Folders {
    /// The folder of the samples to train on.
    pub train: PathBuf,
    /// The folder of the samples to validate on; `None` leaves out the description's.
    pub validation: Option<PathBuf>,
    /// The folder that relative paths of tables and of folders of masks start from.
    pub base: PathBuf,
    /// The name of the data set.
    pub name: String,
}

impl Folders {
    /// The folders that the description names.
    pub(super) fn described(loading: &Loading, base: &Path) -> Self {
        let at = |files: &PictureFiles| base.join(&files.directory);
        Self {
            train: at(&loading.train),
            validation: loading.validation.as_ref().map(at),
            base: base.to_owned(),
            name: loading.train.directory.clone(),
        }
    }

    /// Other folders than the description's. Two subsets of one folder are moved together; a second folder is left out, with a
    /// notice. Tables and masks stay in `base`, the folder of the description.
    pub(super) fn moved(loading: &Loading, to: &str, base: &Path, listener: &dyn Listener) -> Self {
        let validation = loading.validation.as_ref();
        let together = validation.is_some_and(|files| files.directory == loading.train.directory);
        if let Some(files) = validation.filter(|_| !together) {
            listener.notice(&Notice::Warning(format!(
                "left out {}, which the description validates with, because other data were given",
                files.directory
            )));
        }
        Self {
            train: PathBuf::from(to),
            validation: together.then(|| PathBuf::from(to)),
            base: base.to_owned(),
            name: to.to_owned(),
        }
    }
}

/// Reads what the loaders ask for.
///
/// # Errors
/// When a folder does not exist or is not as the loader needs it; the error is at the loader's place in the text.
pub(super) fn load(
    description: &Description,
    loading: &Loading,
    folders: &Folders,
    seed: u64,
    listener: &dyn Listener,
) -> Result<Dataset> {
    let read = |files: &PictureFiles, folder: &Path| {
        let places = Places {
            folder: folder.to_owned(),
            base: folders.base.clone(),
            keeping: Keeping::usual(),
        };
        let read = loading::read(files, &places, seed, &|total| listener.picture_read(total));
        listener.pictures_done();
        read.map_err(|error| at_its_place(description, files, &error))
    };
    let mut train = read(&loading.train, &folders.train)?;
    let mut validation = match loading.validation.as_ref().zip(folders.validation.as_deref()) {
        Some((files, folder)) => Some(read(files, folder)?),
        None => None,
    };
    if let (LabelMode::MultiOutput, Some(ends)) = (loading.train.label_mode, Ends::of(&description.network)) {
        let parts = std::iter::once(&mut train).chain(&mut validation);
        for (part, files) in parts.zip(std::iter::once(&loading.train).chain(&loading.validation)) {
            let columns = files.table.as_ref().map_or(&[][..], |table| &table.y_col);
            let targets = part.split.targets.take();
            let targets = targets.map(|targets| ends.of_columns(columns, &targets)).transpose();
            part.split.targets = targets.map_err(|error| at_its_place(description, files, &error))?;
        }
    }
    if let (Some(validation), Some(files)) = (&validation, &loading.validation)
        && let Some(error) = other_classes(&train, validation, folders)
    {
        return Err(at_its_place(description, files, &error.into()));
    }
    let notes = train.notes.iter().chain(validation.iter().flat_map(|part| &part.notes));
    for line in notes {
        listener.notice(&Notice::Warning(line.clone()));
    }
    let dataset = dataset(loading, folders, train, validation);
    for line in dataset.pictures.iter().flat_map(Pictures::warnings) {
        listener.notice(&Notice::Warning(line));
    }
    Ok(dataset)
}

/// An error where the validation data have other classes: labels are indices in the list of classes, which must be the same.
fn other_classes(train: &Part, validation: &Part, folders: &Folders) -> Option<FolderError> {
    let (Some(trained), Some(found)) = (&train.class_names, &validation.class_names) else {
        return None;
    };
    let without = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter().filter(|name| !other.contains(name)).cloned().collect()
    };
    (trained != found).then(|| FolderError::ClassesDiffer {
        train: folders.train.clone(),
        split: folders.validation.clone().unwrap_or_default(),
        missing: without(trained, found),
        added: without(found, trained),
    })
}

fn dataset(loading: &Loading, folders: &Folders, train: Part, validation: Option<Part>) -> Dataset {
    let reading = Reading::Loaded(Loaded::from(&loading.train));
    let sha256 = loading::fingerprint([Some(&train), validation.as_ref()].into_iter().flatten());
    let mut others = train.others;
    let mut unreadable = train.unreadable;
    let mut total = train.total;
    let mut count = thousands(train.split.len());
    let validation = validation.map(|part| {
        count.push_str(&format!(" + {}", thousands(part.split.len())));
        total += part.total;
        unreadable.extend(part.unreadable);
        // Two subsets of one folder meet the same files that are no pictures.
        if folders.validation.as_ref() != Some(&folders.train) {
            for (ending, count) in part.others {
                *others.entry(ending).or_default() += count;
            }
        }
        part.split
    });
    let mode = loading.train.label_mode;
    let what = match &train.class_names {
        Some(names) => format!(
            "pictures of {} {} ({})",
            thousands(names.len()),
            if mode.are_classes() { "classes" } else { "labels" },
            folder::some_names(names)
        ),
        None => match mode {
            LabelMode::Float | LabelMode::MultiOutput | LabelMode::Masks => format!("pictures with {}", mode.what()),
            LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::MultiHot | LabelMode::None => {
                "pictures".to_owned()
            }
        },
    };
    let class_names = train.class_names.filter(|_| mode.are_classes());
    let origin = format!(
        "{count} {what} from {}, {}",
        folders.train.display(),
        loading.train.words()
    );
    Dataset {
        name: folders.name.clone(),
        train: train.split,
        validation,
        test: None,
        classes: class_names.as_ref().map_or(1, Vec::len),
        class_names,
        origin,
        pictures: Some(Pictures {
            reading,
            sha256,
            others,
            alike: Vec::new(),
            unreadable,
            total,
        }),
    }
}

/// The error at the loader that caused it. Errors about missing folders stay as they are, so that a caller can do without these
/// data.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else keeps a folder from being read lies in the folder"
)]
fn at_its_place(description: &Description, files: &PictureFiles, error: &RuntimeError) -> Error {
    let argument = match error {
        RuntimeError::Split { .. } => "validation_split",
        RuntimeError::Folder(FolderError::NoSuchClass { .. }) => files.names_argument(),
        RuntimeError::Folder(FolderError::NotTwoClasses { .. })
        | RuntimeError::Loading(LoadingError::NotTwoClasses { .. }) => files.label_argument(),
        RuntimeError::Loading(error) => match error {
            LoadingError::NoColumn { of_files: true, .. } => "x_col",
            LoadingError::NoColumn { .. } => "y_col",
            LoadingError::NoRows { filtered: true, .. } => files.names_argument(),
            LoadingError::NoMasks { .. }
            | LoadingError::NoMask { .. }
            | LoadingError::TwoMasks { .. }
            | LoadingError::Mask { .. } => "masks",
            LoadingError::Table { .. }
            | LoadingError::Cell { .. }
            | LoadingError::NoRows { .. }
            | LoadingError::NotTwoClasses { .. }
            | LoadingError::TooManyClasses { .. } => files.table_argument(),
        },
        RuntimeError::Folder(FolderError::Form { .. } | FolderError::Memory { .. }) => files.size_argument(),
        _ => "directory",
    };
    let diagnostic =
        Diagnostic::error("E0512", "this data set cannot be read").at(files.span_of(argument), error.to_string());
    description.reject(match error.help() {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    })
}
