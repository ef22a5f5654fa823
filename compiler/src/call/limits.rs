//! The largest sizes that a description may ask for.

/// The most numbers that one sample's activations, all layers together, or the parameters may be: what a 32-bit index
/// can count, as the kernels do.
pub const MOST_ELEMENTS: usize = 1 << 31;
