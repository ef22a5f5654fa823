//! Data sets.

use compiler::shape::Shape;

/// Pictures and their labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The shape of one picture.
    pub shape: Shape,
    /// Every picture in Keras's order (row, column, channel), one after another.
    pub pixels: Pixels,
    /// The class of each picture.
    pub labels: Vec<u32>,
}

/// Pixel values.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// 0 to 255, scaled by 1/255 when gathered.
    Bytes(Vec<u8>),
    /// As they are.
    Floats(Vec<f32>),
}
