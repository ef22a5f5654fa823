//! Samples that lie in a file.

use super::archive::{Archive, Values};
use crate::error::Result;
use compiler::entering::Entering;
use std::sync::Arc;

/// Samples that lie in a file, in an order of their own.
#[derive(Debug, Clone)]
pub struct Stored {
    archive: Arc<Archive>,
    values: Values,
    /// Where each sample lies.
    rows: Vec<u32>,
}

/// Whether they are the same samples of the same file.
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

    /// How many samples there are.
    pub fn samples(&self) -> usize {
        self.rows.len()
    }

    /// Values of a sample.
    pub fn elements(&self) -> usize {
        self.archive.index.elements
    }

    /// Bytes of a sample in the file.
    pub fn stride(&self) -> usize {
        self.elements() * self.values.width()
    }

    /// Whether a value is a byte; else it is a float.
    pub fn is_whole(&self) -> bool {
        match self.values {
            Values::Bytes | Values::Levels => true,
            Values::Floats => false,
        }
    }

    /// Reads samples, by their places in the order, into memory: bytes, four of which are a float where values are no bytes.
    ///
    /// # Errors
    /// When the file cannot be read, or is damaged. There must be such samples.
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

    /// What a value is.
    pub(crate) fn values(&self) -> Values {
        self.values
    }

    /// Divides them: those from a place on are returned.
    #[must_use]
    pub fn split_off(&mut self, at: usize) -> Self {
        Self {
            archive: Arc::clone(&self.archive),
            values: self.values,
            rows: self.rows.split_off(at.min(self.rows.len())),
        }
    }

    /// The first samples alone.
    pub fn truncate(&mut self, samples: usize) {
        self.rows.truncate(samples);
    }

    /// As many samples, over and over.
    pub fn cycle(&self, samples: usize) -> Self {
        Self {
            rows: self.rows.iter().copied().cycle().take(samples).collect(),
            ..self.clone()
        }
    }

    /// As a network takes them in: bytes that are not divided are levels.
    #[must_use]
    pub fn entering(mut self, entering: Entering) -> Self {
        if self.values == Values::Bytes && entering == Entering::AsTheyAre {
            self.values = Values::Levels;
        }
        self
    }
}
