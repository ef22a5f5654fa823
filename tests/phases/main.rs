//! Runs in phases: a second `compile` and `fit` go on with the weights. `tests/phases/` holds what Keras 3.15.1 made of two of
//! them (`generate.py`); what is stopped or killed in any phase is gone on with, to the bit.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]

mod features;
mod going_on;
mod oracle;
mod support;
mod words;
