//! NumPy's `.npz`: a zip file of arrays.

use super::npy::{self, Array};
use super::source::{self, Source};
use crate::error::{Result, RuntimeError};
use crate::open;
use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

/// An open `.npz` archive.
pub(super) struct Archive<R> {
    file: String,
    entries: zip::ZipArchive<R>,
    names: Vec<String>,
}

impl Archive<BufReader<File>> {
    /// Opens the archive at `path`; an error where it cannot be read or is not a zip file.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let (file, _) = open::file(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
        Self::new(&path.display().to_string(), BufReader::new(file))
    }
}

impl<R: Read + Seek> Archive<R> {
    /// An archive that is read from `reader`; error messages call it `file`.
    pub(super) fn new(file: &str, reader: R) -> Result<Self> {
        let entries = zip::ZipArchive::new(reader).map_err(|error| {
            RuntimeError::mismatch(file, "an .npz archive (a zip file of arrays)", format!("\"{error}\""))
        })?;
        let names = entries
            .file_names()
            .filter_map(|name| Some(name.ok()?.into_owned()))
            .collect();
        Ok(Self {
            file: file.to_owned(),
            entries,
            names,
        })
    }

    /// What error messages call the archive.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Whether it holds an array of this name.
    pub(super) fn has(&self, array: &str) -> bool {
        self.names.iter().any(|name| name.strip_suffix(".npy") == Some(array))
    }

    /// The names of its first ten entries, for error messages.
    pub(super) fn listed(&self) -> String {
        let found: Vec<&str> = self.names.iter().take(10).map(String::as_str).collect();
        if found.is_empty() {
            "no arrays".to_owned()
        } else {
            found.join(", ")
        }
    }

    /// Reads an array; comes with what error messages call it.
    pub(super) fn array(&mut self, name: &str) -> Result<(String, Array)> {
        let label = format!("{} ({name})", self.file);
        let array = read_array(&label, &mut self.entries, &format!("{name}.npy"))?;
        Ok((label, array))
    }
}

fn read_array<R: Read + Seek>(name: &str, archive: &mut zip::ZipArchive<R>, entry: &str) -> Result<Array> {
    let broken = |error: zip::result::ZipError| {
        RuntimeError::mismatch(name, "a stored or deflated entry", format!("\"{error}\""))
    };
    let entry = archive.by_name(entry).map_err(broken)?;
    let (declared, packed) = (entry.size(), entry.compressed_size());
    if declared > source::unpacked_at_most(packed) {
        let found = format!("{packed} packed bytes, too few for that");
        return Err(RuntimeError::malformed(
            name,
            0,
            format!("{declared} bytes, as the archive declares"),
            found,
        ));
    }
    npy::read(Source::entry(name, entry, declared, packed))
}
