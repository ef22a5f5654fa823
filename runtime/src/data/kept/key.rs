//! Identifies what a file of samples was made from.

use super::super::picture::{Form, Reading};
use super::super::words::hex;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The SHA-256, in hex, of what samples are made from: the paths, lengths and modification times of the files, in order, and how
/// each becomes a sample. Of a file for which the system tells no more, the path alone counts; it cannot be read either.
pub(super) fn of(files: &[&Path], form: Form, reading: Reading) -> String {
    let mut hash = Sha256::new();
    hash.update(b"samples 1\0");
    hash.update(format!("{form:?} {reading:?}"));
    for path in files {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
        let bytes = absolute.as_os_str().as_encoded_bytes();
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
        if let Ok(facts) = path.metadata() {
            hash.update(facts.len().to_le_bytes());
            let changed = facts
                .modified()
                .ok()
                .and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            hash.update(changed.unwrap_or_default().as_nanos().to_le_bytes());
        }
    }
    hex(&hash.finalize())
}
