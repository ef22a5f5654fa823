//! Places of pieces of text in their source.

use serde::Serialize;

/// A half-open range of bytes, `start..end`, of one source text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize)]
pub struct Span {
    /// The offset of the first byte.
    pub start: u32,
    /// The offset one past the last byte.
    pub end: u32,
}

impl Span {
    /// The span of `start..end`. Sources are at most 1 MiB (`Source::LIMIT`), so `u32` holds every offset.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end),
        }
    }

    /// The smallest span that contains both.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// The range for slicing the source's text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Something that was read, with its place in the text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spanned<T> {
    /// What was read there.
    pub node: T,
    /// The bytes that it was read from.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins `node` with the place that it was read from.
    pub fn new(node: T, span: Span) -> Self {
        Self { node, span }
    }
}
