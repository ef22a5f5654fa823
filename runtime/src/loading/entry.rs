//! A file and what it is.

use crate::data::folder::{Others, Unreadable};
use std::path::PathBuf;

/// A file, and what it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// The number of its class; 0 where it has a target.
    pub(super) label: u32,
    /// What its output is compared with, where that is no class and no picture.
    pub(super) target: Vec<f32>,
}

/// The files that a loader may choose from.
#[derive(Debug)]
pub(super) struct Found {
    /// Class by class; all of a table in one group.
    pub(super) groups: Vec<Vec<Entry>>,
    /// The classes' names; the labels' where there are several a picture; none where there are neither.
    pub(super) names: Option<Vec<String>>,
    /// Files that are no pictures.
    pub(super) others: Others,
    /// Files that are named and not there.
    pub(super) unreadable: Vec<Unreadable>,
    /// What there is to tell besides, a line each.
    pub(super) notes: Vec<String>,
}
