//! The runtime: data sets, both executors, training, checkpoints, and what a run keeps on disk. No arguments are parsed and nothing is printed here.

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

pub mod callbacks;
pub mod checkpoint;
pub mod data;
pub mod error;
pub mod executor;
pub mod files;
pub mod loading;
pub mod memory;
pub mod numpy;
pub mod open;
mod parameters;
pub mod random;
pub mod reference;
pub mod run_directory;
pub mod threads;
pub mod train;
pub mod verify;
