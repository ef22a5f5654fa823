//! The runtime.

pub mod checkpoint;
pub mod data;
pub mod error;
pub mod executor;
pub mod files;
mod parameters;
pub mod random;
pub mod run_directory;
pub mod train;
