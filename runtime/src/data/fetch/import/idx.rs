//! Imports MNIST and the like, from their four files or an `.npz` with the names of Keras's arrays.

use super::super::catalogue::{Published, RemoteFile, published};
use super::super::disk;
use super::super::present::{self, State};
use super::super::store::Store;
use super::super::sum;
use super::super::watch::Watch;
use super::judging::{Imported, Judgement, begins_with, copy, facts, write};
use crate::data::samples::{Pixels, Split};
use crate::data::words::thousands;
use crate::data::{idx, npz};
use crate::error::{Result, RuntimeError};
use compiler::training::data::KnownData;
use std::path::{Path, PathBuf};

/// The SHA-256 of Keras's `mnist.npz`, as the TensorFlow Datasets project and Keras itself publish it.
const KERAS_MNIST: &str = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1";
/// What a file of a data set is made from.
enum Origin {
    /// A copy of this file.
    Copy(PathBuf),
    /// These bytes, which were an array of an archive.
    Array(Vec<u8>),
}

pub(super) fn import(
    set: &Published,
    counts: (u32, u32),
    paths: &[PathBuf],
    cache: &Path,
    watch: &dyn Watch,
) -> Result<Imported> {
    let mut found: Vec<(&RemoteFile, Origin)> = Vec::new();
    let mut files = Vec::new();
    for path in paths {
        for path in candidates(set, path)? {
            let (parts, judgement) = recognise(set, counts, &path)?;
            for (file, origin) in parts {
                if found.iter().any(|(other, _)| other.name == file.name) {
                    let expected = format!("one file with the content of {}", file.name);
                    return Err(RuntimeError::mismatch(path.display().to_string(), expected, "another"));
                }
                found.push((file, origin));
            }
            files.push((path, judgement));
        }
    }
    let store = Store::open(set, cache, "import", watch)?;
    disk::remove_folder(&store.staging)?;
    disk::create(&store.staging)?;
    let imported = whole(set, &store, &found).and_then(|()| stage(&store, found));
    if imported.is_err() {
        disk::remove_folder(&store.staging)?;
    }
    store.install_idx(&imported?)?;
    Ok(Imported {
        here: store.close(files.len()),
        files,
    })
}

/// The files that a path may mean: itself, or those in the folder that have names of the data set's files.
fn candidates(set: &Published, path: &Path) -> Result<Vec<PathBuf>> {
    if !facts(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let first = |names: Vec<String>| {
        names
            .into_iter()
            .map(|name| path.join(name))
            .find(|path| path.is_file())
    };
    let files = set.files.iter();
    let mut found: Vec<PathBuf> = files.filter_map(|file| first(idx::same_file(&file.name))).collect();
    if found.is_empty() {
        found.extend(first(vec![format!("{}.npz", set.name.name())]));
    }
    if found.is_empty() {
        let names: Vec<&str> = set.files.iter().map(|file| file.name.as_str()).collect();
        let expected = format!("{} (packed or not), or {}.npz", names.join(", "), set.name.name());
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            expected,
            "none of them",
        ));
    }
    Ok(found)
}

/// Which files of the data set a file holds, and how they were recognised.
fn recognise<'a>(
    set: &'a Published,
    counts: (u32, u32),
    path: &Path,
) -> Result<(Vec<(&'a RemoteFile, Origin)>, Judgement)> {
    if begins_with(path, b"PK")? {
        return from_archive(set, counts, path);
    }
    let copy = |file| vec![(file, Origin::Copy(path.to_owned()))];
    for file in &set.files {
        if sum::is_published(path, file)? {
            return Ok((copy(file), Judgement::Sum));
        }
    }
    let wrong = |found: String| RuntimeError::mismatch(path.display().to_string(), set.expected_any(), found);
    // Fashion-MNIST has the same sizes: only the sums tell it from MNIST.
    for other in KnownData::ALL.into_iter().filter(|&other| other != set.name) {
        for file in published(other).files {
            if sum::is_published(path, &file)? {
                return Err(wrong(format!("{} of {}", file.name, other.name())));
            }
        }
    }
    let content = idx::inspect(path)?;
    match set.holding(&content) {
        Some(file) => Ok((copy(file), Judgement::Format)),
        None => Err(wrong(content.to_string())),
    }
}

/// All four files of the data set, from an `.npz` with the names of Keras's arrays.
fn from_archive<'a>(
    set: &'a Published,
    (train_count, test_count): (u32, u32),
    path: &Path,
) -> Result<(Vec<(&'a RemoteFile, Origin)>, Judgement)> {
    let (train, test) = npz::load(path)?;
    let keras = set.name == KnownData::Mnist && sum::sha256(path)? == KERAS_MNIST;
    let mut parts = Vec::new();
    for (split, count, name) in [(Some(train), train_count, "train"), (test, test_count, "test")] {
        let part = format!("{} (x_{name})", path.display());
        let expected = format!("{} samples of {}, uint8", thousands(count as usize), set.name.shape());
        let Some(split) = split else {
            return Err(RuntimeError::mismatch(part, expected, "none"));
        };
        let is_right = split.len() == count as usize && split.shape == set.name.shape();
        let Pixels::Bytes(pixels) = &split.pixels else {
            return Err(RuntimeError::mismatch(part, expected, "floats"));
        };
        if !is_right {
            let found = format!("{} of {}", thousands(split.len()), split.shape);
            return Err(RuntimeError::mismatch(part, expected, found));
        }
        let (images, labels) = encode(&split, pixels);
        for bytes in [images, labels] {
            let content = idx::inspect_bytes(&part, &bytes)?;
            let Some(file) = set.holding(&content) else {
                return Err(RuntimeError::mismatch(part, set.expected_any(), content.to_string()));
            };
            parts.push((file, Origin::Array(bytes)));
        }
    }
    Ok((parts, if keras { Judgement::Sum } else { Judgement::Format }))
}

/// A split as the bytes of two IDX files, of pictures and of labels.
fn encode(split: &Split, pixels: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let count = split.len() as u32;
    let sizes: Vec<u32> = split.shape.sizes().iter().take(2).map(|&size| size as u32).collect();
    let header = |magic: u32, sizes: &[u32]| -> Vec<u8> {
        let words = [magic, count].into_iter().chain(sizes.iter().copied());
        words.flat_map(u32::to_be_bytes).collect()
    };
    let mut images = header(idx::IMAGES, &sizes);
    images.extend_from_slice(pixels);
    let mut labels = header(idx::LABELS, &[]);
    // What does not fit a byte is no label of the set, and is found as that.
    labels.extend(split.labels.iter().map(|&label| u8::try_from(label).unwrap_or(u8::MAX)));
    (images, labels)
}

/// An error unless what was found makes the data set complete, together with what is in the cache.
fn whole(set: &Published, store: &Store, found: &[(&RemoteFile, Origin)]) -> Result<()> {
    let states = present::look(set, &store.folder);
    let missing: Vec<&str> = set
        .files
        .iter()
        .zip(states)
        .filter(|(file, state)| {
            !matches!(state, State::Right) && !found.iter().any(|(other, _)| other.name == file.name)
        })
        .map(|(file, _)| file.name.as_str())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let expected = format!("all {} files at once", set.files.len());
    let found = format!("none that holds what {} holds", missing.join(" or "));
    Err(RuntimeError::mismatch(set.name.name(), expected, found))
}

/// Copies what was found into the staging folder; returns the names that it has there.
fn stage(store: &Store, found: Vec<(&RemoteFile, Origin)>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for (file, origin) in found {
        let packed = match &origin {
            Origin::Copy(path) => begins_with(path, &[0x1f, 0x8b])?,
            Origin::Array(_) => false,
        };
        let unpacked = file.name.strip_suffix(".gz").unwrap_or(&file.name);
        let name = if packed { &file.name } else { unpacked };
        let to = store.staging.join(name);
        match origin {
            Origin::Copy(from) => copy(&from, &to)?,
            Origin::Array(bytes) => write(&mut bytes.as_slice(), &to)?,
        }
        names.push(name.to_owned());
    }
    Ok(names)
}
