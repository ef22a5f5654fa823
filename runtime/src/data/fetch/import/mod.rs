//! Data sets from files that the user has. What they are is found from what they hold: by their sum if they are the
//! published files, else by reading them whole. Everything is judged before anything is copied.

mod cifar;
mod idx;

use super::catalogue::{Form, Published};
use super::{Here, Watch};
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

/// Takes the set from files and folders into `cache` (see [`crate::data::cache_folder`]): the published files, the same
/// unpacked or packed anew, for the sets of digits an `.npz` as Keras's. With what is in `cache` already it must be whole.
pub fn import(set: &Published, paths: &[PathBuf], cache: &Path, watch: &dyn Watch) -> Result<Imported> {
    match set.form {
        Form::Idx { train, test } => idx::import(set, (train, test), paths, cache, watch),
        Form::CifarArchive { batch_bytes } => cifar::import(set, batch_bytes, paths, cache, watch),
    }
}

fn facts(path: &Path) -> Result<fs::Metadata> {
    fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))
}

/// Whether a file begins with those bytes.
fn begins_with(path: &Path, bytes: &[u8]) -> Result<bool> {
    let mut head = Vec::new();
    open::file(path)
        .and_then(|(file, _)| file.take(bytes.len() as u64).read_to_end(&mut head))
        .map_err(|cause| RuntimeError::file("read", path, cause))?;
    Ok(head == bytes)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let (mut from, _) = open::file(from).map_err(|cause| RuntimeError::file("read", from, cause))?;
    write(&mut from, to)
}

/// Writes a new file to the disk.
fn write(from: &mut impl Read, to: &Path) -> Result<()> {
    let written = File::create(to).and_then(|mut file| {
        io::copy(from, &mut file)?;
        file.flush()?;
        file.sync_all()
    });
    written.map_err(|cause| RuntimeError::file("write", to, cause))
}
