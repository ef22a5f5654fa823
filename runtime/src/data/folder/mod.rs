//! Data sets of the user's own pictures: a folder with a folder for each class.

pub(crate) mod error;
pub(crate) mod fits;
mod layout;
pub(super) mod pictures;
pub(crate) mod read;
#[cfg(test)]
mod tests;
pub(crate) mod unreadable;

pub use error::FolderError;
pub use layout::{Listing, Others, list};
pub use pictures::{Pictures, Wanted, left_out};
pub use read::{Batch, read_batch, tolerated};
pub use unreadable::{Unreadable, listed};

use super::dataset::{Dataset, counts};
use super::kept::writing::read_or_keep;
use super::picture::{Form, Reading};
use super::samples::Split;
pub use super::words::some_names;
use super::words::{hex, shown, thousands};
use crate::error::Result;
use crate::random;
use compiler::shape::Shape;
use layout::{Layout, Part};
use sha2::{Digest, Sha256};
use std::path::Path;

/// The names of a folder's classes; `None` unless it is a folder of pictures.
pub(super) fn class_names(path: &Path) -> Option<Vec<String>> {
    layout::class_names(path).ok().filter(|names| names.len() > 1)
}

/// Reads a folder of pictures. The training pictures are shuffled by the seed, so that the share at the end that
/// `validation_split` takes has samples of all classes.
pub(super) fn load(name: &str, path: &Path, wanted: &Wanted<'_>) -> Result<Dataset> {
    let Layout {
        names,
        train,
        validation,
        test,
        others,
        alike,
    } = layout::layout(path)?;
    let form = Form::of(wanted.shape).ok_or_else(|| FolderError::Form {
        path: path.to_owned(),
        shape: wanted.shape.clone(),
    })?;
    let parts = [Some(&train), validation.as_ref(), test.as_ref()];
    let total = parts.into_iter().flatten().map(|part| part.files.len()).sum();
    let reading = Reading::Keras;
    let mut reader = Reader {
        wanted,
        form,
        reading,
        n_classes: names.len(),
        total,
        hash: hash_of(wanted.shape, reading, &names),
        unreadable: Vec::new(),
    };
    let order = random::folder_order(wanted.seed, train.files.len() as u32);
    let train = reader.split(&train, &order)?;
    let mut in_order = |part: Option<Part>| -> Result<Option<Split>> {
        let Some(part) = part else { return Ok(None) };
        let order: Vec<u32> = (0..part.files.len() as u32).collect();
        reader.split(&part, &order).map(Some)
    };
    let (validation, test) = (in_order(validation)?, in_order(test)?);
    let Reader { hash, unreadable, .. } = reader;
    let tolerated = tolerated(total);
    if unreadable.len() > tolerated {
        let path = path.to_owned();
        let error = FolderError::TooManyUnreadable {
            path,
            unreadable,
            total,
            tolerated,
        };
        return Err(error.into());
    }
    let held_back: Vec<&Split> = validation.iter().chain(&test).collect();
    let mut count = counts(&train, held_back.first().copied());
    if let Some(test) = held_back.get(1) {
        count.push_str(&format!(" + {}", thousands(test.len())));
    }
    let origin = format!(
        "{count} pictures of {} classes ({}) from {}, resized to {} ({})",
        thousands(names.len()),
        some_names(&names),
        shown(path),
        wanted.shape,
        reading.filter()
    );
    Ok(Dataset {
        name: name.to_owned(),
        train,
        validation,
        test,
        classes: names.len(),
        class_names: Some(names),
        origin,
        pictures: Some(Pictures {
            reading,
            sha256: hex(&hash.finalize()),
            others,
            alike,
            unreadable,
            total,
        }),
    })
}

/// Begins the fingerprint of a folder.
fn hash_of(shape: &Shape, reading: Reading, names: &[String]) -> Sha256 {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text.as_bytes());
    };
    text("pictures");
    text(&shape.to_string());
    text(reading.filter());
    for name in names {
        text(name);
    }
    hash
}

/// Reads the splits of a folder, one after another.
struct Reader<'a> {
    wanted: &'a Wanted<'a>,
    form: Form,
    reading: Reading,
    n_classes: usize,
    total: usize,
    hash: Sha256,
    unreadable: Vec<Unreadable>,
}

impl Reader<'_> {
    /// The samples of a split; `order` has indices of its files.
    fn split(&mut self, part: &Part, order: &[u32]) -> Result<Split> {
        let place = |&at: &u32| part.files.get(at as usize);
        let files: Vec<&Path> = order.iter().filter_map(place).map(|(file, _)| file.as_path()).collect();
        let watch = || (self.wanted.watch)(self.total);
        let batch = read_or_keep(&files, self.form, self.reading, &self.wanted.keeping, &watch)?;
        let mut labels = Vec::with_capacity(batch.kept.len());
        let mut digests = vec![None; order.len()];
        for (&index, digest) in batch.kept.iter().zip(batch.digests) {
            let Some(at) = order.get(index).map(|&at| at as usize) else {
                continue;
            };
            let Some((_, label)) = part.files.get(at) else { continue };
            labels.push(*label);
            if let Some(place) = digests.get_mut(at) {
                *place = Some((*label, digest));
            }
        }
        self.hash.update((labels.len() as u64).to_le_bytes());
        for (label, digest) in digests.into_iter().flatten() {
            self.hash.update(label.to_le_bytes());
            self.hash.update(digest);
        }
        self.see_that_no_class_is_empty(part, &labels, &batch.unreadable)?;
        let mut unreadable = batch.unreadable;
        unreadable.sort_by(|a, b| a.path.cmp(&b.path));
        self.unreadable.extend(unreadable);
        Ok(Split {
            shape: self.wanted.shape.clone(),
            pixels: batch.pixels,
            labels,
            targets: None,
        })
    }

    fn see_that_no_class_is_empty(&self, part: &Part, labels: &[u32], unreadable: &[Unreadable]) -> Result<()> {
        let mut seen = vec![false; self.n_classes];
        for &label in labels {
            if let Some(seen) = seen.get_mut(label as usize) {
                *seen = true;
            }
        }
        let Some(label) = seen.iter().position(|seen| !seen) else {
            return Ok(());
        };
        let mut of_class = part.files.iter().filter(|(_, of)| *of as usize == label);
        // The class's folder is the one in the split's that its files lie below.
        let folder = of_class.next().and_then(|(file, _)| {
            file.ancestors()
                .find(|folder| folder.parent() == Some(part.path.as_path()))
        });
        let path = folder.unwrap_or(&part.path).to_owned();
        let unreadable = unreadable.iter().filter(|file| file.path.starts_with(&path)).count();
        Err(FolderError::EmptyClass { path, unreadable }.into())
    }
}
