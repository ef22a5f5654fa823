//! What pictures are where no folders tell it: tables of classes, of several labels and of numbers; masks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

mod masks;
mod mistakes;
mod support;
mod tables;
