//! `data::fetch` and `cnnc data fetch` against servers that stall, cut off, lie and refuse.

#![cfg(feature = "fetch")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests may fail")]

mod catalogue;
mod command;
mod download;
mod server;
