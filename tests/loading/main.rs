//! Data sets that the text describes by Keras's loaders: pixels, labels and subsets are Keras's, runs know how they were read,
//! and what cannot be read is told at its place.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

mod described;
mod oracle;
