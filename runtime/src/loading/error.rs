//! What can be wrong with a table of labels, and with masks.

use crate::data::words::{shown, some_names};
use std::path::PathBuf;

/// What is wrong with a table or with masks. Each message is one line and names the file, and the line in it where there is one.
#[derive(Debug, thiserror::Error)]
pub enum LoadingError {
    /// The table cannot be read at all.
    #[error("cannot read the table {}: {cause}", shown(path))]
    Table {
        /// The path of the CSV file.
        path: PathBuf,
        /// Why it cannot be read, in a line.
        cause: String,
    },
    /// The table lacks a column that the loader names.
    #[error("{} has no column {column}", shown(path))]
    NoColumn {
        /// The path of the CSV file.
        path: PathBuf,
        /// The name of the column that is missing.
        column: String,
        /// The names of the columns that it has.
        found: Vec<String>,
        /// Whether the missing column is the one with the files' names (`x_col`).
        of_files: bool,
    },
    /// A cell does not hold what it should.
    #[error("{}:{line}: {what}", shown(path))]
    Cell {
        /// The path of the CSV file.
        path: PathBuf,
        /// The line of the cell, counted from 1.
        line: u64,
        /// What is wrong with the cell.
        what: String,
    },
    /// No rows are left to make samples of.
    #[error("{} has no rows{}", shown(path), if *filtered { " of these classes" } else { "" })]
    NoRows {
        /// The path of the CSV file.
        path: PathBuf,
        /// Whether there are rows, but all of classes that the loader leaves out.
        filtered: bool,
    },
    /// The labels are to be binary, but there are not two classes.
    #[error("{} has {} classes, and binary labels have two", shown(path), names.len())]
    NotTwoClasses {
        /// The path of the CSV file.
        path: PathBuf,
        /// The names of the classes.
        names: Vec<String>,
    },
    /// There are more classes than labels can number.
    #[error("{} has {count} classes; the most is {most}", shown(path))]
    TooManyClasses {
        /// The path of the CSV file.
        path: PathBuf,
        /// How many classes the table has.
        count: usize,
        /// How many classes there may be.
        most: usize,
    },
    /// The folder of masks does not exist.
    #[error("cannot find the masks {}", shown(path))]
    NoMasks {
        /// The folder that the loader names.
        path: PathBuf,
    },
    /// A picture has no mask.
    #[error("there is no mask for {} in {}", shown(picture), shown(folder))]
    NoMask {
        /// The path of the picture.
        picture: PathBuf,
        /// The folder that its mask should be in.
        folder: PathBuf,
    },
    /// A picture has two masks, under different names.
    #[error("{} and {} are both named as masks of one picture", shown(one), shown(other))]
    TwoMasks {
        /// The path of one of the two masks.
        one: PathBuf,
        /// The path of the other mask.
        other: PathBuf,
    },
    /// A mask cannot be read, or does not hold what it should.
    #[error("{}: {why}", shown(path))]
    Mask {
        /// The path of the mask.
        path: PathBuf,
        /// What is wrong with it, in a line.
        why: String,
    },
}

impl LoadingError {
    /// Advice on what to do about it; `None` where there is nothing more to say.
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
