//! Imports data sets from files that the user has. They are recognised by what they hold: by their checksum if they are the
//! published files, else by reading them whole. All of them are checked before any is copied.

mod cifar;
mod idx;
mod judging;

pub use judging::{Imported, Judgement};

use super::catalogue::{Form, Published};
use super::watch::Watch;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Imports a data set from files and folders into `cache` (see [`crate::data::cache_folder`]): the published files, the same
/// unpacked or packed again or, for the data sets of digits, an `.npz` like Keras's. Together with what is in `cache` already,
/// the data set must be complete.
pub fn import(set: &Published, paths: &[PathBuf], cache: &Path, watch: &dyn Watch) -> Result<Imported> {
    match set.form {
        Form::Idx { train, test } => idx::import(set, (train, test), paths, cache, watch),
        Form::CifarArchive { batch_bytes } => cifar::import(set, batch_bytes, paths, cache, watch),
    }
}
