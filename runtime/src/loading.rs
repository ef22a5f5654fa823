//! Data sets that a description reads by one of Keras's loaders: which files, in which subset, as which labels.

use crate::data::folder::{self, FolderError, Listing, Others, Unreadable, read_batch, tolerated};
use crate::data::words::hex;
use crate::data::{Form, Loaded, MAX_CLASSES, Reading, Split};
use crate::error::{Result, RuntimeError};
use crate::numpy;
use compiler::shape::Shape;
use compiler::training::loading::{LabelMode, Loader, PictureFiles, Share, Subset};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// What a loader has read.
#[derive(Debug)]
pub struct Part {
    /// The samples, in the loader's order.
    pub split: Split,
    /// The classes' names; none where there are no labels.
    pub class_names: Option<Vec<String>>,
    /// The sha256 of labels and files in the order of their paths, and of how they are read.
    pub sha256: [u8; 32],
    /// Files that are no pictures.
    pub others: Others,
    /// Pictures that cannot be read and are left out.
    pub unreadable: Vec<Unreadable>,
    /// How many pictures there were to read.
    pub total: usize,
}

/// A file and its class.
type File = (PathBuf, u32);

/// What the classes of a loader's folder are called, without a look at their pictures; none where there are no labels.
///
/// # Errors
/// When the folder cannot be read.
pub fn class_names(files: &PictureFiles, folder: &Path) -> Result<Option<Vec<String>>> {
    if files.label_mode == LabelMode::None {
        return Ok(None);
    }
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
        return Ok(Some(found));
    };
    if let Some(class) = wanted.iter().find(|class| !found.contains(class)) {
        let (path, class) = (folder.to_owned(), class.clone());
        return Err(FolderError::NoSuchClass { path, class, found }.into());
    }
    Ok(Some(wanted.clone()))
}

/// Reads what a loader asks for from a folder. `seed` is the order's where the loader has none of its own; `watch` is called
/// for every picture with the number of all, from any thread.
///
/// # Errors
/// When there is no such folder, no picture for a class or for the subset, or more of them cannot be read than are left out.
pub fn read(files: &PictureFiles, folder: &Path, seed: u64, watch: &(dyn Fn(usize) + Sync)) -> Result<Part> {
    if !folder.is_dir() {
        return Err(RuntimeError::NoSuchData {
            path: folder.to_owned(),
        });
    }
    let names = class_names(files, folder)?;
    let (classes, others) = listed(files, folder, names.as_deref())?;
    let chosen = chosen(files, classes, seed)?;
    let (shape, total) = (files.shape(), chosen.len());
    let form = Form::of(&shape).ok_or_else(|| FolderError::Form {
        path: folder.to_owned(),
        shape: shape.clone(),
    })?;
    let how = Loaded::from(files);
    let width = if how.is_whole() { 1 } else { size_of::<f32>() as u64 };
    folder::see_that_they_fit(total, &shape, form, width)?;
    let paths: Vec<&Path> = chosen.iter().map(|(path, _)| path.as_path()).collect();
    let batch = read_batch(&paths, form, Reading::Loaded(how), &|| watch(total))?;
    let most = tolerated(total);
    if batch.unreadable.len() > most || batch.kept.is_empty() {
        let error = FolderError::TooManyUnreadable {
            path: folder.to_owned(),
            unreadable: batch.unreadable,
            total,
            tolerated: most,
        };
        return Err(error.into());
    }
    let kept = || batch.kept.iter().filter_map(|&index| chosen.get(index));
    let labels: Vec<u32> = kept().map(|(_, label)| *label).collect();
    let mut digests: Vec<(&File, [u8; 32])> = kept().zip(batch.digests).collect();
    digests.sort_by_key(|&(file, _)| file);
    let mut hash = start(&shape, how, names.as_deref());
    for ((_, label), digest) in digests {
        hash.update(label.to_le_bytes());
        hash.update(digest);
    }
    Ok(Part {
        split: Split {
            shape,
            pixels: batch.pixels,
            labels,
            targets: None,
        },
        class_names: names,
        sha256: hash.finalize().into(),
        others,
        unreadable: batch.unreadable,
        total,
    })
}

/// The sha256, in hex, of all that was read.
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

/// The pictures of each class in the order of their paths; without labels all of them as one class.
fn listed(files: &PictureFiles, folder: &Path, names: Option<&[String]>) -> Result<(Vec<Vec<PathBuf>>, Others)> {
    let mut others = Others::new();
    // Keras's list of endings has no WebP.
    let mut of_keras = |listing: Listing| -> Vec<PathBuf> {
        for (ending, count) in listing.others {
            *others.entry(ending).or_default() += count;
        }
        let is_webp = |path: &PathBuf| {
            path.extension()
                .is_some_and(|ending| ending.eq_ignore_ascii_case("webp"))
        };
        let (webp, kept): (Vec<_>, Vec<_>) = listing.files.into_iter().partition(is_webp);
        if !webp.is_empty() {
            *others.entry(".webp".to_owned()).or_default() += webp.len();
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

/// The files of the subset in the loader's order.
fn chosen(files: &PictureFiles, classes: Vec<Vec<PathBuf>>, seed: u64) -> Result<Vec<File>> {
    let empty = |share: Share, samples: usize, validates: usize| RuntimeError::Split {
        fraction: share.validation_split,
        samples,
        validates,
    };
    let labelled = classes
        .into_iter()
        .zip(0_u32..)
        .map(|(files, label)| files.into_iter().map(|file| (file, label)).collect::<Vec<File>>());
    match files.loader {
        // keras/src/utils/dataset_utils.py, index_directory and get_training_or_validation_split.
        Loader::ImageDatasetFromDirectory => {
            let mut all: Vec<File> = labelled.flatten().collect();
            if files.shuffle {
                let seed = files.seed.unwrap_or(seed) as u32;
                let order = numpy::shuffled(seed, all.len() as u32);
                let mut places: Vec<Option<File>> = all.into_iter().map(Some).collect();
                let take = |at: u32| places.get_mut(at as usize).and_then(Option::take);
                all = order.into_iter().filter_map(take).collect();
            }
            let Some(share) = files.share else { return Ok(all) };
            let samples = all.len();
            let validates = (share.validation_split * samples as f64) as usize;
            if validates == 0 || validates >= samples {
                return Err(empty(share, samples, validates));
            }
            let last = all.split_off(samples - validates);
            Ok(match share.subset {
                Subset::Training => all,
                Subset::Validation => last,
            })
        }
        // keras/src/legacy/preprocessing/image.py, _list_valid_filenames_in_directory.
        Loader::FlowFromDirectory => {
            let Some(share) = files.share else {
                return Ok(labelled.flatten().collect());
            };
            let (mut chosen, mut samples) = (Vec::new(), 0);
            for mut of_class in labelled {
                samples += of_class.len();
                let validates = (share.validation_split * of_class.len() as f64) as usize;
                let rest = of_class.split_off(validates.min(of_class.len()));
                chosen.extend(match share.subset {
                    Subset::Training => rest,
                    Subset::Validation => of_class,
                });
            }
            if chosen.is_empty() {
                let validates = if share.subset == Subset::Training { samples } else { 0 };
                return Err(empty(share, samples, validates));
            }
            Ok(chosen)
        }
    }
}
