//! When pictures are kept in a file, and where.

use crate::data::places::cache_folder;
use std::path::{Path, PathBuf};

/// Samples of more bytes than this are kept in a file and not held in memory.
const ABOVE: u64 = 128_000_000;

/// All files together take no more than this.
const MOST: u64 = 32_000_000_000;

/// When pictures are kept in a file, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeping {
    /// The folder of the files; none where there is no folder for caches, and then all is held in memory.
    pub folder: Option<PathBuf>,
    /// Samples of more bytes are kept.
    pub above: u64,
    /// The bytes that all files may take together.
    pub most: u64,
}

impl Keeping {
    /// In a folder for caches.
    pub fn below(cache: Option<&Path>) -> Self {
        Self {
            folder: cache.map(|cache| cache.join("pictures")),
            above: ABOVE,
            most: MOST,
        }
    }

    /// In the user's folder for caches.
    pub fn usual() -> Self {
        Self::below(cache_folder().as_deref())
    }

    /// The folder, if samples of so many bytes are kept.
    pub(crate) fn of(&self, bytes: u64) -> Option<&Path> {
        self.folder.as_deref().filter(|_| bytes > self.above)
    }
}
