//! Diagnostics for programs: every place as lines and columns.

use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::source::Source;
use crate::span::Span;
use serde::Serialize;

/// A diagnostic with its places as lines and columns, for `--format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Located<'d> {
    /// What the source is called.
    pub file: &'d str,
    /// A stable name such as `E0301`.
    pub code: &'static str,
    /// `error` or `warning`.
    pub severity: Severity,
    /// One phrase without a full stop.
    pub message: &'d str,
    /// The places that it is about, the one at fault first.
    pub labels: Vec<LocatedLabel<'d>>,
    /// Facts that explain it.
    pub notes: &'d [String],
    /// Advice on what to type.
    pub help: &'d [String],
    /// An edit that mends it, where one is known.
    pub fix: Option<LocatedFix<'d>>,
}

/// A range of the source: lines and columns are counted from 1, columns in characters; the end is one past the last.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Place {
    /// The first line.
    pub line: usize,
    /// The first column.
    pub column: usize,
    /// The line where it ends.
    pub end_line: usize,
    /// The column where it ends.
    pub end_column: usize,
    /// The bytes it takes.
    pub span: Span,
}

/// A label and where it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocatedLabel<'d> {
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// What is there.
    pub text: &'d str,
    /// Whether it is at fault.
    pub primary: bool,
}

/// A fix and where it applies.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LocatedFix<'d> {
    /// What is replaced.
    #[serde(flatten)]
    pub place: Place,
    /// By what.
    pub replacement: &'d str,
}

/// The diagnostic with lines and columns.
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
