//! The user's cache folder. `SET/` is what is read, whole or absent; `SET.part/` holds what is being downloaded and `SET.import/`
//! what is being copied; `SET.lock` keeps two processes from working on the same data set.

#[cfg(feature = "fetch")]
use super::catalogue::Form;
use super::catalogue::Published;
use super::disk::{create, remove, remove_folder};
use super::watch::{Here, Watch};
use crate::data::cifar::Version;
use crate::data::idx;
use crate::error::{Result, RuntimeError};
use crate::files;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// The place of one data set in the cache folder.
pub(super) struct Store {
    /// The folder that data sets are read from: `SET/`.
    pub(super) folder: PathBuf,
    /// The folder that files are written to until all of them are there: `SET.part/` or `SET.import/`.
    pub(super) staging: PathBuf,
    /// The lock on the data set, which is released when this is dropped.
    _lock: File,
}

impl Store {
    /// Creates the folders and takes the lock, waiting for a process that holds it.
    pub(super) fn open(set: &Published, cache: &Path, staging: &str, watch: &dyn Watch) -> Result<Self> {
        let name = set.name.name();
        create(cache)?;
        let lock = lock(&cache.join(format!("{name}.lock")), name, watch)?;
        let staging = cache.join(format!("{name}.{staging}"));
        create(&staging)?;
        Ok(Self {
            folder: cache.join(name),
            staging,
            _lock: lock,
        })
    }

    /// Moves staged IDX files to where they are read, and removes files that would be read instead of them.
    pub(super) fn install_idx(&self, names: &[String]) -> Result<()> {
        create(&self.folder)?;
        for name in names {
            let target = self.folder.join(name);
            files::rename(&self.staging.join(name), &target)?;
            for other in idx::same_file(name).into_iter().filter(|other| other != name) {
                remove(&self.folder.join(other))?;
            }
        }
        Ok(())
    }

    /// Moves the staged folder of batches to where it is read, and removes what would be read instead of it.
    pub(super) fn install_batches(&self, version: Version) -> Result<()> {
        create(&self.folder)?;
        let target = self.folder.join(version.unpacked());
        remove_folder(&target)?;
        files::rename(&self.staging.join(version.unpacked()), &target)?;
        for name in version.files() {
            remove(&self.folder.join(name))?;
        }
        Ok(())
    }

    /// Removes the staging folder unless it still holds something, and says that `files` files were fetched.
    pub(super) fn close(self, files: usize) -> Here {
        let _ = fs::remove_dir(&self.staging);
        Here {
            folder: self.folder,
            files,
        }
    }
}

#[cfg(feature = "fetch")]
impl Published {
    /// Moves what was downloaded to where it is read, and unpacks it first where it is an archive.
    pub(super) fn install(&self, store: &Store) -> Result<()> {
        match self.form {
            Form::Idx { .. } => {
                let staged = self.files.iter().map(|file| file.name.clone());
                let staged: Vec<String> = staged.filter(|name| store.staging.join(name).is_file()).collect();
                store.install_idx(&staged)
            }
            Form::CifarArchive { batch_bytes } => {
                let Some(archive) = self.files.first().map(|file| store.staging.join(&file.name)) else {
                    return Ok(());
                };
                if !archive.is_file() {
                    return Ok(());
                }
                let version = Version::of(self.name);
                super::unpack::batches(version, &archive, batch_bytes, &store.staging)?;
                store.install_batches(version)?;
                remove(&archive)
            }
        }
    }
}

/// Takes the lock, waiting for a process that holds it. The lock file is never removed, since other processes may be waiting for
/// that very file.
pub(super) fn lock(path: &Path, name: &str, watch: &dyn Watch) -> Result<File> {
    let refused = |cause| RuntimeError::file("write", path, cause);
    let file = File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(refused)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            watch.note(&format!(
                "{name}: another process is using it; waiting until it is done"
            ));
            file.lock().map_err(refused)?;
            Ok(file)
        }
        // Some network file systems have no locks. The sums keep what is read right without them too.
        Err(TryLockError::Error(cause)) if cause.kind() == ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(cause)) => Err(refused(cause)),
    }
}
