//! Files by their sha256.

use super::catalogue::RemoteFile;
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::open;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// How many bytes are read and written at once.
pub(super) const BLOCK: usize = 1 << 16;

/// The length and the sha256 of the rest of a file, which is read to its end.
pub(super) fn sum(file: &mut impl Read) -> io::Result<(u64, Sha256)> {
    let (mut length, mut hash) = (0, Sha256::new());
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

/// A file's sha256, in lowercase hex.
pub(super) fn sha256(path: &Path) -> Result<String> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    let (mut file, _) = open::file(path).map_err(refused)?;
    let (_, hash) = sum(&mut file).map_err(refused)?;
    Ok(hex(&hash.finalize()))
}

/// Whether that file is the published one; a file of another length is not read.
pub(super) fn is_published(path: &Path, wanted: &RemoteFile) -> Result<bool> {
    let facts = fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
    Ok(facts.is_file() && facts.len() == wanted.bytes && sha256(path)? == wanted.sha256)
}
