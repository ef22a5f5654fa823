//! Files that are imported, and what messages call places in them.

use crate::session::{Error, Result};
use std::io::Read;
use std::path::Path;

/// The file's bytes, no more than `most`.
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

/// An error with the name of the file that it is about.
pub fn named(path: &Path, error: &Error) -> Error {
    let made = Error::message(format!("{}: {error}", path.display()));
    match error.help() {
        Some(help) => made.with_help(help),
        None => made,
    }
}

/// An error's words with the place in the file.
pub fn at(path: &Path, place: &str, words: &str) -> String {
    if place.is_empty() {
        return format!("{}: {words}", path.display());
    }
    format!("{}, {place}: {words}", path.display())
}
