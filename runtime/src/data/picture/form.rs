//! The form of a sample that a picture becomes.

use super::limits::MAX_SIDE;
use compiler::shape::Shape;

/// What a picture is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
    /// 1 for grey (the luma of ITU-R BT.601), 3 for red, green and blue, 4 with opacity.
    pub channels: usize,
}

impl Form {
    /// The form that a network's input has, if pictures can have it.
    pub fn of(shape: &Shape) -> Option<Self> {
        let (height, width, channels) = match *shape.sizes() {
            [height, width] => (height, width, 1),
            [height, width, channels @ (1 | 3 | 4)] => (height, width, channels),
            _ => return None,
        };
        let side = |size: usize| u32::try_from(size).ok().filter(|size| (1..=MAX_SIDE).contains(size));
        Some(Self {
            height: side(height)?,
            width: side(width)?,
            channels,
        })
    }

    /// How many values a sample has.
    pub fn values(self) -> usize {
        self.height as usize * self.width as usize * self.channels
    }
}
