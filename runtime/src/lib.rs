//! The runtime.

pub mod checkpoint;
pub mod data;
pub mod error;
mod files;
pub mod random;
pub mod run_directory;
