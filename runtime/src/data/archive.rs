//! NumPy's `.npz`: a zip file of arrays.

use super::arrays::Arrays;
use super::npy::{self, Array};
use super::source::{self, Source};
use crate::error::{Result, RuntimeError};
use crate::open;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
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
        let (name, mut reader) = (path.display().to_string(), BufReader::new(file));
        let other = reader.fill_buf().ok().and_then(something_else);
        if let Some(other) = other {
            let expected = "an .npz archive, as np.savez(\"FILE.npz\", x_train=x, y_train=y) writes it";
            return Err(RuntimeError::mismatch(name, expected, other));
        }
        Self::new(&name, reader)
    }
}

/// What people's arrays also lie in, by its first bytes.
fn something_else(bytes: &[u8]) -> Option<&'static str> {
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    match bytes {
        [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => {
            Some("a single array (a folder with x_train.npy and y_train.npy is read as one)")
        }
        [0x80, 2..=5, ..] => {
            Some("a pickle, which runs code as it is read: load it in Python, and keep its arrays with np.savez")
        }
        [0x89, b'H', b'D', b'F', ..] => Some("an HDF5 file: load it with h5py, and keep its arrays with np.savez"),
        _ => (bytes.contains(&b',') && bytes.iter().take(512).all(is_text))
            .then_some("a table of text (a CSV of pixels is called so: FILE.csv)"),
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

    /// How many bytes its entries say that they unpack to, all together.
    pub(super) fn unpacked(&mut self) -> u64 {
        let sizes = (0..self.entries.len()).map(|index| {
            let entry = self.entries.by_index_raw(index);
            entry.map_or(0, |entry| entry.size())
        });
        sizes.fold(0, u64::saturating_add)
    }
}

impl<R: Read + Seek> Arrays for Archive<R> {
    fn file(&self) -> &str {
        &self.file
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn read(&mut self, name: &str, entry: &str) -> Result<(String, Array)> {
        let label = format!("{} ({name})", self.file);
        let array = read_array(&label, &mut self.entries, entry)?;
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
