//! Writes files that are either whole or absent, and reads files that are no longer than they should be.

mod fault;

use crate::error::{Result, RuntimeError};
use fault::{Counted, Operation};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// When a file that was written has to be on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Before anything else is done, so that it survives a loss of power.
    Now,
    /// Whenever the system gets to it. Every reader finds the whole file, but a loss of power may leave it empty.
    Later,
}

/// Writes a file beside `path` and renames it to `path` once it is on the disk: whoever reads `path`, at any moment and after any
/// crash, finds either the old file or the new one, whole.
///
/// # Errors
/// When it cannot be written, and when `write` fails: then there is no new file.
pub fn write_atomically(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_whole(path, Durability::Now, write)
}

/// As [`write_atomically`], flushed to the disk now or later.
pub(crate) fn write_whole(
    path: &Path,
    durability: Durability,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let refused = |cause| RuntimeError::file("write", path, cause);
    if path.is_dir() {
        return Err(refused(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    // A new file would take the place of the device itself, which the whole machine may need.
    if fs::symlink_metadata(path).is_ok_and(|there| !there.is_file() && !there.is_symlink()) {
        return Err(refused(io::Error::other("it is a device, a socket or a pipe")));
    }
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    let prefix = prefix_of(path);
    builder.prefix(&prefix).suffix(UNFINISHED);
    // A temporary file is readable by its owner alone; this one is to be as public as the umask lets files be.
    #[cfg(unix)]
    let public = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    #[cfg(unix)]
    builder.permissions(public);
    fault::before(Operation::Create).map_err(refused)?;
    let mut file = builder.tempfile_in(&folder).map_err(refused)?;
    let mut buffered = BufWriter::with_capacity(1 << 16, Counted(file.as_file_mut()));
    let written = write(&mut buffered).and_then(|()| buffered.flush());
    // What is still in the buffer after an error is not tried again.
    drop(buffered.into_parts());
    written.map_err(refused)?;
    if durability == Durability::Now {
        fault::before(Operation::Sync).map_err(refused)?;
        file.as_file().sync_all().map_err(refused)?;
    }
    fault::before(Operation::Rename).map_err(refused)?;
    file.persist(path).map_err(|error| refused(error.error))?;
    if durability == Durability::Now {
        sync_folder(&folder).map_err(refused)?;
    }
    Ok(())
}

/// Flushes a file to the disk that was written [later](Durability::Later), if it still exists.
pub(crate) fn sync(path: &Path) -> Result<()> {
    if !fs::symlink_metadata(path).is_ok_and(|there| there.is_file()) {
        return Ok(());
    }
    let refused = |cause| RuntimeError::file("write", path, cause);
    fault::before(Operation::Sync).map_err(refused)?;
    let file = OpenOptions::new().write(true).open(path).map_err(refused)?;
    file.sync_all().map_err(refused)?;
    sync_folder(&folder_of(path)).map_err(refused)
}

/// The extension of a file that is not finished.
pub(crate) const UNFINISHED: &str = ".unfinished";

/// What the names of a file's unfinished versions begin with.
fn prefix_of(path: &Path) -> String {
    format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy())
}

/// Removes the unfinished versions of a file that killed programs left. Nobody else may be writing it now.
pub(crate) fn remove_unfinished(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    let refused = |cause| RuntimeError::file("read", &folder, cause);
    let prefix = prefix_of(path);
    for entry in fs::read_dir(&folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&prefix) && name.ends_with(UNFINISHED) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Keeps the first bytes of a file, which is created if it does not exist, and writes others after them. Whoever reads the file
/// meanwhile may find only a part of these.
///
/// # Errors
/// When it cannot be written, or is not a regular file.
pub(crate) fn replace_tail(path: &Path, kept: u64, tail: &[u8]) -> Result<()> {
    let refused = |cause| RuntimeError::file("write", path, cause);
    if path.try_exists().map_err(refused)? {
        // Opening a pipe would wait.
        open_file(path)?;
    } else {
        fault::before(Operation::Create).map_err(refused)?;
    }
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
        .map_err(refused)?;
    file.set_len(kept).map_err(refused)?;
    file.seek(SeekFrom::Start(kept)).map_err(refused)?;
    Counted(&mut file).write_all(tail).map_err(refused)
}

/// Renames a file or a folder that is on the disk, within one file system, replacing a file of the new name.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<()> {
    let refused = |cause| RuntimeError::file("write", to, cause);
    fault::before(Operation::Rename).map_err(refused)?;
    fs::rename(from, to).map_err(refused)?;
    sync_folder(&folder_of(to)).map_err(refused)
}

/// Removes a file, if it exists.
pub(crate) fn remove(path: &Path) -> Result<()> {
    let removed = fault::before(Operation::Remove).and_then(|()| fs::remove_file(path));
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(RuntimeError::file("remove", path, error)),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Reads a file of at most `most` bytes. What has no end of its own, such as a pipe or a device, is refused before it is opened.
///
/// # Errors
/// When it is not a file, is longer, or cannot be read.
pub(crate) fn read_bounded(path: &Path, most: u64) -> Result<Vec<u8>> {
    let (file, length) = open_file(path)?;
    if length > most {
        return Err(RuntimeError::mismatch(
            path.display().to_string(),
            format!("at most {most} bytes"),
            length.to_string(),
        ));
    }
    let refused = |cause| RuntimeError::file("read", path, cause);
    let mut bytes = Vec::new();
    let room = usize::try_from(length).map_err(|_| refused(io::ErrorKind::OutOfMemory.into()))?;
    bytes
        .try_reserve_exact(room)
        .map_err(|_| refused(io::ErrorKind::OutOfMemory.into()))?;
    // It may grow while it is read.
    file.take(length).read_to_end(&mut bytes).map_err(refused)?;
    Ok(bytes)
}

/// As [`read_bounded`], for text in UTF-8.
pub(crate) fn read_text_bounded(path: &Path, most: u64) -> Result<String> {
    String::from_utf8(read_bounded(path, most)?)
        .map_err(|_| RuntimeError::mismatch(path.display().to_string(), "UTF-8", "other bytes"))
}

/// Opens a regular file and returns its length, too. Opening a pipe would wait for whoever writes into it.
pub(crate) fn open_file(path: &Path) -> Result<(File, u64)> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    let whole = |metadata: &fs::Metadata| {
        if metadata.is_file() {
            Ok(metadata.len())
        } else if metadata.is_dir() {
            Err(refused(io::ErrorKind::IsADirectory.into()))
        } else {
            let kind = "a device, a socket or a pipe";
            Err(RuntimeError::mismatch(path.display().to_string(), "a file", kind))
        }
    };
    whole(&fs::metadata(path).map_err(refused)?)?;
    let file = File::open(path).map_err(refused)?;
    let length = whole(&file.metadata().map_err(refused)?)?;
    Ok((file, length))
}

/// Flushes a folder, after which a rename in it is permanent. Not every file system lets a folder be opened or flushed, but the
/// file is whole either way.
fn sync_folder(folder: &Path) -> io::Result<()> {
    fault::before(Operation::SyncFolder)?;
    #[cfg(unix)]
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

/// The folder that `path` is in; `.` for a bare name.
fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        Some(_) | None => PathBuf::from("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.txt");
        write_atomically(&path, |out| out.write_all(b"old")).unwrap();
        let error = write_atomically(&path, |out| {
            out.write_all(b"new")?;
            Err(io::Error::from(io::ErrorKind::StorageFull))
        })
        .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("cannot write {}: ", path.display())),
            "{error}"
        );
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no temporary file stays"
        );
    }

    #[test]
    fn what_killed_programs_left_is_removed_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let left = [".x.txt.aB3dE6.unfinished", ".x.txt..unfinished"];
        let others = [
            "x.txt",
            ".x.txt.backup",
            ".y.txt.aB3dE6.unfinished",
            "x.txt.aB3dE6.unfinished",
        ];
        for name in left.iter().chain(&others) {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        remove_unfinished(&folder.path().join("x.txt")).unwrap();
        for name in left {
            assert!(!folder.path().join(name).exists(), "{name}");
        }
        for name in others {
            assert!(folder.path().join(name).exists(), "{name}");
        }
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = write_atomically(folder.path(), |_| Ok(())).unwrap_err();
        assert!(
            error.to_string().contains(&folder.path().display().to_string()),
            "{error}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_in_the_way_stays_what_it_is() {
        use std::os::unix::fs::FileTypeExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&path)
                .status()
                .unwrap()
                .success()
        );
        let error = write_atomically(&path, |out| out.write_all(b"new")).unwrap_err();
        assert!(
            error.to_string().contains("it is a device, a socket or a pipe"),
            "{error}"
        );
        assert!(fs::symlink_metadata(&path).unwrap().file_type().is_fifo());
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_the_file() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let (made, usual) = (folder.path().join("made"), folder.path().join("usual"));
        write_atomically(&made, |_| Ok(())).unwrap();
        fs::write(&usual, b"").unwrap();
        let mode = |path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(made), mode(usual));
    }

    #[test]
    fn what_has_no_end_or_is_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.txt");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read_bounded(&path, 5).unwrap(), b"12345");
        let error = read_bounded(&path, 4).unwrap_err().to_string();
        assert!(error.ends_with("x.txt: expected at most 4 bytes, found 5"), "{error}");
        assert!(read_bounded(folder.path(), 5).is_err());
        // A file of a terabyte that takes no room on the disk.
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert!(read_bounded(&path, 1 << 20).is_err());
        #[cfg(unix)]
        for endless in ["/dev/zero", "/dev/null"] {
            let error = read_bounded(Path::new(endless), 5).unwrap_err().to_string();
            assert!(error.contains("expected a file, found a device"), "{error}");
        }
    }
}
