//! Which files of a data set are here already, and whether they are right.

use super::catalogue::{Form, Published, RemoteFile};
use super::sum;
use crate::data::cifar::{self, Version};
use crate::data::idx::{self, Content};
use crate::data::source::Source;
use crate::data::words::thousands;
use crate::error::{Result, RuntimeError};
use compiler::training::data::KnownData;
use std::fs;
use std::path::{Path, PathBuf};

/// How one published file stands in a folder.
#[derive(Debug)]
pub(super) enum State {
    /// The file is here: it has the published checksum, or else the right format and size.
    Right,
    /// There is something in its place that is not the file.
    Wrong(
        #[cfg_attr(
            not(feature = "fetch"),
            expect(dead_code, reason = "only a download says why it fetches anew")
        )]
        RuntimeError,
    ),
    /// There is nothing in its place.
    Absent,
}

/// The state of each of a set's files.
pub(super) fn look(set: &Published, folder: &Path) -> Vec<State> {
    set.files.iter().map(|file| look_for(set, file, folder)).collect()
}

fn look_for(set: &Published, file: &RemoteFile, folder: &Path) -> State {
    let found = match set.form {
        Form::Idx { .. } => idx::same_file(&file.name)
            .into_iter()
            .map(|name| folder.join(name))
            .find(|path| path.is_file())
            .map(|path| check_idx(set, file, &path)),
        Form::CifarArchive { batch_bytes } => {
            let version = Version::of(set.name);
            let found = version.find(folder);
            found.map(|folder| check_batches(version, &version.paths(&folder), batch_bytes))
        }
    };
    match found {
        None => State::Absent,
        Some(Ok(())) => State::Right,
        Some(Err(error)) => State::Wrong(error),
    }
}

/// An error unless the file is the published one, or holds as many pictures or labels of the same size.
fn check_idx(set: &Published, file: &RemoteFile, path: &Path) -> Result<()> {
    if sum::is_published(path, file)? {
        return Ok(());
    }
    let content = idx::inspect(path)?;
    if set.holding(&content) == Some(file) {
        return Ok(());
    }
    Err(RuntimeError::mismatch(
        path.display().to_string(),
        set.expected(file),
        content.to_string(),
    ))
}

impl Published {
    /// The IDX file of the data set that has such content; `None` where no file has.
    pub(super) fn holding(&self, content: &Content) -> Option<&RemoteFile> {
        let Form::Idx { train, test } = self.form else {
            return None;
        };
        let (kind, count) = match *content {
            Content::Images { count, height, width } => {
                let sizes = [height as usize, width as usize, 1];
                if self.name.shape().sizes() != sizes {
                    return None;
                }
                ("images", count)
            }
            Content::Labels { count, largest } => {
                if usize::from(largest) >= self.name.classes() {
                    return None;
                }
                ("labels", count)
            }
        };
        let split = match count {
            _ if count == train => "train",
            _ if count == test => "t10k",
            _ => return None,
        };
        let stem = format!("{split}-{kind}-");
        self.files.iter().find(|file| file.name.starts_with(&stem))
    }

    /// What that file of the data set should hold, for error messages.
    fn expected(&self, file: &RemoteFile) -> String {
        let Form::Idx { train, test } = self.form else {
            return file.name.clone();
        };
        let count = if file.name.starts_with("train-") { train } else { test };
        let count = thousands(count as usize);
        if file.name.contains("-labels-") {
            format!("{count} labels of 0 to {}", self.name.classes() - 1)
        } else {
            format!("{count} pictures of {}", sizes(self.name))
        }
    }

    /// What any file of the data set may hold, for error messages.
    pub(super) fn expected_any(&self) -> String {
        let Form::Idx { train, test } = self.form else {
            let title = Version::of(self.name).title();
            return format!("{title}'s binary version: the archive, its folder, or batches by their names");
        };
        format!(
            "IDX files of {} or {} pictures of {} or as many labels of 0 to {}, or Keras's .npz of all four",
            thousands(train as usize),
            thousands(test as usize),
            sizes(self.name),
            self.name.classes() - 1
        )
    }
}

fn sizes(name: KnownData) -> String {
    let shape = name.shape();
    let sizes: Vec<String> = shape.sizes().iter().take(2).map(ToString::to_string).collect();
    sizes.join("x")
}

/// An error unless the batches have the right lengths and labels that the data set knows.
pub(super) fn check_batches(version: Version, paths: &[PathBuf], batch_bytes: u64) -> Result<()> {
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let batch_bytes = version.bytes(name, batch_bytes);
        let facts = fs::metadata(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
        if facts.is_file() && facts.len() != batch_bytes {
            let expected = format!("a batch of {batch_bytes} bytes");
            let found = format!("{} bytes", facts.len());
            return Err(RuntimeError::mismatch(path.display().to_string(), expected, found));
        }
        cifar::read_batch(version, Source::open(path)?, &mut Vec::new(), &mut Vec::new())?;
    }
    Ok(())
}
