//! Error messages of other crates as one line.

use std::fmt::Display;

/// The first line of what an error says.
pub(super) fn line(cause: &dyn Display) -> String {
    let text = cause.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
