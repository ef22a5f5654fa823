//! `cnnc data`: known data sets, and decoded pictures.

mod cache;
#[cfg(feature = "fetch")]
mod fetch;
mod import;
mod kept;
mod list;

use super::failure::Outcome;
use crate::cli::data::{DataArgs, DataCommand};

/// Runs the given subcommand of `cnnc data`.
pub fn run(args: &DataArgs) -> Outcome {
    match &args.command {
        DataCommand::List => list::run(),
        #[cfg(feature = "fetch")]
        DataCommand::Fetch(args) => fetch::run(args),
        #[cfg(not(feature = "fetch"))]
        DataCommand::Fetch(_) => super::lacking::fetch(),
        DataCommand::Import(args) => import::run(args),
        DataCommand::Cache(args) => cache::run(args),
    }
}
