//! The largest sizes that a description may ask for.

/// The largest number of elements that the activations of one sample in all layers, or all parameters, may have: as
/// many as the 32-bit indices of the kernels can count.
pub const MOST_ELEMENTS: usize = 1 << 31;
