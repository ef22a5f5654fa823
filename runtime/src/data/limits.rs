//! Limits of data sets.

/// The most classes that labels may have. The number of classes is one more than the largest label, so that a stray label would
/// otherwise make a network of any size look right.
pub const MAX_CLASSES: usize = 100_000;
