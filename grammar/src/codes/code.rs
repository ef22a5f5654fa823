//! Codes of diagnostics: what they mean, an example of each, and how both are printed.

use crate::render::wrap::hang;
use std::fmt::Write as _;

/// A code of a diagnostic, which has one meaning for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// `E0301`: E for errors, W for warnings.
    pub code: &'static str,
    /// The meaning in one phrase, without a full stop.
    pub title: &'static str,
    /// The meaning in a few sentences: when the code appears, and why.
    pub explanation: &'static str,
    /// A description or a test in which the code appears.
    pub example: Example,
    /// The corrected description; empty where the explanation tells the correction.
    pub instead: &'static str,
}

/// Where a code appears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// A whole description for which `cnnc check` reports this code and no other.
    Description(&'static str),
    /// Something that no text can show, such as data, a file or a command: the test that shows it, as `file: function`.
    Elsewhere(&'static str),
}

/// Makes a code that a description shows.
pub(super) const fn shown(
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
    description: &'static str,
    instead: &'static str,
) -> Code {
    Code {
        code,
        title,
        explanation,
        example: Example::Description(description),
        instead,
    }
}

/// Makes a code that only a test can show.
pub(super) const fn told(
    code: &'static str,
    title: &'static str,
    explanation: &'static str,
    test: &'static str,
) -> Code {
    Code {
        code,
        title,
        explanation,
        example: Example::Elsewhere(test),
        instead: "",
    }
}

impl Code {
    /// The whole entry as Markdown, under a heading of this level.
    pub fn markdown(&self, level: usize) -> String {
        let heading = "#".repeat(level);
        let mut text = format!("{heading} {}: {}\n\n{}\n", self.code, self.title, self.explanation);
        if let Example::Description(description) = self.example {
            // Writing to a `String` cannot fail.
            _ = write!(text, "\n```\n{}\n```\n", description.trim_end());
        }
        if !self.instead.is_empty() {
            _ = write!(text, "\nInstead:\n\n```\n{}\n```\n", self.instead.trim_end());
        }
        text
    }

    /// The whole entry for a terminal of so many columns, without the marks of Markdown and with examples indented.
    pub fn plain(&self, columns: usize) -> String {
        let mut text = hang("", &format!("{}: {}", self.code, self.title), columns);
        text.push('\n');
        text.push_str(&hang("", self.explanation, columns));
        if let Example::Description(description) = self.example {
            text.push_str("\nAn example:\n\n");
            set_in(&mut text, description);
        }
        if !self.instead.is_empty() {
            text.push_str("\nInstead:\n\n");
            set_in(&mut text, self.instead);
        }
        text
    }
}

fn set_in(text: &mut String, lines: &str) {
    for line in lines.lines() {
        let indent = if line.is_empty() { "" } else { "    " };
        _ = writeln!(text, "{indent}{line}");
    }
}
