//! Diagnostics for programs, with every place as lines and columns.

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::Source;
use crate::span::Span;
use serde::Serialize;

/// A diagnostic for `--format json`, with its places as lines and columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Located<'d> {
    /// The name of the source, usually its path.
    pub file: &'d str,
    /// The stable name, such as `E0301`.
    pub code: &'static str,
    /// Whether it is an `error` or a `warning`.
    pub severity: Severity,
    /// The message, one phrase without a full stop.
    pub message: &'d str,
    /// The places that it is about, the one at fault first.
    pub labels: Vec<LocatedLabel<'d>>,
    /// Facts that explain it, such as arithmetic.
    pub notes: &'d [String],
    /// Advice on what to type.
    pub help: &'d [String],
    /// The edit that mends it; None where none is known.
    pub fix: Option<LocatedFix<'d>>,
}

/// A range of the source. Lines and columns are counted from 1, columns in characters; the end is one past the last character.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The line where it begins.
    pub line: usize,
    /// The column where it begins.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column where it ends.
    pub end_column: usize,
    /// The same range in bytes.
    pub span: Span,
}

/// A label with its place as lines and columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocatedLabel<'d> {
    /// The place that the label points at.
    #[serde(flatten)]
    pub place: Place,
    /// What is at the place; may be empty.
    pub text: &'d str,
    /// Whether the place is at fault, rather than one that explains the fault.
    pub primary: bool,
}

/// A fix with its place as lines and columns.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocatedFix<'d> {
    /// The place whose text is replaced; empty for an insertion.
    #[serde(flatten)]
    pub place: Place,
    /// The text to put there; empty for a removal.
    pub replacement: &'d str,
}

/// Works out lines and columns of all places of a diagnostic.
pub fn locate<'d>(source: &'d Source, diagnostic: &'d Diagnostic) -> Located<'d> {
    let place = |span: Span| {
        let (start, end) = (source.position(span.start), source.position(span.end));
        Place {
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            span,
        }
    };
    let label = |label: &'d Label| LocatedLabel {
        place: place(label.span),
        text: &label.text,
        primary: label.primary,
    };
    Located {
        file: &source.name,
        code: diagnostic.code,
        severity: diagnostic.severity,
        message: &diagnostic.message,
        labels: diagnostic.labels.iter().map(label).collect(),
        notes: &diagnostic.notes,
        help: &diagnostic.help,
        fix: diagnostic.fix.as_ref().map(|fix| LocatedFix {
            place: place(fix.span),
            replacement: &fix.replacement,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error() -> Diagnostic {
        Diagnostic::error("E0301", "kernel does not fit its input")
    }

    #[test]
    fn places_are_lines_and_columns_from_one() {
        let source = Source::new("net.cnn", "a\n\u{e9}bc");
        let diagnostic = error().at(Span::new(4, 6), "here").fix(Span::new(0, 1), "b");
        let located = locate(&source, &diagnostic);
        let place = &located.labels[0].place;
        assert_eq!(
            (place.line, place.column, place.end_line, place.end_column),
            (2, 2, 2, 4)
        );
        let fix = located.fix.expect("a fix");
        assert_eq!((fix.place.line, fix.place.column, fix.replacement), (1, 1, "b"));
    }
}
