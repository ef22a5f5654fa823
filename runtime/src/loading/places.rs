//! The folders that a loader of the description reads from.

use crate::data::Keeping;
use std::path::PathBuf;

/// The folders that a loader of the description reads from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The folder that the loader's pictures are in.
    pub folder: PathBuf,
    /// The folder that relative paths of tables and of folders of masks start from.
    pub base: PathBuf,
    /// Where samples that are too large for memory are kept.
    pub keeping: Keeping,
}
