//! How imported files are recognised and copied.

use super::super::watch::Here;
use crate::error::{Result, RuntimeError};
use crate::open;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How a file was recognised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It has the SHA-256 of the published file.
    Sum,
    /// It has the right format, sizes and labels, but not the published bytes.
    Format,
}

/// A data set that was imported.
#[derive(Debug)]
pub struct Imported {
    /// The folder that it is read from now.
    pub here: Here,
    /// The files that it was made from, and how each was recognised.
    pub files: Vec<(PathBuf, Judgement)>,
}

pub(super) fn facts(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))
}

/// Whether a file begins with these bytes.
pub(super) fn begins_with(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut head = Vec::new();
    open::file(path)
        .and_then(|(file, _)| file.take(bytes.len() as u64).read_to_end(&mut head))
        .map_err(|cause| RuntimeError::file("read", path, cause))?;
    Ok(head == bytes)
}

pub(super) fn copy(from: &Path, to: &Path) -> Result<()> {
    let (mut from, _) = open::file(from).map_err(|cause| RuntimeError::file("read", from, cause))?;
    write(&mut from, to)
}

/// Writes a new file and flushes it to the disk.
pub(super) fn write(from: &mut impl Read, to: &Path) -> Result<()> {
    let written = File::create(to).and_then(|mut file| {
        io::copy(from, &mut file)?;
        file.flush()?;
        file.sync_all()
    });
    written.map_err(|cause| RuntimeError::file("write", to, cause))
}
