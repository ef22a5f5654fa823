//! A file that is being downloaded: its bytes so far on the disk, and their checksum. It is written without a buffer of the
//! program's own, so that a download can be resumed however the process ended.

use super::catalogue::RemoteFile;
use super::sum::{Hash, sum};
use crate::error::{Result, RuntimeError};
use crate::files;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The part of a file that has been downloaded so far.
pub(super) struct Part<'a> {
    wanted: &'a RemoteFile,
    path: PathBuf,
    file: File,
    length: u64,
    hash: Hash,
    /// The mirrors that the bytes came from; `None` stands for those of an earlier run.
    sources: Vec<Option<String>>,
}

/// The extension of a part.
pub(super) const SUFFIX: &str = ".part";

/// The path of a file's part in a folder.
pub(super) fn path(folder: &Path, wanted: &RemoteFile) -> PathBuf {
    folder.join(format!("{}{SUFFIX}", wanted.name))
}

impl<'a> Part<'a> {
    /// Opens the part that an earlier run left in the folder, or begins a new one.
    pub(super) fn open(folder: &Path, wanted: &'a RemoteFile) -> Result<Self> {
        let path = path(folder, wanted);
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(|cause| RuntimeError::file("write", &path, cause))?;
        let mut part = Self {
            wanted,
            path,
            file,
            length: 0,
            hash: Hash::like(&wanted.sum),
            sources: Vec::new(),
        };
        let refused = |cause| RuntimeError::file("read", &part.path, cause);
        let here = part.file.metadata().map_err(refused)?.len();
        if here > wanted.bytes {
            part.clear()?;
        } else if here > 0 {
            let mut file = (&part.file).take(here);
            (part.length, part.hash) = sum(&mut file, Hash::like(&wanted.sum)).map_err(refused)?;
            part.sources.push(None);
        }
        Ok(part)
    }

    /// How many bytes have been downloaded.
    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// How many bytes are still missing.
    pub(super) fn rest(&self) -> u64 {
        self.wanted.bytes - self.length
    }

    /// The checksum of the bytes so far.
    pub(super) fn sum(&self) -> String {
        self.hash.clone().finish()
    }

    /// Whether the part is the whole file, with the right checksum.
    pub(super) fn is_right(&self) -> bool {
        self.rest() == 0 && self.wanted.sum.is(&self.sum())
    }

    /// Whether any of the bytes came from elsewhere than this mirror.
    pub(super) fn is_mixed(&self, mirror: &str) -> bool {
        self.sources.iter().any(|source| source.as_deref() != Some(mirror))
    }

    /// Empties the file of the part, so that the download begins anew, from any mirror.
    pub(super) fn clear(&mut self) -> Result<()> {
        let emptied = self.file.set_len(0).and_then(|()| self.file.seek(SeekFrom::Start(0)));
        emptied.map_err(|cause| RuntimeError::file("write", &self.path, cause))?;
        self.length = 0;
        self.hash = Hash::like(&self.wanted.sum);
        self.sources.clear();
        Ok(())
    }

    /// Appends bytes of a mirror, but no more than are missing.
    pub(super) fn add(&mut self, bytes: &[u8], mirror: &str) -> Result<()> {
        if let Err(cause) = self.file.write_all(bytes) {
            // A write that was cut short left bytes which the sum has not seen.
            let _ = self.file.set_len(self.length);
            return Err(RuntimeError::file("write", &self.path, cause));
        }
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        if !self.sources.iter().any(|source| source.as_deref() == Some(mirror)) {
            self.sources.push(Some(mirror.to_owned()));
        }
        Ok(())
    }

    /// Flushes the complete file to the disk and gives it its name.
    pub(super) fn finish(self) -> Result<()> {
        let whole = self.path.with_file_name(&self.wanted.name);
        let synced = self.file.sync_all();
        synced.map_err(|cause| RuntimeError::file("write", &self.path, cause))?;
        drop(self.file);
        files::rename(&self.path, &whole)
    }

    /// Gives up without the whole file; a part that has no bytes is removed.
    pub(super) fn leave(self) {
        if self.length == 0 {
            drop(self.file);
            let _ = fs::remove_file(&self.path);
        }
    }
}
