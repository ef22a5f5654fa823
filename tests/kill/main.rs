//! Runs that die, are stopped or find the disk full, at any moment, and are gone on with: the weights and the history are
//! those of a run that nobody disturbed, to the bit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]
#![cfg(unix)]

mod moments;
#[cfg(debug_assertions)]
mod operations;
mod others;
mod support;
