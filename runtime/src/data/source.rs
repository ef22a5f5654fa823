//! Reads bytes that a stranger wrote: every read says what it expects, and nothing is allocated for sizes that the file cannot
//! hold.

use crate::error::{Result, RuntimeError};
use crate::{memory, open};
use flate2::bufread::MultiGzDecoder;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// The most bytes that one array of a data set may hold: 16 GiB, more than any data set that this program is meant for and less
/// than would bring a machine down.
pub(crate) const MAX_BYTES: u64 = 1 << 34;

/// Arrays of fewer bytes are not compared with the available memory.
const WORTH_ASKING: u64 = 1 << 26;

/// The most bytes that `packed` bytes can unpack to: deflate reaches 1,032 to 1 (zlib's technical details); the slack is for tiny
/// files.
pub(crate) fn unpacked_at_most(packed: u64) -> u64 {
    packed.saturating_mul(1032).saturating_add(1024)
}

/// The first two bytes of a gzip file.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The bytes of a file in order, unpacked where they are packed.
pub(crate) struct Source<'a> {
    file: String,
    reader: Box<dyn Read + 'a>,
    offset: u64,
    /// The most bytes that can come out altogether.
    limit: u64,
    /// Whether exactly that many come out, unless the file is damaged.
    exact: bool,
    /// How many bytes are stored on the disk.
    packed: u64,
}

impl<'a> Source<'a> {
    /// Opens a file; one that begins as gzip files do is unpacked, whatever its name.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let refused = |cause| RuntimeError::file("read", path, cause);
        let (file, bytes) = open::file(path).map_err(refused)?;
        let reader = BufReader::with_capacity(1 << 17, file);
        Self::detect(path.display().to_string(), reader, bytes).map_err(refused)
    }

    /// Reads bytes in memory, unpacked if they are gzip; error messages call them `file`.
    pub(crate) fn bytes(file: impl Into<String>, bytes: &'a [u8]) -> Self {
        let packed = bytes.len() as u64;
        if bytes.starts_with(&GZIP) {
            Self::gzip(file, bytes, packed)
        } else {
            Self::plain(file, bytes, packed)
        }
    }

    /// Reads an archive's entry that declares `size` bytes and is stored in `packed`.
    pub(crate) fn entry(file: impl Into<String>, reader: impl Read + 'a, size: u64, packed: u64) -> Self {
        Self {
            file: file.into(),
            reader: Box::new(reader),
            offset: 0,
            limit: size,
            exact: true,
            packed,
        }
    }

    fn plain(file: impl Into<String>, reader: impl Read + 'a, size: u64) -> Self {
        Self::entry(file, reader, size, size)
    }

    fn gzip(file: impl Into<String>, reader: impl BufRead + 'a, packed: u64) -> Self {
        let limit = unpacked_at_most(packed);
        Self {
            file: file.into(),
            reader: Box::new(MultiGzDecoder::new(reader)),
            offset: 0,
            limit,
            exact: false,
            packed,
        }
    }

    fn detect(file: String, mut reader: impl BufRead + 'a, packed: u64) -> io::Result<Self> {
        Ok(if reader.fill_buf()?.starts_with(&GZIP) {
            Self::gzip(file, reader, packed)
        } else {
            Self::plain(file, reader, packed)
        })
    }

    /// What error messages call the file.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// How many bytes have been read so far.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// How many more bytes there can be: exact, except for gzip, where it is an upper bound.
    pub(crate) fn rest(&self) -> u64 {
        self.limit.saturating_sub(self.offset)
    }

    /// Whether the file is gzip, so that the number of bytes is not known beforehand.
    pub(crate) fn is_gzip(&self) -> bool {
        !self.exact
    }

    /// Reads the next `N` bytes, which error messages call `what`.
    pub(crate) fn array<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let bytes = self.vec(N as u64, what)?;
        let found = bytes.len();
        bytes
            .try_into()
            .map_err(|_| RuntimeError::malformed(&self.file, self.offset, what, format!("{found} bytes")))
    }

    /// Reads the next `length` bytes, which error messages call `what`.
    pub(crate) fn vec(&mut self, length: u64, what: &str) -> Result<Vec<u8>> {
        if length > MAX_BYTES {
            return Err(self.wrong(
                format!("at most {MAX_BYTES} bytes of {what}"),
                format!("{length} bytes declared"),
            ));
        }
        if length > self.rest() {
            let found = if self.is_gzip() {
                format!("{} packed bytes in all, too few for that", self.packed)
            } else {
                format!("{} bytes", self.rest())
            };
            return Err(self.wrong(format!("{length} bytes of {what}"), found));
        }
        // Asked for only where it matters: the system is slow to say.
        let available = if length < WORTH_ASKING {
            None
        } else {
            memory::available()
        };
        if let Some(available) = available.filter(|&available| length > available) {
            let found = format!("{length} bytes of {what}");
            return Err(self.wrong(
                format!("no more than the {available} bytes of memory that are available"),
                found,
            ));
        }
        let mut bytes = Vec::new();
        // Packed data may still promise more than it holds: begin with what is likely and grow as it comes.
        let likely = length.min(self.packed.saturating_mul(16)) as usize;
        bytes
            .try_reserve_exact(likely)
            .map_err(|_| self.wrong("enough memory", format!("{length} bytes of {what}")))?;
        let read = self.reader.by_ref().take(length).read_to_end(&mut bytes);
        let offset = self.offset + bytes.len() as u64;
        read.map_err(|cause| self.failed(offset, &cause))?;
        if (bytes.len() as u64) < length {
            let expected = format!("{length} bytes of {what} from byte {} on", self.offset);
            return Err(RuntimeError::malformed(
                &self.file,
                offset,
                expected,
                "the end of the file",
            ));
        }
        self.offset = offset;
        Ok(bytes)
    }

    /// Checks that all bytes have been read; an error where more follow.
    pub(crate) fn end(mut self) -> Result<()> {
        let mut more = [0_u8];
        match self.reader.read(&mut more) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self.wrong("the end of the file", "more bytes")),
            Err(cause) => Err(self.failed(self.offset, &cause)),
        }
    }

    /// An error at the next byte: what was expected there, and what was found.
    pub(crate) fn wrong(&self, expected: impl Into<String>, found: impl Into<String>) -> RuntimeError {
        RuntimeError::malformed(&self.file, self.offset, expected, found)
    }

    /// The error for a read that failed at `offset`: the packed data are damaged, or the disk is.
    fn failed(&self, offset: u64, cause: &io::Error) -> RuntimeError {
        RuntimeError::malformed(&self.file, offset, "whole, readable data", format!("\"{cause}\""))
    }
}
