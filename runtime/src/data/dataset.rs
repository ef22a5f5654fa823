//! A data set in memory.

use super::folder::pictures::Pictures;
use super::samples::Split;
use super::words::{hex, thousands};
use sha2::{Digest, Sha256};
use std::fmt;

/// A data set in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name it has, or its path.
    pub name: String,
    /// What is trained on.
    pub train: Split,
    /// What is validated with, of the same shape, where a folder has it beside what is tested on.
    pub validation: Option<Split>,
    /// What is tested on, of the same shape; not every file has it.
    pub test: Option<Split>,
    /// Every label is below it.
    pub classes: usize,
    /// The classes' names in the order of their labels, where they are known.
    pub class_names: Option<Vec<String>>,
    /// One line: which copy was read.
    pub origin: String,
    /// What is known besides of samples that were pictures in a folder.
    pub pictures: Option<Pictures>,
}

impl Dataset {
    /// The sha256, in hex, of everything that training can see: shapes, pixels and labels of all splits; for a folder of
    /// pictures, of the files, so that it does not depend on the seed's order.
    pub fn fingerprint(&self) -> String {
        if let Some(pictures) = &self.pictures {
            return pictures.sha256.clone();
        }
        let mut hash = Sha256::new();
        self.train.hash_into(&mut hash);
        if let Some(test) = &self.test {
            test.hash_into(&mut hash);
        }
        hex(&hash.finalize())
    }
}

/// The line that is shown when a set has been read.
impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let test = self.test.as_ref();
        write!(
            f,
            "{}: {} samples of {}, {} classes",
            self.name,
            counts(&self.train, test),
            self.train.shape,
            self.classes
        )
    }
}

/// `60,000 + 10,000`.
pub(super) fn counts(train: &Split, test: Option<&Split>) -> String {
    let train = thousands(train.len());
    test.map_or_else(|| train.clone(), |test| format!("{train} + {}", thousands(test.len())))
}
