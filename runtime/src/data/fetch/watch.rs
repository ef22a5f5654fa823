//! How the progress and the results of downloads are reported.

use std::path::PathBuf;

/// Is told how downloads go, from several threads at once. Files are called by names such as `mnist/train-images-idx3-ubyte.gz`.
pub trait Watch: Sync {
    /// The download of a file of `bytes` bytes begins, of which `here` are here already.
    fn begin(&self, file: &str, bytes: u64, here: u64);
    /// From now on the bytes come from this host.
    fn source(&self, file: &str, host: &str);
    /// So many bytes of the file are here.
    fn at(&self, file: &str, position: u64);
    /// The download of a file is over, complete or not.
    fn end(&self, file: &str, whole: bool);
    /// Something that the user should know, in a line.
    fn note(&self, text: &str);
}

/// A data set that is now on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// The folder that it is read from.
    pub folder: PathBuf,
    /// How many files were fetched; 0 if all were here already.
    pub files: usize,
}
