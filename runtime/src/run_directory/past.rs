//! Reads the run in a directory.

use super::history::History;
use super::manifest::Manifest;
use super::names::{HISTORY, MANIFEST, WEIGHTS};
use super::state::State;
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::files;
use crate::parameters::load_parameters;
use compiler::plan::Plan;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The largest `run.yaml` that is read, in bytes: the description in it has at most 1 MiB.
const MOST_MANIFEST: u64 = 16 << 20;

/// The largest `history.csv` that is read, in bytes: it has a line for each epoch.
const MOST_HISTORY: u64 = 256 << 20;

/// How often a reader tries again where a running process commits at the same time.
const TRIES: usize = 5;

/// A folder that may have a run in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDirectory {
    path: PathBuf,
}

/// What was read of a run, and a remark where it had to be found elsewhere.
#[derive(Debug)]
pub struct Taken<T> {
    /// What was asked for, as `run.yaml` records it.
    pub value: T,
    /// A remark that the file for it was not the recorded one, so that the run's state was read instead; else `None`.
    pub note: Option<String>,
}

/// The run in whose folder a file of weights is.
#[derive(Debug)]
pub struct Beside {
    /// The `run.yaml` of the run.
    pub manifest: Manifest,
    /// A remark that the weights are not those that the run ended with; else `None`.
    pub note: Option<String>,
}

impl RunDirectory {
    /// The folder of a run; whether there is one is only seen when its files are read.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether the folder has a `run.yaml`.
    pub fn has_run(&self) -> bool {
        self.path.join(MANIFEST).exists()
    }

    /// Reads `run.yaml`.
    ///
    /// # Errors
    /// When it cannot be read, lacks a key or has a number that no run can have.
    pub fn load_manifest(&self) -> Result<Manifest> {
        let path = self.path.join(MANIFEST);
        Manifest::read(
            &path.display().to_string(),
            &files::read_text_bounded(&path, MOST_MANIFEST)?,
        )
    }

    /// Reads the state that `run.yaml` names.
    ///
    /// # Errors
    /// Reads the state that `run.yaml` names.
    pub fn load_state(&self, plan: &Plan, manifest: &Manifest) -> Result<State<'static>> {
        State::read(&self.path, plan, manifest)
    }

    /// The flat parameters that the run ended with: those in `weights.safetensors` where that is the file that `run.yaml`
    /// records, else those in the state, which a run that was killed between the two leaves newer.
    ///
    /// # Errors
    /// When there is no such file, or neither is what `run.yaml` records.
    pub fn load_parameters(&self, plan: &Plan, manifest: &Manifest) -> Result<Taken<Vec<f32>>> {
        let path = self.path.join(WEIGHTS);
        self.recorded(
            &path,
            Some(manifest.weights_sha256.as_str()),
            || load_parameters(plan, &path),
            || {
                let mut manifest = manifest.clone();
                for _ in 1..TRIES {
                    if let Ok(state) = self.load_state(plan, &manifest) {
                        return Ok(state.memory.parameters.into_owned());
                    }
                    // The run may be under way: then there is another state by now.
                    manifest = self.load_manifest()?;
                }
                Ok(self.load_state(plan, &manifest)?.memory.parameters.into_owned())
            },
        )
    }

    /// Reads `history.csv`. A folder without a `run.yaml` will do; beside one, a file that it does not record is told of.
    ///
    /// # Errors
    /// When it cannot be read or is not as this program and Keras write it.
    pub fn load_history(&self) -> Result<Taken<History>> {
        let path = self.path.join(HISTORY);
        let value = self.history()?;
        let recorded = self.load_manifest().ok().and_then(|manifest| manifest.history_sha256);
        let is_other = match recorded {
            Some(recorded) => file_sha256(&path)? != recorded,
            None => false,
        };
        let note = is_other.then(|| {
            format!(
                "{} is not the file that run.yaml beside it records; `cnnc run --resume` writes it again",
                path.display()
            )
        });
        Ok(Taken { value, note })
    }

    fn history(&self) -> Result<History> {
        let path = self.path.join(HISTORY);
        let bytes = files::read_bounded(&path, MOST_HISTORY)?;
        History::read(&path.display().to_string(), &bytes)
    }

    /// The history that `run.yaml` records: that of `history.csv`, else that of the state.
    ///
    /// # Errors
    /// As [`RunDirectory::load_parameters`].
    pub fn recorded_history(&self, plan: &Plan, manifest: &Manifest) -> Result<Taken<History>> {
        let path = self.path.join(HISTORY);
        self.recorded(
            &path,
            manifest.history_sha256.as_deref(),
            || self.history(),
            || Ok(self.load_state(plan, manifest)?.standing.into_owned().history),
        )
    }

    #[allow(clippy::unused_self, reason = "a question about this run")]
    fn recorded<T>(
        &self,
        path: &Path,
        sha256: Option<&str>,
        read: impl FnOnce() -> Result<T>,
        otherwise: impl FnOnce() -> Result<T>,
    ) -> Result<Taken<T>> {
        let Some(sha256) = sha256 else {
            return Ok(Taken {
                value: read()?,
                note: None,
            });
        };
        let found = file_sha256(path)?;
        if found == sha256 {
            return Ok(Taken {
                value: read()?,
                note: None,
            });
        }
        let value = otherwise().map_err(|_| {
            let expected = format!("the file that run.yaml records, of the sha256 {sha256}");
            RuntimeError::mismatch(path.display().to_string(), expected, format!("one of {found}"))
        })?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let note = format!(
            "{} is not the {name} that run.yaml records; what the run's state has is taken",
            path.display()
        );
        Ok(Taken {
            value,
            note: Some(note),
        })
    }

    /// The run in whose folder a file of weights lies, if there is one.
    ///
    /// # Errors
    /// As [`RunDirectory::load_manifest`].
    pub fn beside(weights: &Path) -> Result<Option<Beside>> {
        let directory = Self::at(weights.parent().unwrap_or(Path::new("")));
        if !directory.has_run() {
            return Ok(None);
        }
        let manifest = directory.load_manifest()?;
        // A file of another name was put there by a person, who knows.
        let is_export = weights.file_name().is_some_and(|name| name == WEIGHTS);
        let note = if is_export && file_sha256(weights)? != manifest.weights_sha256 {
            Some(format!(
                "{} is not the file that run.yaml beside it records: its sha256 is another. A run that was killed leaves \
                 it so, and `cnnc run --resume` writes it again",
                weights.display()
            ))
        } else {
            None
        };
        Ok(Some(Beside { manifest, note }))
    }
}

/// The sha256 of a file's bytes in hex.
pub(super) fn file_sha256(path: &Path) -> Result<String> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    let (file, length) = files::open_file(path)?;
    let mut hash = Sha256::new();
    let mut block = vec![0; 1 << 16];
    let mut file = file.take(length);
    loop {
        match file.read(&mut block) {
            Ok(0) => return Ok(hex(&hash.finalize())),
            Ok(read) => hash.update(block.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(refused(error)),
        }
    }
}

/// What lies in a folder: names that are text, of files alone.
pub(super) fn files_in(folder: &Path) -> Result<Vec<String>> {
    let refused = |cause| RuntimeError::file("read the folder", folder, cause);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_type().is_ok_and(|kind| kind.is_file())
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}
