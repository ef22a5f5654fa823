//! Pictures whose folders are their classes.

use super::entry::{Entry, Found};
use crate::data::MAX_CLASSES;
use crate::data::folder::{self, FolderError, Listing, Others};
use crate::error::{Result, RuntimeError};
use compiler::training::loading::{LabelMode, Loader, PictureFiles};
use std::fs;
use std::path::{Path, PathBuf};

/// The names of the classes in a loader's folder; the pictures are not looked for.
pub(super) fn class_names(files: &PictureFiles, folder: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let refused = |cause| RuntimeError::file("read the folder", folder, cause);
    for entry in fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let name = path.file_name().unwrap_or_default();
        if !path.is_dir() || name.as_encoded_bytes().starts_with(b".") || name == "__MACOSX" {
            continue;
        }
        let name = name.to_str().map(str::to_owned);
        found.push(name.ok_or(FolderError::Name { path })?);
    }
    found.sort();
    let Some(wanted) = &files.class_names else {
        return Ok(found);
    };
    if let Some(class) = wanted.iter().find(|class| !found.contains(class)) {
        let (path, class) = (folder.to_owned(), class.clone());
        return Err(FolderError::NoSuchClass { path, class, found }.into());
    }
    Ok(wanted.clone())
}

/// The pictures of each class in the order of their paths; where the loader wants no classes, all in one group.
pub(super) fn listed(files: &PictureFiles, folder: &Path) -> Result<Found> {
    let names = if files.label_mode.are_classes() {
        Some(class_names(files, folder)?)
    } else {
        None
    };
    let (groups, others) = grouped(files, folder, names.as_deref())?;
    let labelled = |(files, label): (Vec<PathBuf>, u32)| {
        let entry = |path| Entry {
            path,
            label,
            target: Vec::new(),
        };
        files.into_iter().map(entry).collect()
    };
    Ok(Found {
        groups: groups.into_iter().zip(0_u32..).map(labelled).collect(),
        names,
        others,
        unreadable: Vec::new(),
        notes: Vec::new(),
    })
}

fn grouped(files: &PictureFiles, folder: &Path, names: Option<&[String]>) -> Result<(Vec<Vec<PathBuf>>, Others)> {
    let mut others = Others::new();
    // Keras's lists of endings have no WebP, and the generator's has no GIF.
    let foreign: &[&str] = match files.loader {
        Loader::ImageDatasetFromDirectory => &["webp"],
        Loader::FlowFromDirectory => &["webp", "gif"],
    };
    let mut of_keras = |listing: Listing| -> Vec<PathBuf> {
        for (ending, count) in listing.others {
            *others.entry(ending).or_default() += count;
        }
        let ending = |path: &PathBuf| Some(path.extension()?.to_str()?.to_lowercase());
        let (left, kept): (Vec<_>, Vec<_>) = (listing.files.into_iter())
            .partition(|path| ending(path).is_some_and(|ending| foreign.contains(&ending.as_str())));
        for ending in left.iter().filter_map(ending) {
            *others.entry(format!(".{ending}")).or_default() += 1;
        }
        kept
    };
    let path = folder.to_owned();
    let Some(names) = names else {
        let all = of_keras(folder::list(folder)?);
        if all.is_empty() {
            return Err(RuntimeError::UnknownFolder { path });
        }
        return Ok((vec![all], others));
    };
    if names.len() > MAX_CLASSES {
        let count = names.len();
        return Err(FolderError::TooManyClasses { path, count }.into());
    }
    if files.label_mode == LabelMode::Binary && names.len() != 2 {
        let names = names.to_vec();
        return Err(FolderError::NotTwoClasses { path, names }.into());
    }
    let mut classes = Vec::with_capacity(names.len());
    for name in names {
        classes.push(of_keras(folder::list(&folder.join(name))?));
    }
    if classes.iter().all(Vec::is_empty) {
        return Err(
            match folder::list(folder)?.files.first().and_then(|file| file.file_name()) {
                Some(example) => {
                    let example = example.to_string_lossy().into_owned();
                    FolderError::NoClasses { path, example }.into()
                }
                None => RuntimeError::UnknownFolder { path },
            },
        );
    }
    let empty = classes.iter().zip(names).find(|(files, _)| files.is_empty());
    if let Some((_, name)) = empty {
        let path = folder.join(name);
        return Err(FolderError::EmptyClass { path, unreadable: 0 }.into());
    }
    Ok((classes, others))
}
