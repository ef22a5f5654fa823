//! Folders and files that are made and taken away.

use crate::error::{Result, RuntimeError};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// A folder and those above it.
pub(super) fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|cause| RuntimeError::file("create", folder, cause))
}

/// Removes a file that may not be there.
pub(super) fn remove(path: &Path) -> Result<()> {
    gone(fs::remove_file(path), path)
}

/// Removes a folder that may not be there.
pub(super) fn remove_folder(path: &Path) -> Result<()> {
    gone(fs::remove_dir_all(path), path)
}

fn gone(removed: io::Result<()>, path: &Path) -> Result<()> {
    match removed {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(RuntimeError::file("remove", path, cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}
