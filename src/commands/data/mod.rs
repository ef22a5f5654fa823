//! `cnnc data`: the data sets that have names.

mod fetch;
mod import;
mod list;

use super::{Failure, Outcome};
use crate::cli::{DataArgs, DataCommand};
use compiler::network::{DataName, KnownData};
use runtime::data;
use std::path::{Path, PathBuf};

/// Does what was asked.
pub fn run(args: &DataArgs) -> Outcome {
    match &args.command {
        DataCommand::List => list::run(),
        DataCommand::Fetch(args) => fetch::run(args),
        DataCommand::Import(args) => import::run(args),
    }
}

/// The folder that sets are put into.
fn cache() -> Result<PathBuf, Failure> {
    data::cache_folder().ok_or_else(|| {
        Failure::message("there is no folder to keep data sets in: this user has no home")
            .with_help("name a folder for caches in XDG_CACHE_HOME")
    })
}

/// A line about a set that was just put there, read as it will be for training.
fn line(known: KnownData, cache: &Path) -> Result<String, Failure> {
    let dataset = data::load(&DataName::Known(known), Path::new(""), Some(cache))?;
    Ok(format!("{}: {}\n", known.name(), dataset.origin))
}
