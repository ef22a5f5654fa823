//! Reads files that are imported, and names places in them for messages.

use crate::session::{Error, Result};
use std::io::Read;
use std::path::Path;

/// Reads a file of at most `most` bytes.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let refused = |cause: &std::io::Error| Error::file("read", path, cause);
    let (file, _) = runtime::open::file(path).map_err(|cause| refused(&cause))?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| refused(&cause))?;
    if bytes.len() as u64 > most {
        return Err(Error::message(format!("{} has more than {most} bytes", path.display())));
    }
    Ok(bytes)
}

/// The error with the name of the file that it is about.
pub fn named(path: &Path, error: &Error) -> Error {
    let made = Error::message(format!("{}: {error}", path.display()));
    match error.help() {
        Some(help) => made.with_help(help),
        None => made,
    }
}

/// A message with the place in the file that it is about.
pub fn at(path: &Path, place: &str, words: &str) -> String {
    if place.is_empty() {
        return format!("{}: {words}", path.display());
    }
    format!("{}, {place}: {words}", path.display())
}
