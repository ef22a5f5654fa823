//! What a file is found to be, and how it is taken in.

use super::super::watch::Here;
use crate::error::{Result, RuntimeError};
use crate::open;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// How a file was known for what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Its sha256 is the published file's.
    Sum,
    /// Its format, its sizes and its labels are right; its bytes are not those that are published.
    Format,
}

/// A set that was taken in.
#[derive(Debug)]
pub struct Imported {
    /// Where it is read from now.
    pub here: Here,
    /// The files that it was made of.
    pub files: Vec<(PathBuf, Judgement)>,
}

pub(super) fn facts(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))
}

/// Whether a file begins with those bytes.
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

/// Writes a new file to the disk.
pub(super) fn write(from: &mut impl Read, to: &Path) -> Result<()> {
    let written = File::create(to).and_then(|mut file| {
        io::copy(from, &mut file)?;
        file.flush()?;
        file.sync_all()
    });
    written.map_err(|cause| RuntimeError::file("write", to, cause))
}
