//! Who is told how downloads go, and what came of them.

use std::path::PathBuf;

/// Who is told how downloads go, from several threads at once. Files are called `mnist/train-images-idx3-ubyte.gz`.
pub trait Watch: Sync {
    /// A file begins, of which so many bytes are here.
    fn begin(&self, file: &str, bytes: u64, here: u64);
    /// Its bytes come from that host now.
    fn source(&self, file: &str, host: &str);
    /// So many of its bytes are here.
    fn at(&self, file: &str, position: u64);
    /// It is over, and whole or not.
    fn end(&self, file: &str, whole: bool);
    /// Something that the user should know, in a line.
    fn note(&self, text: &str);
}

/// A set that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Where it is read from.
    pub folder: PathBuf,
    /// How many files came; none if all were here.
    pub files: usize,
}
