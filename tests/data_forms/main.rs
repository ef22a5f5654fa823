//! The forms in which people have their data, each made here and trained on: arrays of every type, tables of pixels, folders of
//! arrays and of pictures, and what a generator does to these.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod arrays;
mod pictures;
mod support;
mod tables;
