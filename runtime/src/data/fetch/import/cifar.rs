//! CIFAR-10 and CIFAR-100, from the archive or the batches that it unpacks to.

use super::super::catalogue::Published;
use super::super::disk;
use super::super::store::Store;
use super::super::unpack;
use super::super::watch::Watch;
use super::super::{present, sum};
use super::judging::{Imported, Judgement, begins_with, copy, facts};
use crate::data::cifar::Version;
use crate::error::{Result, RuntimeError};
use std::path::{Path, PathBuf};

/// The length and the checksum of CIFAR-10's Python version, which people often have instead of the binary one.
const CIFAR_PYTHON: (u64, &str) = (
    170_498_071,
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
);

pub(super) fn import(
    set: &Published,
    batch_bytes: u64,
    paths: &[PathBuf],
    cache: &Path,
    watch: &dyn Watch,
) -> Result<Imported> {
    let version = Version::of(set.name);
    let mut files = Vec::new();
    let (mut archive, mut batches) = (None, Vec::new());
    for path in paths {
        for path in candidates(set, path)? {
            let judgement = if begins_with(&path, &[0x1f, 0x8b])? {
                let judgement = judge_archive(set, &path)?;
                archive = Some(path.clone());
                judgement
            } else {
                batch_name(set, &path)?;
                present::check_batches(version, std::slice::from_ref(&path), batch_bytes)?;
                batches.push(path.clone());
                Judgement::Format
            };
            files.push((path, judgement));
        }
    }
    if archive.is_some() && files.len() > 1 {
        let found = format!("{} files", files.len());
        return Err(RuntimeError::mismatch(
            set.name.name(),
            format!("one archive or its {} batches", version.files().count()),
            found,
        ));
    }
    let store = Store::open(set, cache, "import", watch)?;
    disk::remove_folder(&store.staging)?;
    disk::create(&store.staging)?;
    let staged = match archive {
        Some(archive) => unpack::batches(version, &archive, batch_bytes, &store.staging).and_then(|()| {
            let paths = version.paths(&store.staging.join(version.unpacked()));
            present::check_batches(version, &paths, batch_bytes)
        }),
        None => stage_batches(set, &store.staging.join(version.unpacked()), &batches),
    };
    if staged.is_err() {
        disk::remove_folder(&store.staging)?;
    }
    staged?;
    store.install_batches(version)?;
    Ok(Imported {
        here: store.close(files.len()),
        files,
    })
}

/// The files that a path may mean: itself, or the batches in the folder, or else the archive in it.
fn candidates(set: &Published, path: &Path) -> Result<Vec<PathBuf>> {
    if !facts(path)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let version = Version::of(set.name);
    if let Some(folder) = version.find(path) {
        return Ok(version.paths(&folder));
    }
    let archives = set.files.iter().map(|file| path.join(&file.name));
    let found: Vec<PathBuf> = archives.filter(|path| path.is_file()).collect();
    if found.is_empty() {
        let found = "none of these in it";
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            set.expected_any(),
            found,
        ));
    }
    Ok(found)
}

fn judge_archive(set: &Published, path: &Path) -> Result<Judgement> {
    for file in &set.files {
        if sum::is_published(path, file)? {
            return Ok(Judgement::Sum);
        }
    }
    let (length, sum) = CIFAR_PYTHON;
    if facts(path)?.len() == length && sum::sha256(path)? == sum {
        let found = "the Python version";
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            set.expected_any(),
            found,
        ));
    }
    Ok(Judgement::Format)
}

/// Which batch a file is, by its name: the content does not say.
fn batch_name(set: &Published, path: &Path) -> Result<&'static str> {
    let name = path.file_name().unwrap_or_default();
    let known = Version::of(set.name).files().find(|&known| name == known);
    known.ok_or_else(|| {
        let found = "a file of another name that is not packed";
        RuntimeError::mismatch(path.display().to_string(), set.expected_any(), found)
    })
}

fn stage_batches(set: &Published, folder: &Path, batches: &[PathBuf]) -> Result<()> {
    disk::create(folder)?;
    let version = Version::of(set.name);
    let mut missing: Vec<&str> = version.files().collect();
    for path in batches {
        let name = batch_name(set, path)?;
        let Some(at) = missing.iter().position(|&missing| missing == name) else {
            return Err(RuntimeError::mismatch(
                path.display().to_string(),
                format!("one {name}"),
                "another",
            ));
        };
        missing.remove(at);
        copy(path, &folder.join(name))?;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let found = format!("no {}", missing.join(", "));
    Err(RuntimeError::mismatch(
        set.name.name(),
        match version {
            Version::Ten => "all six batches at once",
            Version::Hundred => "both batches at once",
        },
        found,
    ))
}
