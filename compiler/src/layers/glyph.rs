//! The figures that stand for layers in the drawing of a network, as data; `src/pictures/network` draws them.

/// The figure that stands for a layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The layer's output: a stack of sheets for maps, a bar for a row of numbers.
    Output,
    /// A small round box with a word in it, for merges and for layers that keep the shape.
    Chip(&'static str),
}
