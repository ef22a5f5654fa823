//! Keeps two runs from writing to one directory at a time. The lock is the operating system's: it is released when the process
//! that holds it ends, in whatever way.

use super::names::LOCK;
use crate::error::{Result, RuntimeError};
use crate::files;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The lock, which a process holds as long as it writes to a run directory.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// The locked file; closing it releases the lock.
    _file: File,
    /// Why there is no lock, where the file system has none; else `None`.
    pub missing: Option<String>,
}

impl Lock {
    /// Locks a folder.
    ///
    /// # Errors
    /// When another process holds the lock, or the folder cannot be written to.
    pub fn of(folder: &Path) -> Result<Self> {
        let path = folder.join(LOCK);
        loop {
            let refused = |cause| RuntimeError::file("write to the folder", folder, cause);
            if fs::symlink_metadata(&path).is_ok_and(|found| !found.is_file()) {
                return Err(RuntimeError::mismatch(
                    path.display().to_string(),
                    "a file",
                    "something else",
                ));
            }
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(false).open(&path);
            let mut file = file.map_err(refused)?;
            let missing = match file.try_lock() {
                Ok(()) => None,
                Err(TryLockError::WouldBlock) => {
                    return Err(RuntimeError::Busy {
                        path: folder.to_owned(),
                        holder: holder(&path),
                    });
                }
                Err(TryLockError::Error(cause)) => Some(cause.to_string()),
            };
            // Whoever had it may have removed the file between the two calls: then this is the lock of nothing.
            if !is_still(&file, &path) {
                continue;
            }
            // For people; the lock holds without it.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            return Ok(Self {
                path,
                _file: file,
                missing,
            });
        }
    }
}

impl Drop for Lock {
    /// Removes the file while it is locked, so that nobody else can have locked it.
    fn drop(&mut self) {
        if self.missing.is_none() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The ID of the process that wrote it into the file.
fn holder(path: &Path) -> Option<u32> {
    let text = files::read_text_bounded(path, 64).ok()?;
    text.trim().parse().ok()
}

/// Whether the path still leads to the file that was opened.
#[cfg(unix)]
fn is_still(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: io::Result<fs::Metadata>| metadata.map(|found| (found.dev(), found.ino())).ok();
    let opened = identity(file.metadata());
    opened.is_some() && opened == identity(fs::metadata(path))
}

/// Always true: on other systems an open file cannot be removed.
#[cfg(not(unix))]
fn is_still(_: &File, _: &Path) -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_to_come_is_told_who_was_first() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::of(folder.path()).unwrap();
        let error = Lock::of(folder.path()).unwrap_err();
        let expected = format!(
            "another run writes to {} (process {})",
            folder.path().display(),
            std::process::id()
        );
        assert_eq!(error.to_string(), expected);
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // What a killed process left is no lock.
        fs::write(folder.path().join(LOCK), "1\n").unwrap();
        drop(Lock::of(folder.path()).unwrap());
    }

    #[test]
    fn one_of_many_has_it() {
        let folder = tempfile::tempdir().unwrap();
        let inside = std::sync::atomic::AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let mut had = 0;
                    while had < 50 {
                        if let Ok(lock) = Lock::of(folder.path()) {
                            use std::sync::atomic::Ordering::SeqCst;
                            assert_eq!(inside.fetch_add(1, SeqCst), 0);
                            inside.fetch_sub(1, SeqCst);
                            drop(lock);
                            had += 1;
                        }
                    }
                });
            }
        });
    }
}
