//! What can go wrong with files and devices, one variant for each kind of fault. Each message is one line and names the file.

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

/// The result of whatever here reads or writes files, or runs on a device.
pub type Result<T> = std::result::Result<T, RuntimeError>;

/// Why a file, a data set or a device cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// The operating system refused an operation on a file.
    #[error("cannot {action} {}: {cause}", path.display())]
    File {
        /// The operation that was tried, as a verb: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder that it was tried on.
        path: PathBuf,
        /// The operating system's reason.
        cause: io::Error,
    },
    /// The contents of a file contradict its format or its own header.
    #[error("{file}: byte {offset}: expected {expected}, found {found}")]
    Malformed {
        /// The file's name; for an entry of an archive, with the entry's name.
        file: String,
        /// The offset of the fault in bytes from the start of the file, as it is when unpacked.
        offset: u64,
        /// What should be at that offset.
        expected: String,
        /// What is at that offset instead.
        found: String,
    },
    /// A file is whole, but not what was asked for; no single byte is at fault.
    #[error("{file}: expected {expected}, found {found}")]
    Mismatch {
        /// The file's name; for an entry of an archive, with the entry's name.
        file: String,
        /// What was asked for.
        expected: String,
        /// What the file holds instead.
        found: String,
    },
    /// Another process is writing to a run directory.
    #[error("another run writes to {}{}", path.display(), holder.map_or_else(String::new, |process| format!(" (process {process})")))]
    Busy {
        /// The run directory that is locked.
        path: PathBuf,
        /// The ID of the other process, if it could be found out.
        holder: Option<u32>,
    },
    /// A run cannot be resumed with settings other than it was started with.
    #[error("the run in {} was another: {what} was {then}, and is {now} here", path.display())]
    AnotherRun {
        /// The directory of the run that was to be resumed.
        path: PathBuf,
        /// The setting that differs, such as `fit: validation_split`.
        what: String,
        /// The value that the run was started with.
        then: String,
        /// The value that was given now.
        now: String,
    },
    /// A path is neither the name of a known data set nor a file nor a folder.
    #[error("cannot find the data set {}", path.display())]
    NoSuchData {
        /// The path that was given.
        path: PathBuf,
    },
    /// A folder holds no data of a known form.
    #[error("no data set in the folder {}", path.display())]
    UnknownFolder {
        /// The folder that was given.
        path: PathBuf,
    },
    /// A single picture was given in place of a data set.
    #[error("{} is one picture, no data set", path.display())]
    OnePicture {
        /// The picture that was given.
        path: PathBuf,
    },
    /// Something is wrong with a folder of pictures.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Something is wrong with a table of labels, or with masks.
    #[error(transparent)]
    Loading(#[from] LoadingError),
    /// A known data set is not on this machine and has to be fetched first.
    #[error("the data set {} is not on this machine", name.name())]
    NotHere {
        /// The data set that was asked for.
        name: KnownData,
        /// The folders that were searched for it.
        looked_in: Vec<PathBuf>,
    },
    /// A file of weights that Keras publishes is not on this machine.
    #[error("the weights {file} are not on this machine")]
    NoWeights {
        /// The file's name where it is published.
        file: String,
        /// The address of the folder that serves it.
        folder: &'static str,
        /// Its name for `cnnc data fetch`; `None` where that cannot fetch it.
        set: Option<&'static str>,
        /// The folders that were searched for it.
        looked_in: Vec<PathBuf>,
    },
    /// No mirror gave some files of a data set; the message has a line for each failure of a mirror.
    #[error("cannot fetch {name}: no mirror gave {}{}", if lacking == files { "it".to_owned() } else { format!("{lacking} of its {files} files") }, lines(attempts, *files))]
    Fetch {
        /// The data set's name for `cnnc data fetch`.
        name: &'static str,
        /// How many of its files could not be fetched.
        lacking: usize,
        /// How many files it has.
        files: usize,
        /// The failures of the mirrors, in order.
        attempts: Vec<Attempt>,
        /// How many bytes of incomplete files are kept, to go on from the next time.
        kept: u64,
    },
    /// `validation_split` leaves no samples to train with or to validate with.
    #[error("validation_split={fraction} of {samples} samples leaves none to {}", if *validates == 0 { "validate with" } else { "train with" })]
    Split {
        /// The fraction that was asked for.
        fraction: f64,
        /// How many samples there are to split.
        samples: usize,
        /// How many of them would be for validation.
        validates: usize,
    },
    /// A file of weights belongs to another network.
    #[error("{0}")]
    Variables(VariableMismatch),
    /// There is no device of the kind or with the name that was asked for.
    #[error("no device {wanted}")]
    NoDevice {
        /// The kind or the name that was asked for.
        wanted: String,
        /// The devices that there are, by name.
        available: Vec<String>,
    },
    /// The environment asks for vector instructions that are unknown or that the CPU lacks.
    #[error("CNNC_CPU={wanted}: this CPU has no such instructions")]
    Instructions {
        /// The value of `CNNC_CPU`.
        wanted: String,
        /// The values that this CPU allows.
        available: Vec<&'static str>,
    },
    /// The device failed: it was lost, ran out of memory, or refused an operation.
    #[error("the device {device} failed: {cause}")]
    Device {
        /// The name of the device.
        device: String,
        /// What the device or its driver reported.
        cause: String,
    },
    /// Something needs more memory than is available.
    #[error("{what} needs {} of memory, and {} are available", readable(*bytes), readable(*available))]
    Memory {
        /// What needs the memory, with its parts.
        what: String,
        /// How many bytes it needs.
        bytes: u64,
        /// How many bytes are available.
        available: u64,
    },
    /// A buffer exceeds one of the device's limits.
    #[error("{what}: {bytes} bytes, and {limit} of the device {device} is {most}")]
    TooLarge {
        /// What the buffer is for.
        what: String,
        /// Its size in bytes.
        bytes: u64,
        /// WebGPU's name of the limit.
        limit: &'static str,
        /// The limit in bytes.
        most: u64,
        /// The name of the device.
        device: String,
        /// What the size of the buffer depends on.
        grows: Grows,
    },
}

/// What the size of a buffer depends on, and so what would make it smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grows {
    /// The number of samples of a step.
    WithBatch,
    /// The network alone: its weights, or the tensors of the smallest batch.
    WithNetwork,
    /// The number of samples of the data set.
    WithData,
}

impl Grows {
    /// Advice for when the buffer is too large.
    const fn help(self) -> &'static str {
        match self {
            Self::WithBatch => "a smaller batch_size, or --device cpu",
            Self::WithNetwork => "fewer units or filters, a smaller Input, or --device cpu",
            Self::WithData => "fewer samples, or --device cpu",
        }
    }
}

/// A line for each reason that a mirror failed for, with the names of the files unless it failed for all of them alike.
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
    /// Advice on what to do about it; `None` where there is nothing more to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoSuchData { .. } => {
                let names = KnownData::ALL.map(KnownData::name).join(", ");
                Some(format!(
                    "a known name ({names}), or the path of an .npz file, a .csv of pixels, an IDX folder, a CIFAR-10 folder, a \
                     folder of .npy arrays or a folder with a folder of pictures for each class"
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

    /// The error for an operating system that refuses to do `action` to `path`.
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
