//! Lists the files of samples in the cache folder and makes room for more.

use super::archive::Archive;
use crate::error::{Result, RuntimeError};
use crate::files;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The extension of a file of samples.
const ENDING: &str = "samples";

/// A file of samples in the cache folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Cached {
    /// The path of the file.
    pub path: PathBuf,
    /// The folder that its pictures are in; `None` where the file is not whole.
    pub of: Option<String>,
    /// The number of samples in it.
    pub samples: usize,
    /// The number of values of a sample.
    pub elements: usize,
    /// Its length in bytes.
    pub bytes: u64,
    /// When it was last used.
    pub used: SystemTime,
}

/// The path of the file with this key.
pub(super) fn place(folder: &Path, key: &str) -> PathBuf {
    folder.join(format!("{}.{ENDING}", key.get(..32).unwrap_or(key)))
}

/// The files of samples in a folder, the most recently used first; none where the folder does not exist.
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

/// Removes all files of samples in a folder, and the unfinished ones of programs that were killed; returns how many bytes they
/// took.
///
/// # Errors
/// When a file cannot be removed.
pub fn clear(folder: &Path) -> Result<u64> {
    let mut bytes = 0;
    for cached in list(folder)? {
        files::remove(&cached.path)?;
        files::remove_unfinished(&cached.path)?;
        bytes += cached.bytes;
    }
    Ok(bytes)
}

/// Removes the files that have not been used for longest, until `bytes` more bytes fit into `most`.
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
