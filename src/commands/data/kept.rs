//! The cache folder of data sets, and the errors that concern it.

use crate::commands::failure::Failure;
use compiler::training::data::{DataName, KnownData};
use runtime::data;
use runtime::error::RuntimeError;
use std::path::{Path, PathBuf};

/// The folder that data sets are put into.
pub(super) fn cache() -> Result<PathBuf, Failure> {
    data::cache_folder().ok_or_else(|| {
        Failure::message("there is no folder to keep data sets in: this user has no home")
            .with_help("name a folder for caches in XDG_CACHE_HOME")
    })
}

/// The error that keeps a data set from its folder; where the folder itself is the cause, with how to name another one.
#[expect(clippy::wildcard_enum_match_arm, reason = "every other error speaks for itself")]
pub(super) fn failure(error: RuntimeError) -> Failure {
    match error {
        RuntimeError::File {
            action: "create" | "write" | "remove",
            ..
        } => Failure::message(error.to_string()).with_help(
            "data sets are kept in cnnc/ in the folder that XDG_CACHE_HOME names, or in the user's cache folder",
        ),
        error => error.into(),
    }
}

/// A line about a data set that was just put there, which is read as it will be for training.
pub(super) fn line(known: KnownData, cache: &Path) -> Result<String, Failure> {
    let dataset = data::load(&DataName::Known(known), Path::new(""), Some(cache))?;
    Ok(format!("{}: {}\n", known.name(), dataset.origin))
}
