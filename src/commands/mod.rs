//! The commands, one in each file: they turn arguments into calls of the library, and what these return into output.

pub mod bench;
pub mod check;
mod console;
pub mod data;
pub mod devices;
pub mod emit;
pub mod eval;
pub mod explain;
pub mod export;
pub mod failure;
pub mod import;
#[cfg(not(all(feature = "fetch", feature = "pictures")))]
pub mod lacking;
pub mod new;
pub mod predict;
#[cfg(feature = "pictures")]
pub mod report;
pub mod reporting;
pub mod run;
pub mod serve;
#[cfg(feature = "pictures")]
pub mod show;
pub mod verify;

pub use failure::{Failure, Outcome};

use crate::render::terminal;
use cnnc::session::{self, Description, Examined};
use std::path::Path;

/// Opens a description and prints its warnings.
fn open(path: &Path) -> Result<Description, Failure> {
    let description = session::open(path)?;
    terminal::diagnostics(&description.source, &description.warnings);
    Ok(description)
}

/// Prints all errors and warnings of a description.
fn report(examined: &Examined) {
    terminal::diagnostics(&examined.source, &examined.diagnostics);
}

/// Opens a past run and prints the warnings of its description.
#[cfg(feature = "pictures")]
fn past(args: &crate::cli::past::PastRunArgs) -> Result<session::past::PastRun, Failure> {
    let past = session::past::PastRun::open(&args.run)?;
    terminal::diagnostics(&past.description.source, &past.description.warnings);
    Ok(past)
}
