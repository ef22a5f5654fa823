//! The folders on this machine that known data sets may be in.

use compiler::training::data::KnownData;
use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// Where Debian's package dataset-fashion-mnist puts its files.
const DEBIAN_FASHION: &str = "/usr/share/datasets/fashion-mnist";

/// The user's folder for this program's data sets, each in a folder such as `mnist`: `$XDG_CACHE_HOME/cnnc` or `~/.cache/cnnc`,
/// `~/Library/Caches/cnnc`, `%LOCALAPPDATA%\cnnc`. `None` for a user without a home directory.
pub fn cache_folder() -> Option<PathBuf> {
    let folders = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(folders.cache_dir().join("cnnc"))
}

/// The folders that a known data set may be in, in the order in which they are searched.
pub(super) fn places(known: KnownData, cache: Option<&Path>) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = cache.map(|cache| cache.join(known.name())).into_iter().collect();
    if known == KnownData::FashionMnist {
        folders.push(PathBuf::from(DEBIAN_FASHION));
    }
    folders
}
