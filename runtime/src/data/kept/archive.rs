//! A file of samples: the samples one after another, an index of them in JSON, and a footer of its length, its sum and a mark.
//! Whoever finds the mark finds a whole file, since it is renamed into its place when all of it is written.

use crate::error::{Result, RuntimeError};
use crate::open;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// What a file of samples ends with.
const MARK: &[u8; 16] = b"cnnc samples 001";
/// Length and sum of the index, and the mark.
const FOOTER: u64 = 8 + 4 + 16;
/// The largest index that is read: a data set of fifty million pictures has one of this size.
const MOST_INDEX: u64 = 1 << 32;

/// What a value of a sample is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// A byte, to be divided by 255 where the network does not scale.
    Bytes,
    /// A byte, to be taken as it is.
    Levels,
    /// Four bytes, little endian.
    Floats,
}

impl Values {
    /// Bytes of one.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Bytes | Self::Levels => 1,
            Self::Floats => 4,
        }
    }
}

/// What is known of the samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// See [`super::key`].
    pub(super) key: String,
    /// The folder that the pictures are in, for people.
    pub(super) of: String,
    /// What values are.
    pub(super) values: Values,
    /// Values of a sample.
    pub(super) elements: usize,
    /// Of each sample which of the files it is, in the order of their paths.
    pub(super) kept: Vec<u32>,
    /// Height and width of each picture.
    pub(super) sizes: Vec<(u32, u32)>,
    /// The sha256 of each picture's file, in hex.
    pub(super) digests: Vec<String>,
    /// The CRC-32 of each sample.
    pub(super) sums: Vec<u32>,
    /// The files that are no sample, and why.
    pub(super) unreadable: Vec<(u32, String)>,
}

/// An open file of samples.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    pub(super) index: Index,
}

/// The bytes that follow the samples.
pub(super) fn ending(index: &Index) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(index)?;
    let (length, sum) = (bytes.len() as u64, crc32fast::hash(&bytes));
    bytes.extend(length.to_le_bytes());
    bytes.extend(sum.to_le_bytes());
    bytes.extend(MARK);
    Ok(bytes)
}

impl Archive {
    /// Opens a file of samples; nothing where there is none, or what is there is none that is whole.
    pub(super) fn open(path: &Path) -> Option<Self> {
        let (file, length) = open::file(path).ok()?;
        let mut footer = [0; FOOTER as usize];
        read_at(&file, &mut footer, length.checked_sub(FOOTER)?).ok()?;
        let (size, rest) = footer.split_first_chunk::<8>()?;
        let (sum, mark) = rest.split_first_chunk::<4>()?;
        let size = u64::from_le_bytes(*size);
        let begin = length.checked_sub(FOOTER)?.checked_sub(size)?;
        if mark != MARK || size > MOST_INDEX {
            return None;
        }
        let mut bytes = vec![0; usize::try_from(size).ok()?];
        read_at(&file, &mut bytes, begin).ok()?;
        if crc32fast::hash(&bytes) != u32::from_le_bytes(*sum) {
            return None;
        }
        let index: Index = serde_json::from_slice(&bytes).ok()?;
        let count = index.kept.len();
        let whole = [index.sizes.len(), index.digests.len(), index.sums.len()] == [count; 3];
        let stride = (index.elements as u64).checked_mul(index.values.width() as u64)?;
        (whole && stride.checked_mul(count as u64) == Some(begin)).then(|| Self {
            path: path.to_owned(),
            file,
            index,
        })
    }

    /// The bytes of a sample.
    ///
    /// # Errors
    /// When they cannot be read, or are not those that were written.
    pub(super) fn sample(&self, row: u32, into: &mut [u8]) -> Result<()> {
        let refused = |cause| RuntimeError::file("read", &self.path, cause);
        let stride = (self.index.elements * self.index.values.width()) as u64;
        read_at(&self.file, into, u64::from(row) * stride).map_err(refused)?;
        if self.index.sums.get(row as usize) != Some(&crc32fast::hash(into)) {
            let found = format!("other bytes in sample {row}; `cnnc data cache --clear` has it made anew");
            return Err(RuntimeError::mismatch(
                self.path.display().to_string(),
                "the samples that were written",
                found,
            ));
        }
        Ok(())
    }

    /// Says that it was used now, so that others go before it where room is needed.
    pub(super) fn touch(&self) {
        let now = std::time::SystemTime::now();
        let file = File::options().append(true).open(&self.path);
        let _ = file.and_then(|file| file.set_modified(now));
    }
}

#[cfg(unix)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, into, at)
}

#[cfg(windows)]
fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<()> {
    let mut done = 0;
    while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match std::os::windows::fs::FileExt::seek_read(file, rest, at + done as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => done += count,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}
