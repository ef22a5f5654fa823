//! The runtime.

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
pub mod run_directory;
pub mod threads;
pub mod train;
