//! What data sets may have at the most.

/// The most classes that labels may count: one more than the largest is the number of classes, so that a stray label
/// would otherwise make a network of any size look right.
pub const MAX_CLASSES: usize = 100_000;
