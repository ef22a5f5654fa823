//! Checksums of files, SHA-256 or MD5, and whether they are those that are published.

use super::catalogue::{RemoteFile, Sum};
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::open;
use md5::Md5;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// How many bytes are read and written at a time.
pub(super) const BLOCK: usize = 1 << 16;

/// A checksum that is being computed.
#[derive(Clone)]
pub(super) enum Hash {
    Sha256(Sha256),
    Md5(Md5),
}

impl Hash {
    /// A checksum of the kind that is published of the file; SHA-256 where none is.
    pub(super) fn like(sum: &Sum) -> Self {
        match sum {
            Sum::Sha256(_) | Sum::Unpublished => Self::Sha256(Sha256::new()),
            Sum::Md5(_) => Self::Md5(Md5::new()),
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Md5(hash) => hash.update(bytes),
        }
    }

    /// The checksum of all bytes so far, in lowercase hex.
    pub(super) fn finish(self) -> String {
        match self {
            Self::Sha256(hash) => hex(&hash.finalize()),
            Self::Md5(hash) => hex(&hash.finalize()),
        }
    }
}

impl Sum {
    /// The kind of checksum and the published value, for messages; `known` stands for a value that is not published.
    pub(super) fn told(&self) -> (&'static str, &str) {
        match self {
            Self::Sha256(sum) => ("sha256", sum),
            Self::Md5(sum) => ("md5", sum),
            Self::Unpublished => ("sha256", "known"),
        }
    }

    /// Whether `found` is the checksum that is published; always where none is.
    pub(super) fn is(&self, found: &str) -> bool {
        match self {
            Self::Sha256(sum) => sum == found,
            Self::Md5(sum) => *sum == found,
            Self::Unpublished => true,
        }
    }
}

/// The length and the checksum of the rest of a file, which is read to its end.
pub(super) fn sum(file: &mut impl Read, mut hash: Hash) -> io::Result<(u64, Hash)> {
    let mut length = 0;
    let mut block = vec![0; BLOCK];
    loop {
        let count = match file.read(&mut block) {
            Ok(0) => return Ok((length, hash)),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(block.get(..count).unwrap_or_default());
        length += count as u64;
    }
}

/// A file's SHA-256, in lowercase hex.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    let (mut file, _) = open::file(path).map_err(refused)?;
    let (_, hash) = sum(&mut file, Hash::Sha256(Sha256::new())).map_err(refused)?;
    Ok(hash.finish())
}

/// Whether the file is the published one; a file of another length is not read.
pub(super) fn is_published(path: &Path, wanted: &RemoteFile) -> Result<bool> {
    let facts = fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
    if !facts.is_file() || facts.len() != wanted.bytes {
        return Ok(false);
    }
    is_right(path, &wanted.sum)
}

/// Whether the file has this checksum.
pub(super) fn is_right(path: &Path, wanted: &Sum) -> Result<bool> {
    if *wanted == Sum::Unpublished {
        return Ok(true);
    }
    let refused = |cause| RuntimeError::file("read", path, cause);
    let (mut file, _) = open::file(path).map_err(refused)?;
    let (_, hash) = sum(&mut file, Hash::like(wanted)).map_err(refused)?;
    Ok(wanted.is(&hash.finish()))
}
