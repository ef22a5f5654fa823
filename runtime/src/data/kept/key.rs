//! What a file of samples was made of.

use super::super::picture::{Form, Reading};
use super::super::words::hex;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The sha256, in hex, of what samples are made of: paths, lengths and times of change of the files, in their order, and how each
/// becomes a sample. A file whose facts the system does not tell counts by its path alone; it cannot be read either.
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
