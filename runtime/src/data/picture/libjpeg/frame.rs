//! The coefficients of a JPEG file's picture, before they are transformed.

/// The index in a block, row by row, of each coefficient in the order of files.
pub(super) const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21,
    28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54,
    47, 55, 62, 63,
];

/// A component, such as luma: a plane of blocks.
#[derive(Default)]
pub(super) struct Component {
    pub(super) id: u8,
    /// The sampling factors: how many blocks of it a minimum coded unit has, across and down.
    pub(super) sampling: (usize, usize),
    pub(super) quantization: usize,
    /// How many blocks, across and down, hold the picture.
    pub(super) blocks: (usize, usize),
    /// How many blocks a row has: those of whole units.
    pub(super) stride: usize,
    /// All coefficients, block after block, each of them row by row.
    pub(super) coefficients: Vec<i16>,
}

/// The picture of a file, not yet transformed.
pub(super) struct Frame {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) components: Vec<Component>,
    /// The largest sampling factors of all components, across and down.
    pub(super) most: (usize, usize),
    /// The quantization table of each component, row by row.
    pub(super) quantization: Vec<[u16; 64]>,
    /// Whether the components are red, green and blue; otherwise they are luma and two colour differences.
    pub(super) is_rgb: bool,
}
