//! Causes as one line.

use std::fmt::Display;

/// The first line of what a cause says.
pub(super) fn line(cause: &dyn Display) -> String {
    let text = cause.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}
