//! Pictures that cannot be read, and why.

use crate::data::words::{shown, thousands};
use std::fmt;
use std::path::PathBuf;

/// A picture that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// The file that was to be a picture.
    pub path: PathBuf,
    /// Why it could not be read, in a line.
    pub why: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = self.why.replace(char::is_control, "\u{fffd}");
        write!(f, "{}: {why}", shown(&self.path))
    }
}

/// The first of them, one a line, and how many more there are.
pub fn listed(unreadable: &[Unreadable]) -> Vec<String> {
    const SHOWN: usize = 10;
    let shown = unreadable.iter().take(SHOWN);
    let mut lines: Vec<String> = shown.map(ToString::to_string).collect();
    if unreadable.len() > SHOWN {
        lines.push(format!("and {} more", thousands(unreadable.len() - SHOWN)));
    }
    lines
}
