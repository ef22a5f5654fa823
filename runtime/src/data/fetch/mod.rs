//! Getting the data sets that have names: from the places that publish them, or from files that the user has. Nothing
//! reaches the folder that is read before all of a set is here and right; what is coming lies beside it, and an
//! interrupted download goes on where it ended. Downloads need the feature `fetch`.

mod catalogue;
#[cfg(feature = "fetch")]
mod download;
#[cfg(feature = "fetch")]
mod fetching;
mod import;
#[cfg(feature = "fetch")]
mod part;
mod present;
#[cfg(feature = "fetch")]
mod request;
mod store;
mod sum;
#[cfg(test)]
mod tests;
mod unpack;
pub mod weights;

pub use catalogue::{Form, Published, RemoteFile, Sum, published};
#[cfg(feature = "fetch")]
pub use fetching::fetch;
pub use import::{Imported, Judgement, import};

use std::path::PathBuf;
use std::time::Duration;

/// How to fetch.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to fetch what is here and right as well.
    pub force: bool,
    /// How many files come at once.
    pub at_once: usize,
    /// How long to wait for a mirror.
    pub patience: Patience,
}

/// How long to wait for a mirror before another is tried.
#[derive(Debug, Clone)]
pub struct Patience {
    /// For its address, and then for a connection.
    pub connect: Duration,
    /// For an answer, and then for each of its pieces.
    pub stall: Duration,
    /// The time over which speed is measured.
    pub window: Duration,
    /// Bytes a second below which other mirrors are tried first.
    pub slow: u64,
    /// Bytes a second below which a mirror is given up.
    pub floor: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            force: false,
            at_once: 4,
            patience: Patience::default(),
        }
    }
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            stall: Duration::from_secs(20),
            window: Duration::from_secs(10),
            slow: 200_000,
            floor: 1000,
        }
    }
}

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

/// What one mirror did for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Its address.
    pub mirror: String,
    /// The file.
    pub file: String,
    /// Why it did not give it.
    pub reason: String,
}

/// A set that is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Here {
    /// Where it is read from.
    pub folder: PathBuf,
    /// How many files came; none if all were here.
    pub files: usize,
}
