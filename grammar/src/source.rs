//! Named texts and their lines.

use crate::span::Span;

/// A description as it was read.
#[derive(Debug, Clone)]
pub struct Source {
    /// The name that messages use, usually the path.
    pub name: String,
    /// The whole text, without a byte order mark.
    pub text: String,
}

/// A place as a line and a column, both counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters, not bytes.
    pub column: usize,
}

impl Source {
    /// The largest text that is read as a description, in bytes. A description is written by hand; anything larger
    /// was given by mistake, and is refused before it is parsed.
    pub const LIMIT: usize = 1 << 20;

    /// Makes a source that messages call `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }

    /// Makes a source that shows a file which is not text: with a replacement character for each sequence of bytes
    /// that is not UTF-8, and at most [`Source::LIMIT`] bytes.
    pub fn lossy(name: impl Into<String>, bytes: &[u8]) -> Self {
        let bytes = bytes.get(..Self::LIMIT).unwrap_or(bytes);
        let text = String::from_utf8_lossy(bytes);
        Self::new(name, text.strip_prefix('\u{FEFF}').unwrap_or(&text))
    }

    /// The line and column of a byte offset; an offset past the end gives the end.
    pub fn position(&self, offset: u32) -> Position {
        let mut end = (offset as usize).min(self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        let before = self.text.get(..end).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position {
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
        }
    }

    /// The text at `span`, empty where the span is not inside the text.
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }
}
