//! A data set in memory.

use super::folder::pictures::Pictures;
use super::samples::Split;
use super::words::{hex, thousands};
use sha2::{Digest, Sha256};
use std::fmt;

/// A data set in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    /// The name of a known data set, else the path that it was read from.
    pub name: String,
    /// The samples to train on.
    pub train: Split,
    /// The samples to validate on, of the same shape; only a folder of pictures and a table may have them beside those to test on.
    pub validation: Option<Split>,
    /// The samples to test on, of the same shape; `None` where the data have none.
    pub test: Option<Split>,
    /// The number of classes; every label is below it.
    pub classes: usize,
    /// The names of the classes in the order of their labels, where they are known.
    pub class_names: Option<Vec<String>>,
    /// A line that says which copy of the data was read.
    pub origin: String,
    /// What else is known of the samples, where they were pictures in a folder.
    pub pictures: Option<Pictures>,
}

/// The splits that a file or a folder holds.
#[derive(Debug)]
pub(super) struct Parts {
    /// The samples to train on.
    pub(super) train: Split,
    /// The samples to validate on.
    pub(super) validation: Option<Split>,
    /// The samples to test on.
    pub(super) test: Option<Split>,
    /// The classes in the order of their numbers, where they have names.
    pub(super) class_names: Option<Vec<String>>,
}

impl Parts {
    /// Those of data that have no samples to validate on, and whose classes have no names.
    pub(super) fn of((train, test): (Split, Option<Split>)) -> Self {
        Self {
            train,
            validation: None,
            test,
            class_names: None,
        }
    }
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
        for other in self.validation.iter().chain(&self.test) {
            other.hash_into(&mut hash);
        }
        hex(&hash.finalize())
    }
}

/// The line that is printed once a data set has been read.
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

/// The numbers of training and test samples as messages have them: `60,000 + 10,000`, or the first alone without a test split.
pub(super) fn counts(train: &Split, test: Option<&Split>) -> String {
    let train = thousands(train.len());
    test.map_or_else(|| train.clone(), |test| format!("{train} + {}", thousands(test.len())))
}
