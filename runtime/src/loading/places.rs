//! Where a loader's files are.

use crate::data::Keeping;
use std::path::PathBuf;

/// Where a loader's files are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The pictures' folder.
    pub folder: PathBuf,
    /// What the paths of tables and of folders of masks start at.
    pub base: PathBuf,
    /// Where samples are kept that are too large for memory.
    pub keeping: Keeping,
}
