//! Decoded and resized pictures in a file, for data sets that are too large for memory: written once, found again by what they
//! were made from, and read a few samples at a time.

pub(super) mod archive;
mod cache;
pub(crate) mod keeping;
mod key;
pub(super) mod stored;
#[cfg(test)]
mod tests;
pub(crate) mod writing;

pub use cache::{Cached, clear, list};
pub use keeping::Keeping;
pub use stored::Stored;
