//! Arrays by their names, wherever they lie: in an archive, or as `.npy` files in a folder.

use super::npy::{self, Array};
use super::source::Source;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Arrays that are asked for by name, in any case of letters where no name is the same.
pub(super) trait Arrays {
    /// What error messages call them all.
    fn file(&self) -> &str;

    /// Their names as they lie there, with endings.
    fn names(&self) -> impl Iterator<Item = &str>;

    /// Reads the array of that name in `names`; comes with what error messages call it.
    fn read(&mut self, name: &str, entry: &str) -> Result<(String, Array)>;

    /// The name in `names` of an array.
    fn entry(&self, array: &str) -> Option<&str> {
        let bare = |name: &str| name.strip_suffix(".npy").map(str::to_owned);
        let is = |name: &&str| bare(name).is_some_and(|name| name == array);
        let is_alike = |name: &&str| bare(name).is_some_and(|name| name.eq_ignore_ascii_case(array));
        self.names().find(is).or_else(|| self.names().find(is_alike))
    }

    /// Whether there is an array of this name.
    fn has(&self, array: &str) -> bool {
        self.entry(array).is_some()
    }

    /// The first ten names, for error messages.
    fn listed(&self) -> String {
        let found: Vec<&str> = self.names().take(10).collect();
        if found.is_empty() {
            "no arrays".to_owned()
        } else {
            found.join(", ")
        }
    }

    /// Reads an array; comes with what error messages call it.
    fn array(&mut self, name: &str) -> Result<(String, Array)> {
        let entry = self.entry(name).map_or_else(|| format!("{name}.npy"), str::to_owned);
        self.read(name, &entry)
    }
}

/// A folder with an `.npy` file for each array.
pub(super) struct ArrayFolder {
    path: PathBuf,
    shown: String,
    names: Vec<String>,
}

impl ArrayFolder {
    /// The arrays in a folder; `None` where it has no `.npy` file.
    pub(super) fn find(path: &Path) -> Option<Self> {
        let entries = path
            .read_dir()
            .ok()?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = entries
            .filter(|name| name.strip_suffix(".npy").is_some_and(|name| !name.starts_with('.')))
            .collect();
        names.sort();
        (!names.is_empty()).then(|| Self {
            path: path.to_owned(),
            shown: path.display().to_string(),
            names,
        })
    }
}

impl Arrays for ArrayFolder {
    fn file(&self) -> &str {
        &self.shown
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    fn read(&mut self, _: &str, entry: &str) -> Result<(String, Array)> {
        let path = self.path.join(entry);
        Ok((path.display().to_string(), npy::read(Source::open(&path)?)?))
    }
}
