//! Writes a run directory.

use super::events;
use super::history::History;
use super::lock::Lock;
use super::manifest::{Manifest, StateFile};
use super::names::{self, HISTORY, MANIFEST, OPTIMIZER, REPORT, WEIGHTS};
use super::past::{RunDirectory, file_sha256, files_in};
use super::state::State;
use crate::callbacks::Board;
use crate::checkpoint::Encoded;
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::files::{self, Durability};
use crate::parameters::lent;
use compiler::plan::Plan;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A run directory that only this process writes to.
#[derive(Debug)]
pub struct OpenRun {
    directory: RunDirectory,
    lock: Lock,
    /// The name of the state file that `run.yaml` names.
    state: Option<String>,
    /// Whether `run.yaml` is this run's; otherwise it is an older run's, which the first commit replaces.
    is_ours: bool,
    /// The files of callbacks that need not be flushed to the disk yet: a run that is resumed from its last commit writes them
    /// again.
    unsynced: BTreeSet<PathBuf>,
}

impl OpenRun {
    /// Creates the folder and its parents where they do not exist, locks it, and removes the incomplete files of a process that
    /// was killed. A run that is there already stays as it is until the first commit.
    ///
    /// # Errors
    /// When the folder cannot be created or written to, or another process trains in it: it is better to find out now than after
    /// an hour of training.
    pub fn create(path: &Path) -> Result<Self> {
        let refused = |cause| RuntimeError::file("create the folder", path, cause);
        if path.exists() && !path.is_dir() {
            return Err(refused(io::Error::from(io::ErrorKind::NotADirectory)));
        }
        fs::create_dir_all(path).map_err(refused)?;
        let directory = RunDirectory::at(path);
        let lock = Lock::of(path)?;
        let named = if directory.has_run() {
            // Of a `run.yaml` that cannot be read, nobody knows what it names.
            directory.load_manifest().ok().map(|manifest| manifest.state)
        } else {
            Some(None)
        };
        let state = named.clone().flatten().map(|state| state.file);
        for name in files_in(path)? {
            let is_orphan = named.is_some() && names::is_state(&name) && state.as_ref() != Some(&name);
            if is_orphan || names::is_unfinished(&name) {
                files::remove(&path.join(name))?;
            }
        }
        Ok(Self {
            directory,
            lock,
            state,
            is_ours: false,
            unsynced: BTreeSet::new(),
        })
    }

    /// The same directory, for reading.
    pub fn directory(&self) -> &RunDirectory {
        &self.directory
    }

    /// The path of the folder.
    pub fn path(&self) -> &Path {
        self.directory.path()
    }

    /// What a user should know about the folder: that it could not be locked, so that another run might write to it.
    pub fn warning(&self) -> Option<String> {
        let cause = self.lock.missing.as_ref()?;
        Some(format!(
            "{} cannot be locked ({cause}): see to it that no other run writes to it",
            self.path().display()
        ))
    }

    /// Takes up the run that is in the folder: the state that its `run.yaml` names.
    ///
    /// # Errors
    /// When the file is damaged, or belongs to another plan. Then nothing is written.
    pub fn resume(&mut self, plan: &Plan, manifest: &Manifest) -> Result<State<'static>> {
        let state = self.directory.load_state(plan, manifest)?;
        self.is_ours = true;
        Ok(state)
    }

    /// Commits a state: from now on the run is what it says, and the state before it is removed. The fields of `manifest` that
    /// follow from the state are set. The files for other programs are written afterwards; after the `last` commit they are
    /// flushed, too.
    ///
    /// # Errors
    /// When the disk refuses. The last commit then stays valid, unless only the files after it were refused.
    pub fn commit(&mut self, plan: &Plan, state: &State<'_>, manifest: &mut Manifest, last: bool) -> Result<()> {
        while let Some(path) = self.unsynced.pop_first() {
            files::sync(&path)?;
        }
        let weights = Encoded::new(WEIGHTS, state.weights(plan, ""), &BTreeMap::new())?;
        let history = state.standing.history.text()?;
        let path = self.path().to_owned();
        let mut next = Manifest {
            epochs: state.standing.history.epochs.len(),
            step: state.standing.tally.steps,
            phase: (!manifest.phases.is_empty()).then_some(state.standing.phase + 1),
            wall_seconds: state.wall_seconds,
            weights_sha256: weights
                .sha256()
                .map_err(|cause| RuntimeError::file("write", &path.join(WEIGHTS), cause))?,
            history_sha256: Some(hex(&Sha256::digest(history.as_bytes()))),
            ..manifest.clone()
        };
        let file = names::state(next.epochs, next.step, self.state.as_deref());
        let sha256 = state.write(&path.join(&file), plan, &next)?;
        next.state = Some(StateFile {
            file: file.clone(),
            sha256,
        });
        let written = files::write_atomically(&path.join(MANIFEST), |out| {
            let text = next.text().map_err(io::Error::other)?;
            out.write_all(text.as_bytes())
        });
        if let Err(error) = written {
            let names = |manifest: Manifest| manifest.state.is_some_and(|state| state.file == file);
            if !self.directory.load_manifest().is_ok_and(names) {
                // Nobody knows of it; where it cannot be removed now, the next run does that.
                let _ = files::remove(&path.join(&file));
            }
            return Err(error);
        }
        *manifest = next;
        self.state = Some(file);
        let durability = if last { Durability::Now } else { Durability::Later };
        files::write_whole(&path.join(WEIGHTS), durability, |out| weights.write(out).map(|_| ()))?;
        files::write_whole(&path.join(HISTORY), durability, |out| out.write_all(history.as_bytes()))?;
        self.sweep()
    }

    /// Writes weights to a file with that name in the folder, or below it. The next commit flushes it to the disk.
    ///
    /// # Errors
    /// When the disk refuses, or the name is taken by something else.
    pub fn write_weights(&mut self, plan: &Plan, parameters: &[f32], name: &str) -> Result<()> {
        let path = self.place(name)?;
        let encoded = Encoded::new(name, lent(plan, parameters, ""), &BTreeMap::new())?;
        files::write_whole(&path, Durability::Later, |out| encoded.write(out).map(|_| ()))?;
        self.unsynced.insert(path);
        Ok(())
    }

    /// Writes a history to a file with that name in the folder, or below it. The next commit flushes it to the disk.
    ///
    /// # Errors
    /// When the disk refuses, or the name is taken by something else.
    pub fn write_table(&mut self, history: &History, name: &str, separator: char) -> Result<()> {
        let path = self.place(name)?;
        files::write_whole(&path, Durability::Later, |out| history.write_with(separator, out))?;
        self.unsynced.insert(path);
        Ok(())
    }

    /// Writes the event files of a history for `TensorBoard` to a folder within the run directory.
    ///
    /// # Errors
    /// When the disk refuses, or the name is taken by something else.
    pub fn write_board(&self, history: &History, board: &Board) -> Result<()> {
        for (split, points) in events::points(history, board) {
            let path = self.place(&format!("{}/{split}/{}", board.folder, names::events(board.phase)))?;
            events::update(&path, &points)?;
        }
        Ok(())
    }

    /// The path of a callback's file, whose folder is created. A run that is killed while it writes the file is resumed from
    /// before that and comes here again.
    fn place(&self, name: &str) -> Result<PathBuf> {
        let own = [WEIGHTS, HISTORY, MANIFEST, REPORT, OPTIMIZER].contains(&name)
            || name.starts_with("state-")
            || name.starts_with('.');
        if own {
            let what = format!("{name}, which is a file of the run itself");
            return Err(RuntimeError::mismatch(
                "a callback",
                "a name of its own for what it writes",
                what,
            ));
        }
        let path = self.path().join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|cause| RuntimeError::file("make", folder, cause))?;
        }
        files::remove_unfinished(&path)?;
        Ok(path)
    }

    /// Writes the files for other programs again where they are not those of the last commit.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn export(&self, plan: &Plan, state: &State<'_>, manifest: &Manifest) -> Result<()> {
        let (weights, history) = (self.path().join(WEIGHTS), self.path().join(HISTORY));
        if file_sha256(&weights).ok().as_ref() != Some(&manifest.weights_sha256) {
            let encoded = Encoded::new(WEIGHTS, state.weights(plan, ""), &BTreeMap::new())?;
            files::write_atomically(&weights, |out| encoded.write(out).map(|_| ()))?;
        }
        if file_sha256(&history).ok() != manifest.history_sha256 {
            let text = state.standing.history.text()?;
            files::write_atomically(&history, |out| out.write_all(text.as_bytes()))?;
        }
        Ok(())
    }

    /// Removes all states but the committed one, and what an older run left: its report and its exported optimizer.
    fn sweep(&mut self) -> Result<()> {
        for name in files_in(self.path())? {
            let is_older = names::is_state(&name) && self.state.as_ref() != Some(&name);
            let is_others = !self.is_ours && (name == REPORT || name == OPTIMIZER);
            if is_older || is_others {
                files::remove(&self.path().join(name))?;
            }
        }
        self.is_ours = true;
        Ok(())
    }
}
