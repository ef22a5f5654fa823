//! Creates and removes folders and files.

use crate::error::{Result, RuntimeError};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// Creates a folder and its parents, where they do not exist.
pub(super) fn create(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).map_err(|cause| RuntimeError::file("create", folder, cause))
}

/// Removes a file, if it exists.
pub(super) fn remove(path: &Path) -> Result<()> {
    gone(fs::remove_file(path), path)
}

/// Removes a folder with all that is in it, if it exists.
pub(super) fn remove_folder(path: &Path) -> Result<()> {
    gone(fs::remove_dir_all(path), path)
}

fn gone(removed: io::Result<()>, path: &Path) -> Result<()> {
    match removed {
        Err(cause) if cause.kind() != ErrorKind::NotFound => Err(RuntimeError::file("remove", path, cause)),
        Ok(()) | Err(_) => Ok(()),
    }
}
