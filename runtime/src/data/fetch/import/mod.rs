//! Data sets from files that the user has. What they are is found from what they hold: by their sum if they are the
//! published files, else by reading them whole. Everything is judged before anything is copied.

mod cifar;
mod idx;
mod judging;

pub use judging::{Imported, Judgement};

use super::catalogue::{Form, Published};
use super::watch::Watch;
use crate::error::Result;
use std::path::{Path, PathBuf};

/// Takes the set from files and folders into `cache` (see [`crate::data::cache_folder`]): the published files, the same
/// unpacked or packed anew, for the sets of digits an `.npz` as Keras's. With what is in `cache` already it must be whole.
pub fn import(set: &Published, paths: &[PathBuf], cache: &Path, watch: &dyn Watch) -> Result<Imported> {
    match set.form {
        Form::Idx { train, test } => idx::import(set, (train, test), paths, cache, watch),
        Form::CifarArchive { batch_bytes } => cifar::import(set, batch_bytes, paths, cache, watch),
    }
}
