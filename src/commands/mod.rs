//! The commands, one file each, and what they share: how they fail, where a description comes from, which device runs.

pub mod bench;
pub mod check;
pub mod data;
pub mod device;
pub mod devices;
pub mod emit;
pub mod eval;
pub mod failure;
pub mod judge;
pub mod new;
pub mod past;
pub mod predict;
pub mod report;
pub mod run;
pub mod session;
pub mod show;
pub mod source;
pub mod specs;

pub use failure::{Failure, Outcome};
