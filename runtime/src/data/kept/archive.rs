//! A file of samples: the samples one after another, an index of them in JSON, and a footer of the index's length and checksum
//! and a mark. A file with the mark is whole, since it is renamed to its final name only after all of it has been written.

use crate::error::{Result, RuntimeError};
use crate::open;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The last bytes of every file of samples.
const MARK: &[u8; 16] = b"cnnc samples 001";
/// The length of the footer in bytes: length and checksum of the index, and the mark.
const FOOTER: u64 = 8 + 4 + 16;
/// The largest index that is read, in bytes: that of a data set of fifty million pictures has about this size.
const MOST_INDEX: u64 = 1 << 32;

/// How the values of samples are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// A byte, which is divided by 255 where the network does not scale it itself.
    Bytes,
    /// A byte, which is taken as it is.
    Levels,
    /// A `float32` in little-endian order, four bytes, which is taken as it is.
    Floats,
}

impl Values {
    /// How many bytes one value takes.
    pub(super) const fn width(self) -> usize {
        match self {
            Self::Bytes | Self::Levels => 1,
            Self::Floats => 4,
        }
    }
}

/// What a file records of its samples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Index {
    /// What the samples depend on; the file is only used where [`super::key`] gives the same.
    pub(super) key: String,
    /// The folder that the pictures are in, to be shown to people.
    pub(super) of: String,
    /// How the values are stored.
    pub(super) values: Values,
    /// The number of values of a sample.
    pub(super) elements: usize,
    /// Of which file each sample is: an index into the paths in their order.
    pub(super) kept: Vec<u32>,
    /// The height and width of each picture before it was resized.
    pub(super) sizes: Vec<(u32, u32)>,
    /// The SHA-256 of each picture's file, in hex.
    pub(super) digests: Vec<String>,
    /// The CRC-32 of each sample's bytes.
    pub(super) sums: Vec<u32>,
    /// The files that could not be read: an index as in `kept`, and why.
    pub(super) unreadable: Vec<(u32, String)>,
}

/// A file of samples that is open for reading.
#[derive(Debug)]
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    pub(super) index: Index,
}

/// The bytes that follow the samples: index and footer.
pub(super) fn ending(index: &Index) -> io::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(index)?;
    let (length, sum) = (bytes.len() as u64, crc32fast::hash(&bytes));
    bytes.extend(length.to_le_bytes());
    bytes.extend(sum.to_le_bytes());
    bytes.extend(MARK);
    Ok(bytes)
}

impl Archive {
    /// Opens a file of samples; `None` where there is no file, or one that is not whole.
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

    /// Reads the bytes of a sample.
    ///
    /// # Errors
    /// When they cannot be read, or do not have the checksum that they were written with.
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

    /// Marks the file as used now, so that others are removed before it when room is needed.
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
