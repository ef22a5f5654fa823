//! Files of weights that Keras publishes: where they are looked for, and how they are fetched. Each is one file, `weights/FILE`
//! in the cache folder; Keras's own cache is searched as well.

use super::catalogue::Sum;
use super::sum;
use crate::error::{Result, RuntimeError};
use compiler::applications::{Named, Published};
use std::path::{Path, PathBuf};

/// The name of the folder of weights in the cache folder.
const FOLDER: &str = "weights";

/// The checksum that is published of the file.
fn sum_of(published: &Published) -> Sum {
    published.md5.map_or(Sum::Unpublished, Sum::Md5)
}

/// The folders that such files may be in: this program's, then Keras's (`~/.keras/models`, or below `KERAS_HOME`).
fn places(cache: Option<&Path>) -> Vec<PathBuf> {
    let keras = match std::env::var_os("KERAS_HOME") {
        Some(home) => Some(PathBuf::from(home)),
        None => etcetera::home_dir().ok().map(|home| home.join(".keras")),
    };
    let own = cache.map(|cache| cache.join(FOLDER));
    own.into_iter().chain(keras.map(|keras| keras.join("models"))).collect()
}

/// The path of a file of weights on this machine.
///
/// # Errors
/// When there is none, or a file of this name is not the published one.
pub fn find_weights(wanted: &Named, cache: Option<&Path>) -> Result<PathBuf> {
    let looked_in = places(cache);
    let found = looked_in
        .iter()
        .map(|folder| folder.join(&wanted.file))
        .find(|path| path.is_file());
    let Some(path) = found else {
        return Err(RuntimeError::NoWeights {
            file: wanted.file.clone(),
            folder: wanted.folder,
            set: wanted
                .published
                .filter(|file| file.bytes.is_some())
                .map(|file| file.set),
            looked_in,
        });
    };
    if let Some(published) = wanted.published {
        let sum = sum_of(published);
        let facts = std::fs::metadata(&path).map_err(|cause| RuntimeError::file("read", &path, cause))?;
        let length = published.bytes.unwrap_or(facts.len());
        if facts.len() != length || !sum::is_right(&path, &sum)? {
            let (kind, wanted) = sum.told();
            let expected = match sum {
                Sum::Unpublished => format!("{length} bytes, as Keras publishes it"),
                Sum::Md5(_) | Sum::Sha256(_) => format!("the {kind} {wanted}, as Keras publishes it"),
            };
            return Err(RuntimeError::mismatch(
                path.display().to_string(),
                expected,
                "another file",
            ));
        }
    }
    Ok(path)
}

#[cfg(feature = "fetch")]
pub use fetching::fetch_weights;

#[cfg(feature = "fetch")]
mod fetching {
    use super::super::catalogue::RemoteFile;
    use super::super::disk;
    use super::super::download::{Download, Fetched};
    use super::super::options::Options;
    use super::super::request::Client;
    use super::super::store;
    use super::super::sum;
    use super::super::watch::Watch;
    use super::{FOLDER, sum_of};
    use crate::error::{Result, RuntimeError};
    use crate::files;
    use compiler::applications::Published;
    use std::path::{Path, PathBuf};

    /// Fetches a file of weights into `cache`, trying `mirrors` first. Returns its path, and whether it had to be downloaded.
    ///
    /// # Errors
    /// When no mirror gave it, its length is not known, or it cannot be written.
    pub fn fetch_weights(
        published: &Published,
        mirrors: &[String],
        cache: &Path,
        options: &Options,
        watch: &dyn Watch,
    ) -> Result<(PathBuf, bool)> {
        let file = RemoteFile {
            name: published.file.to_owned(),
            bytes: published.bytes.unwrap_or(0),
            sum: sum_of(published),
        };
        let folder = cache.join(FOLDER);
        let path = folder.join(published.file);
        disk::create(&folder)?;
        let _lock = store::lock(&cache.join(format!("{FOLDER}.lock")), FOLDER, watch)?;
        if !options.force && path.is_file() && sum::is_published(&path, &file)? {
            return Ok((path, false));
        }
        let staging = cache.join(format!("{FOLDER}.part"));
        disk::create(&staging)?;
        if published.md5.is_none() {
            watch.note(&format!(
                "{}: Keras publishes no sum of this file; it is taken for its length",
                published.set
            ));
        }
        if options.force {
            disk::remove(&staging.join(published.file))?;
        }
        let all: Vec<String> = mirrors.iter().cloned().chain([published.folder.to_owned()]).collect();
        let download = Download {
            client: &Client::new(&options.patience),
            watch,
            label: &format!("{}/{}", published.set, published.file),
            file: &file,
            mirrors: &all,
            folder: &staging,
        };
        match download.run()? {
            Fetched::Whole => {
                files::rename(&staging.join(published.file), &path)?;
                let _ = std::fs::remove_dir(&staging);
                Ok((path, true))
            }
            Fetched::Nowhere { attempts, kept } => {
                let _ = std::fs::remove_dir(&staging);
                Err(RuntimeError::Fetch {
                    name: published.set,
                    lacking: 1,
                    files: 1,
                    attempts,
                    kept,
                })
            }
        }
    }
}
