//! The form of the sample that a picture becomes.

use super::limits::MAX_SIDE;
use compiler::shape::Shape;

/// The size and the channels of the sample that a picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// The number of rows, 1 to `MAX_SIDE`.
    pub height: u32,
    /// The number of columns, 1 to `MAX_SIDE`.
    pub width: u32,
    /// 1 for grey (the luma of ITU-R BT.601), 3 for red, green and blue, 4 with opacity.
    pub channels: usize,
}

impl Form {
    /// The form that a network's input asks for; `None` where no picture can have its shape.
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

    /// The number of values of a sample.
    pub fn values(self) -> usize {
        self.height as usize * self.width as usize * self.channels
    }
}
