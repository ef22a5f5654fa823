//! What can go wrong with files: facts, one variant for each kind. Each message is one line and names the file.

use crate::checkpoint::mismatch::VariableMismatch;
use crate::data::fetch::attempt::Attempt;
use crate::data::folder::error::FolderError;
use crate::data::words::{FOLDER_FORMS, thousands};
use crate::loading::error::LoadingError;
use crate::memory::readable;
use compiler::call::suggest::all_of;
use compiler::training::data::KnownData;
use std::io;
use std::path::{Path, PathBuf};

/// The result of everything here that touches a file.
pub type Result<T> = std::result::Result<T, RuntimeError>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The operating system refused.
    #[error("cannot {action} {}: {cause}", path.display())]
    File {
        /// `read`, `write`, `create`: what was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file holds something else than its format or its own header says.
    #[error("{file}: byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// The file; for a part of an archive, with that part.
        file: String,
        /// Where, from the start of the file, unpacked where it is packed.
        offset: u64,
        /// What should stand there.
        expected: String,
        /// What stands there.
        found: String,
    },
    /// A file is whole, but is not what is asked for here; no single byte is at fault.
    #[error("{file}: expected {expected}, found {found}")]
    Mismatch {
        /// The file; for a part of an archive, with that part.
        file: String,
        /// What was asked for.
        expected: String,
        /// What it holds.
        found: String,
    },
    /// Another process writes to a run directory.
    #[error("another run writes to {}{}", path.display(), holder.map_or_else(String::new, |process| format!(" (process {process})")))]
    Busy {
        /// The directory.
        path: PathBuf,
        /// The other process, where it has said so.
        holder: Option<u32>,
    },
    /// A run that was begun otherwise cannot be gone on with.
    #[error("the run in {} was another: {what} was {then}, and is {now} here", path.display())]
    AnotherRun {
        /// Its directory.
        path: PathBuf,
        /// What is different.
        what: String,
        /// The value then.
        then: String,
        /// What it is.
        now: String,
    },
    /// A path that is neither a data set's name nor a file nor a folder.
    #[error("cannot find the data set {}", path.display())]
    NoSuchData {
        /// The path that was tried.
        path: PathBuf,
    },
    /// A folder in which there is no known data set.
    #[error("no data set in the folder {}", path.display())]
    UnknownFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A single picture where a data set is asked for.
    #[error("{} is one picture, no data set", path.display())]
    OnePicture {
        /// The picture.
        path: PathBuf,
    },
    /// Something is wrong with a folder of pictures.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Something is wrong with a table of labels, or with masks.
    #[error(transparent)]
    Loading(#[from] LoadingError),
    /// A data set with a name that is not on this machine.
    #[error("the data set {} is not on this machine", name.name())]
    NotHere {
        /// The data set.
        name: KnownData,
        /// The folders that were looked into.
        looked_in: Vec<PathBuf>,
    },
    /// A file of weights that Keras publishes is not on this machine.
    #[error("the weights {file} are not on this machine")]
    NoWeights {
        /// The file's name in its place of publication.
        file: String,
        /// The folder that serves it.
        folder: &'static str,
        /// What `cnnc data fetch` calls it, where it can be fetched.
        set: Option<&'static str>,
        /// The folders that were looked into.
        looked_in: Vec<PathBuf>,
    },
    /// No mirror gave some files of a data set; the message has a line for each thing that a mirror did.
    #[error("cannot fetch {name}: no mirror gave {}{}", if lacking == files { "it".to_owned() } else { format!("{lacking} of its {files} files") }, lines(attempts, *files))]
    Fetch {
        /// What `cnnc data fetch` calls it.
        name: &'static str,
        /// How many files did not come.
        lacking: usize,
        /// How many files it has.
        files: usize,
        /// What the mirrors did, in order.
        attempts: Vec<Attempt>,
        /// How many bytes are kept of files that began to come.
        kept: u64,
    },
    /// `validation_split` leaves one side empty.
    #[error("validation_split={fraction} of {samples} samples leaves none to {}", if *validates == 0 { "validate with" } else { "train with" })]
    Split {
        /// The share asked for.
        fraction: f64,
        /// How many there are.
        samples: usize,
        /// How many would validate.
        validates: usize,
    },
    /// A file of weights is not this network's.
    #[error("{0}")]
    Variables(VariableMismatch),
    /// There is no device of the kind or the name that was asked for.
    #[error("no device {wanted}")]
    NoDevice {
        /// What was asked for.
        wanted: String,
        /// What there is.
        available: Vec<String>,
    },
    /// The environment asks for instructions that the CPU lacks, or that nobody knows.
    #[error("CNNC_CPU={wanted}: this CPU has no such instructions")]
    Instructions {
        /// What was asked for.
        wanted: String,
        /// What there is.
        available: Vec<&'static str>,
    },
    /// The device failed: lost, out of memory, or an operation refused.
    #[error("the device {device} failed: {cause}")]
    Device {
        /// Its name.
        device: String,
        /// What it or its driver said.
        cause: String,
    },
    /// Something does not fit the memory that there is.
    #[error("{what} needs {} of memory, and {} are available", readable(*bytes), readable(*available))]
    Memory {
        /// What, with its parts.
        what: String,
        /// How many bytes.
        bytes: u64,
        /// How many there are.
        available: u64,
    },
    /// Something does not fit the device's limits.
    #[error("{what}: {bytes} bytes, and {limit} of the device {device} is {most}")]
    TooLarge {
        /// The buffer.
        what: String,
        /// Its size.
        bytes: u64,
        /// The limit's name in WebGPU.
        limit: &'static str,
        /// The limit.
        most: u64,
        /// The device's name.
        device: String,
        /// What makes the buffer as large as it is.
        grows: Grows,
    },
}

/// What a buffer's size depends on, and so what makes it smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grows {
    /// The samples of a step.
    WithBatch,
    /// The network alone: its weights, or the tensors of the smallest batch.
    WithNetwork,
    /// The samples of the data set.
    WithData,
}

impl Grows {
    /// What to do where it is too large.
    const fn help(self) -> &'static str {
        match self {
            Self::WithBatch => "a smaller batch_size, or --device cpu",
            Self::WithNetwork => "fewer units or filters, a smaller Input, or --device cpu",
            Self::WithData => "fewer samples, or --device cpu",
        }
    }
}

/// A line for each mirror and what it did, with the files where it did not do so for all of the set.
fn lines(attempts: &[Attempt], all: usize) -> String {
    let mut groups: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for Attempt { mirror, file, reason } in attempts {
        match groups
            .iter_mut()
            .find(|(group, why, _)| (*group, *why) == (mirror, reason))
        {
            Some((_, _, files)) => files.push(file),
            None => groups.push((mirror, reason, vec![file])),
        }
    }
    let line = |(mirror, reason, files): (&str, &str, Vec<&str>)| {
        if files.len() == all {
            format!("\n{mirror}: {reason}")
        } else {
            format!("\n{mirror}: {}: {reason}", files.join(", "))
        }
    };
    groups.into_iter().map(line).collect()
}

impl RuntimeError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoSuchData { .. } => {
                let names = KnownData::ALL.map(KnownData::name).join(", ");
                Some(format!(
                    "a known name ({names}), or the path of an .npz file, an IDX folder, a CIFAR-10 folder or a \
                     folder with a folder of pictures for each class"
                ))
            }
            Self::OnePicture { .. } => Some("name the folder that has a folder of pictures for each class".to_owned()),
            Self::Folder(error) => error.help(),
            Self::Loading(error) => error.help(),
            Self::UnknownFolder { .. } => Some(format!("looked for {}", FOLDER_FORMS.join("; "))),
            Self::NotHere { name, looked_in } => {
                let folders: Vec<_> = looked_in.iter().map(|folder| folder.display().to_string()).collect();
                let looked = if folders.is_empty() {
                    String::new()
                } else {
                    format!(" (looked in {})", folders.join(", "))
                };
                Some(format!(
                    "`cnnc data fetch {name}` gets it; or name a copy of it with --data PATH{looked}",
                    name = name.name()
                ))
            }
            Self::NoWeights {
                file,
                folder,
                set,
                looked_in,
            } => {
                let folders: Vec<_> = looked_in.iter().map(|folder| folder.display().to_string()).collect();
                let get = match set {
                    Some(set) => format!("`cnnc data fetch {set}` gets them"),
                    None => format!("get them from {folder}{file}"),
                };
                let put = if folders.is_empty() {
                    String::new()
                } else {
                    format!(", or put a copy into one of these folders: {}", folders.join(", "))
                };
                Some(format!("{get}{put}; weights=None begins with random weights"))
            }
            Self::Fetch { name, kept, .. } => {
                let kept = match kept {
                    0 => String::new(),
                    kept => format!(
                        "{} bytes are kept: the same command goes on from there. ",
                        thousands(*kept as usize)
                    ),
                };
                let elsewhere = if KnownData::ALL.iter().any(|known| known.name() == *name) {
                    format!("; files from elsewhere are taken by `cnnc data import {name} PATH...` or `--data PATH`")
                } else {
                    "; weights=\"PATH\" reads a file from elsewhere".to_owned()
                };
                Some(format!("{kept}Another mirror can be named with --mirror URL{elsewhere}"))
            }
            Self::Split { .. } => Some("another validation_split, or more samples".to_owned()),
            Self::NoDevice { available, .. } => Some(format!("there is: {}", available.join(", "))),
            Self::Instructions { available, .. } => Some(format!("it has {}", all_of(available.iter().copied()))),
            Self::Memory { .. } => {
                Some("fewer units or filters, a smaller Input, or a machine with more memory".to_owned())
            }
            Self::TooLarge { grows, .. } => Some(grows.help().to_owned()),
            Self::Busy { .. } => Some("wait until it has ended, or name another directory with --out".to_owned()),
            Self::AnotherRun { .. } => Some(
                "--resume goes on with the same run; without it the run is begun anew, and --out names another directory"
                    .to_owned(),
            ),
            Self::Device { .. }
            | Self::File { .. }
            | Self::Malformed { .. }
            | Self::Mismatch { .. }
            | Self::Variables(_) => None,
        }
    }

    /// The system's refusal to do `action` to `path`.
    pub(crate) fn file(action: &'static str, path: &Path, cause: io::Error) -> Self {
        Self::File {
            action,
            path: path.to_owned(),
            cause,
        }
    }

    pub(crate) fn malformed(file: &str, offset: u64, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Malformed {
            file: file.to_owned(),
            offset,
            expected: expected.into(),
            found: found.into(),
        }
    }

    pub(crate) fn mismatch(file: impl Into<String>, expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self::Mismatch {
            file: file.into(),
            expected: expected.into(),
            found: found.into(),
        }
    }
}
