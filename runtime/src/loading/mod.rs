//! Data sets that a description reads by one of Keras's loaders: which files, in which subset, with which labels.

mod chosen;
mod entry;
pub(crate) mod error;
mod folders;
mod masks;
mod places;
mod table;

pub use error::LoadingError;
pub use places::Places;

use crate::data::folder::{FolderError, Others, Unreadable, tolerated};
use crate::data::kept::writing::read_or_keep;
use crate::data::words::hex;
use crate::data::{Form, Loaded, Reading, Split, Targets};
use crate::error::{Result, RuntimeError};
use chosen::chosen;
use compiler::shape::Shape;
use compiler::training::loading::PictureFiles;
use entry::Entry;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The data that a loader has read.
#[derive(Debug)]
pub struct Part {
    /// The samples, in the loader's order.
    pub split: Split,
    /// The names of the classes or, where a picture may have several labels, of the labels; `None` without either.
    pub class_names: Option<Vec<String>>,
    /// The SHA-256 of labels and files in the order of their paths, and of how they were read.
    pub sha256: [u8; 32],
    /// The number of files that are not pictures, by extension.
    pub others: Others,
    /// The pictures that were left out, since they cannot be read, or a table names them and they do not exist.
    pub unreadable: Vec<Unreadable>,
    /// How many pictures there were to read.
    pub total: usize,
    /// What else the user should know, a line each.
    pub notes: Vec<String>,
}

/// The names of the classes of a loader's data set, without looking at its pictures; `None` where it has no classes.
///
/// # Errors
/// When the folder or the table cannot be read.
pub fn class_names(files: &PictureFiles, places: &Places) -> Result<Option<Vec<String>>> {
    match &files.table {
        Some(table) => table::class_names(files, table, &places.base),
        None if files.label_mode.are_classes() => folders::class_names(files, &places.folder).map(Some),
        None => Ok(None),
    }
}

/// Reads what a loader asks for. `seed` decides the order where the loader has no seed of its own; `watch` is called for every
/// picture with the number of all, from any thread.
///
/// # Errors
/// When the folder or the table does not exist, a class or the subset has no picture, more pictures cannot be read than may be
/// left out, or a table or a mask does not hold what the loader asks for.
pub fn read(files: &PictureFiles, places: &Places, seed: u64, watch: &(dyn Fn(usize) + Sync)) -> Result<Part> {
    let folder = &places.folder;
    if !folder.is_dir() {
        return Err(RuntimeError::NoSuchData { path: folder.clone() });
    }
    let mut found = match &files.table {
        Some(table) => table::listed(files, table, places)?,
        None => folders::listed(files, folder)?,
    };
    let missing = found.unreadable.len();
    let chosen = chosen(files, std::mem::take(&mut found.groups), seed)?;
    let (shape, total) = (files.shape(), chosen.len() + missing);
    let form = Form::of(&shape).ok_or_else(|| FolderError::Form {
        path: folder.clone(),
        shape: shape.clone(),
    })?;
    let masks = match &files.masks {
        Some(masks) => Some(masks::Matched::of(masks, &chosen, places)?),
        None => None,
    };
    let how = Loaded::from(files);
    let paths: Vec<&Path> = chosen.iter().map(|entry| entry.path.as_path()).collect();
    let batch = read_or_keep(&paths, form, Reading::Loaded(how), &places.keeping, &|| watch(total))?;
    let most = tolerated(total);
    found.unreadable.extend(batch.unreadable);
    if found.unreadable.len() > most || batch.kept.is_empty() {
        let error = FolderError::TooManyUnreadable {
            path: folder.clone(),
            unreadable: found.unreadable,
            total,
            tolerated: most,
        };
        return Err(error.into());
    }
    let kept: Vec<&Entry> = batch.kept.iter().filter_map(|&index| chosen.get(index)).collect();
    let mut hash = start(&shape, how, found.names.as_deref());
    let targets = match (&masks, files.target_shape()) {
        (Some(masks), Some(shape)) => {
            let read = masks.read(files, &shape, &batch.kept, &batch.sizes)?;
            hash.update(read.sha256);
            Some(Targets {
                shape,
                values: read.values,
            })
        }
        (None, _) => of_numbers(&kept),
        (Some(_), None) => None,
    };
    let mut digests: Vec<(&Entry, [u8; 32])> = kept.iter().copied().zip(batch.digests).collect();
    digests.sort_by(|(one, _), (other, _)| (&one.path, one.label).cmp(&(&other.path, other.label)));
    for (entry, digest) in digests {
        hash.update(entry.label.to_le_bytes());
        for value in &entry.target {
            hash.update(value.to_le_bytes());
        }
        hash.update(digest);
    }
    Ok(Part {
        split: Split {
            shape,
            pixels: batch.pixels,
            labels: kept.iter().map(|entry| entry.label).collect(),
            targets,
        },
        class_names: found.names,
        sha256: hash.finalize().into(),
        others: found.others,
        unreadable: found.unreadable,
        total,
        notes: found.notes,
    })
}

/// The numbers that are the targets of entries; `None` where entries have none.
fn of_numbers(kept: &[&Entry]) -> Option<Targets> {
    let width = kept.first()?.target.len();
    (width > 0).then(|| Targets {
        shape: Shape::flat(width),
        values: kept.iter().flat_map(|entry| entry.target.iter().copied()).collect(),
    })
}

/// The SHA-256, in hex, of everything that was read.
pub fn fingerprint<'a>(parts: impl Iterator<Item = &'a Part>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.sha256);
    }
    hex(&hash.finalize())
}

fn start(shape: &Shape, how: Loaded, names: Option<&[String]>) -> Sha256 {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    text("loaded pictures");
    text(&shape.to_string());
    text(&format!("{how:?}"));
    for name in names.into_iter().flatten() {
        text(name);
    }
    hash
}
