//! The shape of one sample: the batch axis never appears, in messages or in types.

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

    /// An image's shape.
    pub fn map(height: usize, width: usize, channels: usize) -> Self {
        Self(vec![height, width, channels])
    }

    /// A vector's shape.
    pub fn flat(size: usize) -> Self {
        Self(vec![size])
    }

    /// The sizes in Keras's order.
    pub fn sizes(&self) -> &[usize] {
        &self.0
    }

    /// How many axes it has, the batch not counted.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The size of the last axis, 1 for an empty shape.
    pub fn channels(&self) -> usize {
        self.0.last().copied().unwrap_or(1)
    }

    /// How many positions the axes before the last make: height x width of an image, 1 of a vector.
    pub fn positions(&self) -> usize {
        self.0.iter().rev().skip(1).product()
    }

    /// Height, width and channels, if it is an image.
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

    /// `elements`, or nothing where the product does not fit `usize`.
    pub fn checked_elements(&self) -> Option<usize> {
        self.0
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
    }
}

/// `24x24x9`: how messages write a shape.
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

/// As Keras prints it, the batch first: `[null, 24, 24, 9]`.
impl Serialize for Shape {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(std::iter::once(None).chain(self.0.iter().map(|&size| Some(size))))
    }
}

/// What an axis of a sample of that rank counts.
pub(crate) fn axis_name(axis: usize, rank: usize) -> &'static str {
    match (axis, rank) {
        (0, 2 | 3) => "height",
        (1, 3) => "width",
        (2, 3) => "channels",
        _ => "numbers",
    }
}
