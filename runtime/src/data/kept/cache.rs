//! The files of samples in the folder for caches: which there are, and room for more.

use super::archive::Archive;
use crate::error::{Result, RuntimeError};
use crate::files;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What a file's name ends in.
const ENDING: &str = "samples";

/// A file of samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Cached {
    /// Where it is.
    pub path: PathBuf,
    /// The folder that its pictures are in; none where the file is not whole.
    pub of: Option<String>,
    /// How many samples it holds.
    pub samples: usize,
    /// How many values a sample has.
    pub elements: usize,
    /// How many bytes it takes.
    pub bytes: u64,
    /// When it was used last.
    pub used: SystemTime,
}

/// Where a file of that key is.
pub(super) fn place(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{}.{ENDING}", key.get(..32).unwrap_or(key)))
}

/// The files of samples in a folder, the ones used last first; none where there is no such folder.
///
/// # Errors
/// When the folder cannot be read.
pub fn list(folder: &Path) -> Result<Vec<Cached>> {
    let refused = |cause| RuntimeError::file("read the folder", folder, cause);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        let (Ok(facts), Some(ending)) = (path.metadata(), path.extension()) else {
            continue;
        };
        if !facts.is_file() || ending != ENDING {
            continue;
        }
        let index = Archive::open(&path).map(|archive| archive.index);
        found.push(Cached {
            of: index.as_ref().map(|index| index.of.clone()),
            samples: index.as_ref().map_or(0, |index| index.kept.len()),
            elements: index.as_ref().map_or(0, |index| index.elements),
            bytes: facts.len(),
            used: facts.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            path,
        });
    }
    found.sort_by(|one, other| other.used.cmp(&one.used).then_with(|| one.path.cmp(&other.path)));
    Ok(found)
}

/// Removes all files of samples in a folder, and what killed programs left of others; tells how many bytes they took.
///
/// # Errors
/// When one cannot be removed.
pub fn clear(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for cached in list(folder)? {
        files::remove(&cached.path)?;
        files::remove_unfinished(&cached.path)?;
        bytes += cached.bytes;
    }
    Ok(bytes)
}

/// Removes the files that were not used for longest, until so many bytes more fit.
pub(super) fn make_room(folder: &Path, bytes: u64, most: u64) -> Result<()> {
    let all = list(folder)?;
    let mut taken: u64 = all.iter().map(|cached| cached.bytes).sum();
    for cached in all.iter().rev() {
        if taken.saturating_add(bytes) <= most {
            break;
        }
        files::remove(&cached.path)?;
        taken -= cached.bytes;
    }
    Ok(())
}
