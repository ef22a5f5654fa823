//! What stands for a layer in the drawing of a network, as data; `src/pictures/network` draws it.

/// A layer's form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Its output: a stack of sheets for maps, a bar for a row of numbers.
    Output,
    /// A small round box with a word in it, for what keeps the shape and for merges.
    Chip(&'static str),
}
