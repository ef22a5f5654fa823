//! Files of pictures with their labels.

use crate::data::folder::{Others, Unreadable};
use std::path::PathBuf;

/// A file of a picture with its label or target.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// The number of its class; 0 where it has a target.
    pub(super) label: u32,
    /// The values that its output is compared with; empty where it has a class or a mask.
    pub(super) target: Vec<f32>,
}

/// The files that a loader may choose from.
#[derive(Debug)]
pub(super) struct Found {
    /// The files of each class; those of a table are in a single group.
    pub(super) groups: Vec<Vec<Entry>>,
    /// The names of the classes or, where a picture may have several labels, of the labels; `None` without either.
    pub(super) names: Option<Vec<String>>,
    /// The number of files that are not pictures, by extension.
    pub(super) others: Others,
    /// Files that a table names but that do not exist.
    pub(super) unreadable: Vec<Unreadable>,
    /// What else the user should know, a line each.
    pub(super) notes: Vec<String>,
}
