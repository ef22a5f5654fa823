//! Samples in a file, which are read as they are needed.

use super::archive::{Archive, Values};
use crate::error::Result;
use compiler::entering::Entering;
use std::sync::Arc;

/// Samples in a file, in an order that may differ from the file's.
#[derive(Debug, Clone)]
pub struct Stored {
    archive: Arc<Archive>,
    values: Values,
    /// The row in the file of each sample.
    rows: Vec<u32>,
}

/// They are equal if they are the same samples of the same file.
impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        let key = |this: &Self| this.archive.index.key.clone();
        self.values == other.values && self.rows == other.rows && key(self) == key(other)
    }
}

impl Stored {
    pub(super) fn new(archive: Archive, rows: Vec<u32>) -> Self {
        Self {
            values: archive.index.values,
            archive: Arc::new(archive),
            rows,
        }
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.rows.len()
    }

    /// The number of values of a sample.
    pub fn elements(&self) -> usize {
        self.archive.index.elements
    }

    /// The number of bytes that a sample takes in the file.
    pub fn stride(&self) -> usize {
        self.elements() * self.values.width()
    }

    /// Whether values are stored as bytes; otherwise they are floats.
    pub fn is_whole(&self) -> bool {
        match self.values {
            Values::Bytes | Values::Levels => true,
            Values::Floats => false,
        }
    }

    /// Reads samples into memory, by their indices in the order. The bytes are as in the file: four of them are a float unless
    /// values are bytes.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged. The samples must exist.
    pub(crate) fn bytes(&self, samples: &[u32]) -> Result<Vec<u8>> {
        let stride = self.stride();
        let mut bytes = vec![0; samples.len() * stride];
        for (place, &sample) in bytes.chunks_exact_mut(stride.max(1)).zip(samples) {
            if let Some(&row) = self.rows.get(sample as usize) {
                self.archive.sample(row, place)?;
            }
        }
        Ok(bytes)
    }

    /// How values are stored.
    pub(crate) fn values(&self) -> Values {
        self.values
    }

    /// Splits the samples in two and returns those from index `at` on.
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Self {
        Self {
            archive: Arc::clone(&self.archive),
            values: self.values,
            rows: self.rows.split_off(at.min(self.rows.len())),
        }
    }

    /// Keeps the first samples alone.
    pub fn truncate(&mut self, samples: usize) {
        self.rows.truncate(samples);
    }

    /// As many samples as asked for, repeating them from the first on.
    pub fn cycle(&self, samples: usize) -> Self {
        Self {
            rows: self.rows.iter().copied().cycle().take(samples).collect(),
            ..self.clone()
        }
    }

    /// The samples as a network takes them: bytes that are not divided by 255 become levels.
    #[must_use]
    pub fn entering(mut self, entering: Entering) -> Self {
        if self.values == Values::Bytes && entering == Entering::AsTheyAre {
            self.values = Values::Levels;
        }
        self
    }
}
