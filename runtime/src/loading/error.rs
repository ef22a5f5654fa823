//! What can be wrong with a table of labels, and with masks.

use crate::data::words::{shown, some_names};
use std::path::PathBuf;

/// What is wrong with a table or with masks. Each message is one line and names the file, and the line where there is one.
#[derive(Debug, thiserror::Error)]
pub enum LoadingError {
    /// The table cannot be read at all.
    #[error("cannot read the table {}: {cause}", shown(path))]
    Table {
        /// The CSV.
        path: PathBuf,
        /// Why, in a line.
        cause: String,
    },
    /// The table has no such column.
    #[error("{} has no column {column}", shown(path))]
    NoColumn {
        /// The CSV.
        path: PathBuf,
        /// Its name.
        column: String,
        /// The columns that it has.
        found: Vec<String>,
        /// Whether it is that of the files' names.
        of_files: bool,
    },
    /// A cell does not say what it should.
    #[error("{}:{line}: {what}", shown(path))]
    Cell {
        /// The CSV.
        path: PathBuf,
        /// Its line, counted from 1.
        line: u64,
        /// What is wrong with it.
        what: String,
    },
    /// No row is left.
    #[error("{} has no rows{}", shown(path), if *filtered { " of these classes" } else { "" })]
    NoRows {
        /// The CSV.
        path: PathBuf,
        /// Whether there are rows of other classes.
        filtered: bool,
    },
    /// Binary labels, and not two classes.
    #[error("{} has {} classes, and binary labels are of two", shown(path), names.len())]
    NotTwoClasses {
        /// The CSV.
        path: PathBuf,
        /// What they are called.
        names: Vec<String>,
    },
    /// More classes than labels may count.
    #[error("{} has {count} classes; the most is {most}", shown(path))]
    TooManyClasses {
        /// The CSV.
        path: PathBuf,
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// There is no folder of masks.
    #[error("cannot find the masks {}", shown(path))]
    NoMasks {
        /// The folder.
        path: PathBuf,
    },
    /// A picture has no mask.
    #[error("there is no mask for {} in {}", shown(picture), shown(folder))]
    NoMask {
        /// The picture.
        picture: PathBuf,
        /// Where its mask should be.
        folder: PathBuf,
    },
    /// A picture has two masks.
    #[error("{} and {} are both called as a mask of one picture", shown(one), shown(other))]
    TwoMasks {
        /// One of them.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// A mask cannot be read, or does not say what it should.
    #[error("{}: {why}", shown(path))]
    Mask {
        /// The mask.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl LoadingError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Table { .. } => {
                Some("a CSV has a line of its columns' names, then a line for each picture, in UTF-8".to_owned())
            }
            Self::NoColumn { found, .. } => Some(format!("its columns are {}", some_names(found))),
            Self::NotTwoClasses { names, .. } => Some(format!("they are {}", some_names(names))),
            Self::NoMask { .. } => {
                Some("a mask is called as its picture, or so with _mask behind it; the endings may differ".to_owned())
            }
            Self::TwoMasks { .. } => Some("take one of them away".to_owned()),
            Self::Cell { .. }
            | Self::NoRows { .. }
            | Self::TooManyClasses { .. }
            | Self::NoMasks { .. }
            | Self::Mask { .. } => None,
        }
    }
}
