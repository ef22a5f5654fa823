//! When and where pictures are kept in a file.

use crate::data::places::cache_folder;
use std::path::{Path, PathBuf};

/// Samples that take more bytes than this are kept in a file and not in memory.
const ABOVE: u64 = 128_000_000;

/// How many bytes all files may take together.
const MOST: u64 = 32_000_000_000;

/// When and where pictures are kept in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// The folder of the files; `None` where there is no cache folder, in which case all samples are held in memory.
    pub folder: Option<PathBuf>,
    /// Samples that take more bytes than this are kept in a file.
    pub above: u64,
    /// How many bytes all files may take together.
    pub most: u64,
}

impl Keeping {
    /// In this cache folder, with the usual limits.
    pub fn below(cache: Option<&Path>) -> Self {
        Self {
            folder: cache.map(|cache| cache.join("pictures")),
            above: ABOVE,
            most: MOST,
        }
    }

    /// In the user's cache folder, with the usual limits.
    pub fn usual() -> Self {
        Self::below(cache_folder().as_deref())
    }

    /// The folder, if samples that take this many bytes are kept in a file.
    pub(crate) fn of(&self, bytes: u64) -> Option<&Path> {
        self.folder.as_deref().filter(|_| bytes > self.above)
    }
}
