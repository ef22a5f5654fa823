//! The shape of one sample: the batch axis appears neither in messages nor in types.

use serde::{Serialize, Serializer};
use std::fmt;

/// The sizes of one sample's axes in Keras's order, the last one the channels: `(28, 28, 1)`, `(320)`. Rank 1 to 3.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Shape(Vec<usize>);

impl Shape {
    /// The shape with these sizes.
    pub fn new(sizes: impl Into<Vec<usize>>) -> Self {
        Self(sizes.into())
    }

    /// The shape of an image, three axes.
    pub fn map(height: usize, width: usize, channels: usize) -> Self {
        Self(vec![height, width, channels])
    }

    /// The shape of a row of numbers, one axis.
    pub fn flat(size: usize) -> Self {
        Self(vec![size])
    }

    /// The sizes in Keras's order.
    pub fn sizes(&self) -> &[usize] {
        &self.0
    }

    /// The number of axes, without the batch.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The size of the last axis, 1 for an empty shape.
    pub fn channels(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }

    /// The product of the axes before the last: height x width of an image, 1 of a row of numbers.
    pub fn positions(&self) -> usize {
        self.0.iter().rev().skip(1).product()
    }

    /// Height, width and channels; None unless there are three axes.
    pub fn as_map(&self) -> Option<(usize, usize, usize)> {
        match *self.0.as_slice() {
            [height, width, channels] => Some((height, width, channels)),
            _ => None,
        }
    }

    /// How many numbers one sample holds.
    pub fn elements(&self) -> usize {
        self.0.iter().product()
    }

    /// `elements`, or None where the product does not fit `usize`.
    pub fn checked_elements(&self) -> Option<usize> {
        self.0
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
    }
}

/// Sizes joined by `x`, as in messages: `24x24x9`.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, size) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("x")?;
            }
            write!(f, "{size}")?;
        }
        Ok(())
    }
}

/// A list with the open batch first, as Keras prints it: `[null, 24, 24, 9]`.
impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(std::iter::once(None).chain(self.0.iter().map(|&size| Some(size))))
    }
}

/// What an axis, counted from 0, of a sample of that rank counts.
pub(crate) fn axis_name(axis: usize, rank: usize) -> &'static str {
    match (axis, rank) {
        (0, 2 | 3) => "height",
        (1, 3) => "width",
        (2, 3) => "channels",
        _ => "numbers",
    }
}
