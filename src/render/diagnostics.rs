//! Diagnostics for people, drawn by annotate-snippets, and for programs, with lines and columns.

use super::wrap::narrowed;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};
use grammar::diagnostic::{Diagnostic, Fix, Label, Severity};
use grammar::source::Source;
use grammar::span::Span;
use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// A fix longer than this is told in its help, not drawn: a patch is never trimmed to the width.
const WIDEST_PATCH: usize = 200;
/// The most lines that a fix may replace and still be drawn.
const TALLEST_PATCH: usize = 8;
/// How many bytes apart, along a line, two labels can be and both be drawn.
const FARTHEST: usize = 400;
/// What lines of the source are trimmed to where nobody says.
const COLUMNS: usize = 80;
/// The most characters of a phrase that are drawn: it may quote a name, and a name may be as long as the file.
const LONGEST_PHRASE: usize = 400;

/// All diagnostics as text, a blank line between them and one line end at the end. Phrases are broken to `columns`, if
/// there are so many; longer lines of the source are trimmed to them, else to 80.
pub fn render(source: &Source, diagnostics: &[Diagnostic], color: bool, columns: Option<usize>) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.term_width(columns.unwrap_or(COLUMNS));
    let drawn: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| draw(&renderer, source, diagnostic, columns))
        .collect();
    if drawn.is_empty() {
        String::new()
    } else {
        drawn.join("\n\n") + "\n"
    }
}

/// A diagnostic; where that is wider than the columns, with its labels' texts below.
fn draw(renderer: &Renderer, source: &Source, diagnostic: &Diagnostic, columns: Option<usize>) -> String {
    let fits = |columns| {
        let plain = Renderer::plain().term_width(columns);
        let drawn = draw_labels(&plain, source, diagnostic, Some(columns));
        drawn.lines().all(|line| line.width() <= columns)
    };
    if columns.is_none_or(fits) {
        return draw_labels(renderer, source, diagnostic, columns);
    }
    let mut told = diagnostic.clone();
    for label in told.labels.iter_mut().filter(|label| !label.text.is_empty()) {
        let text = std::mem::take(&mut label.text);
        told.notes.push(in_words(source, label.span, &text));
    }
    draw_labels(renderer, source, &told, columns)
}

/// What a label says and where.
fn in_words(source: &Source, span: Span, text: &str) -> String {
    let place = source.position(span.start);
    format!("line {}, column {}: {text}", place.line, place.column)
}

fn draw_labels(renderer: &Renderer, source: &Source, diagnostic: &Diagnostic, columns: Option<usize>) -> String {
    let last_line = diagnostic
        .labels
        .iter()
        .map(|label| source.position(label.span.end).line)
        .max();
    // The numbers of lines, and what stands between them and the text: ` | `.
    let gutter = last_line.unwrap_or(0).to_string().len() + 3;
    let room = |before: usize| columns.map(|columns| columns.saturating_sub(before));
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let severity = if diagnostic.is_error() { "error" } else { "warning" };
    let before = severity.len() + diagnostic.code.len() + "[]: ".len();
    let title = level
        .primary_title(broken(&diagnostic.message, room(before)))
        .id(diagnostic.code);
    let (labels, distant) = arrange(source, &diagnostic.labels);
    let place: Element<'_> = match excerpt(source, labels.iter().map(|(range, _)| range)) {
        Some(excerpt) => {
            let annotations = labels
                .iter()
                .map(|(range, label)| annotation(excerpt.within(range), label));
            excerpt.snippet(source).annotations(annotations).into()
        }
        None => Origin::path(source.name.as_str()).into(),
    };
    let patch = diagnostic.fix.as_ref().and_then(|fix| patch(source, fix, room(gutter)));
    // The last help is the one that the fix carries out.
    let (helps, heading) = match (&patch, diagnostic.help.split_last()) {
        (Some(_), Some((last, others))) => (others, broken(last, room("help: ".len()))),
        (Some(_), None) => (diagnostic.help.as_slice(), Cow::Borrowed("write this")),
        (None, _) => (diagnostic.help.as_slice(), Cow::Borrowed("")),
    };
    let notes = distant.iter().chain(&diagnostic.notes);
    let notes = notes.map(|note| Level::NOTE.message(broken(note, room(gutter + "note: ".len()))));
    let helps = helps
        .iter()
        .map(|help| Level::HELP.message(broken(help, room(gutter + "help: ".len()))));
    let mut groups: Vec<Group<'_>> = vec![title.element(place).elements(notes).elements(helps)];
    if let Some(patch) = patch {
        groups.push(Level::HELP.secondary_title(heading).element(patch));
    }
    renderer.render(&groups)
}

/// A phrase in lines of at most `width` columns, if there are so many.
fn broken(phrase: &str, width: Option<usize>) -> Cow<'_, str> {
    let phrase = shorten(phrase);
    match width {
        Some(width) => Cow::Owned(narrowed(&phrase, width)),
        None => phrase,
    }
}

fn shorten(phrase: &str) -> Cow<'_, str> {
    match phrase.char_indices().nth(LONGEST_PHRASE) {
        Some((end, _)) => Cow::Owned(format!("{}...", phrase.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(phrase),
    }
}

/// The labels with their ranges, such that all can be drawn within a line's trimmed part: on lines longer than anyone
/// writes, one far from the first is told in words, and one that is itself too long is cut.
fn arrange<'d>(source: &Source, labels: &'d [Label]) -> (Vec<(Range<usize>, &'d Label)>, Vec<String>) {
    let (mut near, mut distant) = (Vec::new(), Vec::new());
    let mut first_column = None;
    for label in labels {
        let mut range = clamp(source, label.span);
        let start = range.start - line_start(source, range.start);
        let end = range.end - line_start(source, range.end);
        let first = *first_column.get_or_insert(start);
        if start.abs_diff(first) > FARTHEST {
            distant.push(in_words(source, label.span, &label.text));
            continue;
        }
        if end.abs_diff(first) > 2 * FARTHEST {
            let line_end = line_end(source, range.start);
            range.end = source.text.floor_char_boundary(line_end.min(range.start + FARTHEST));
        }
        near.push((range, label));
    }
    (near, distant)
}

fn line_start(source: &Source, offset: usize) -> usize {
    let before = source.text.get(..offset).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(source: &Source, offset: usize) -> usize {
    let after = source.text.get(offset..).unwrap_or_default();
    offset + after.find('\n').unwrap_or(after.len())
}

/// The whole lines around some spans: a snippet is given these alone, so that what it costs does not grow with the file.
struct Excerpt {
    /// Bytes of the source.
    range: Range<usize>,
    /// The number of its first line, from 1.
    line: usize,
}

impl Excerpt {
    fn snippet<'s, T: Clone>(&self, source: &'s Source) -> Snippet<'s, T> {
        let text = source.text.get(self.range.clone()).unwrap_or_default();
        Snippet::source(text).path(source.name.as_str()).line_start(self.line)
    }

    /// A span as a range of the excerpt.
    fn within(&self, range: &Range<usize>) -> Range<usize> {
        range.start - self.range.start..range.end - self.range.start
    }
}

/// The lines of the ranges, nothing if there are none.
fn excerpt<'r>(source: &Source, ranges: impl Iterator<Item = &'r Range<usize>>) -> Option<Excerpt> {
    let both = ranges.cloned().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let range = line_start(source, both.start)..line_end(source, both.end);
    let line = source.text.get(..range.start)?.matches('\n').count() + 1;
    Some(Excerpt { range, line })
}

/// A span as a range of the text, on character boundaries, whatever it claims.
fn clamp(source: &Source, span: Span) -> Range<usize> {
    let boundary = |offset: u32| source.text.floor_char_boundary(offset as usize);
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

fn annotation(range: Range<usize>, label: &Label) -> Annotation<'_> {
    let kind = if label.primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let annotation = kind.span(range);
    if label.text.is_empty() {
        annotation
    } else {
        annotation.label(shorten(&label.text))
    }
}

fn patch<'s>(source: &'s Source, fix: &'s Fix, columns: Option<usize>) -> Option<Snippet<'s, Patch<'s>>> {
    let range = clamp(source, fix.span);
    let excerpt = excerpt(source, std::iter::once(&range))?;
    let text = source.text.get(excerpt.range.clone())?;
    let widest = columns.unwrap_or(WIDEST_PATCH).min(WIDEST_PATCH);
    let own = excerpt.within(&range);
    let fixed = format!("{}{}{}", text.get(..own.start)?, fix.replacement, text.get(own.end..)?);
    let fits = |text: &str| text.lines().count() <= TALLEST_PATCH && text.lines().all(|line| line.width() <= widest);
    (fits(text) && fits(&fixed)).then(|| {
        excerpt
            .snippet(source)
            .path(None::<&str>)
            .patch(Patch::new(own, fix.replacement.as_str()))
    })
}

/// A diagnostic with its places as lines and columns, for `--format json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Located<'d> {
    /// What the source is called.
    pub file: &'d str,
    /// As the diagnostic's.
    pub code: &'static str,
    /// As the diagnostic's.
    pub severity: Severity,
    /// As the diagnostic's.
    pub message: &'d str,
    /// As the diagnostic's, primary first.
    pub labels: Vec<LocatedLabel<'d>>,
    /// As the diagnostic's.
    pub notes: &'d [String],
    /// As the diagnostic's.
    pub help: &'d [String],
    /// As the diagnostic's.
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

    fn drawn(text: &str, diagnostic: Diagnostic) -> String {
        render(&Source::new("net.cnn", text), &[diagnostic], false, None)
    }

    fn error() -> Diagnostic {
        Diagnostic::error("E0301", "kernel does not fit its input")
    }

    #[test]
    fn both_labels_notes_and_help_are_drawn() {
        let text = "model x {\n    A()\n\n    B(k=5)\n}\n";
        let diagnostic = error()
            .at(Span::new(25, 28), "needs 5x5")
            .because(Span::new(14, 17), "gives 4x4x20")
            .note("28 -> 4")
            .help("a smaller kernel");
        let expected = "error[E0301]: kernel does not fit its input
 --> net.cnn:4:7
  |
2 |     A()
  |     --- gives 4x4x20
3 |
4 |     B(k=5)
  |       ^^^ needs 5x5
  |
  = note: 28 -> 4
  = help: a smaller kernel
";
        assert_eq!(drawn(text, diagnostic), expected);
    }

    #[test]
    fn a_diagnostic_without_a_place_names_the_file() {
        let text = drawn("", Diagnostic::warning("W0401", "no `fit`").note("nothing will train"));
        assert_eq!(
            text,
            "warning[W0401]: no `fit`\n--> net.cnn\n = note: nothing will train\n"
        );
    }

    #[test]
    fn diagnostics_are_a_blank_line_apart() {
        let source = Source::new("a", "");
        assert_eq!(render(&source, &[], true, None), "");
        let text = render(&source, &[error(), error()], false, None);
        assert_eq!(text.matches("\n\nerror").count(), 1);
        assert!(!text.contains('\u{1b}') && render(&source, &[error()], true, None).contains('\u{1b}'));
    }

    #[test]
    fn an_empty_span_at_the_end_is_drawn() {
        let text = drawn("f(", error().at(Span::new(2, 2), "here").fix(Span::new(2, 2), ")"));
        assert!(text.contains("1 | f(\n  |   ^ here\n"), "{text}");
        assert!(text.contains("help: write this\n  |\n1 | f()\n  |   +\n"), "{text}");
        assert!(drawn("", error().at(Span::new(0, 0), "here")).contains("net.cnn:1:1"));
    }

    #[test]
    fn tabs_and_wide_characters_keep_the_carets_below() {
        let text = drawn("\t\u{4f60}\u{597d} x", error().at(Span::new(8, 9), "here"));
        assert!(
            text.contains("1 |     \u{4f60}\u{597d} x\n  |          ^ here\n"),
            "{text}"
        );
    }

    #[test]
    fn spans_that_are_nowhere_do_no_harm() {
        for (start, end) in [(1, 2), (2, 1), (90, 99), (0, 99), (usize::MAX, 0)] {
            let span = Span::new(start, end);
            let text = drawn("\u{4f60}\r\n", error().at(span, "a").because(span, "b").fix(span, "c"));
            assert!(text.contains("net.cnn:"), "{text}");
        }
    }

    #[test]
    fn long_lines_are_trimmed() {
        let line = "f(a=1, ".to_owned() + &"b=2, ".repeat(20_000) + ")";
        let middle = line.len() / 2;
        let end = line.len();
        for diagnostic in [
            error().at(Span::new(middle, middle + 3), "here"),
            error()
                .at(Span::new(0, 1), "here")
                .because(Span::new(end - 1, end), "there"),
            error().at(Span::new(0, end), "all of it"),
            error()
                .at(Span::new(0, 1), "a")
                .because(Span::new(0, end), "b")
                .fix(Span::new(end, end), "x"),
            error().at(Span::new(0, 1), line.as_str()).note(line.as_str()),
        ] {
            let text = drawn(&line, diagnostic);
            assert!(text.len() < 3000, "{} bytes: {text}", text.len());
        }
        let text = drawn(
            &line,
            error()
                .at(Span::new(0, 1), "here")
                .because(Span::new(end - 1, end), "there"),
        );
        assert!(text.contains("= note: line 1, column 100008: there"), "{text}");
    }

    #[test]
    fn phrases_are_broken_where_columns_are_few() {
        let diagnostic = error()
            .at(Span::new(0, 1), "here")
            .note("28 -> 24 -> 12 -> 8 -> 4: a 5x5 kernel does not fit 4x4")
            .help("a smaller kernel_size, or padding=\"same\"");
        let text = render(&Source::new("net.cnn", "A()\n"), &[diagnostic], false, Some(40));
        let expected = "error[E0301]: kernel does not fit its
              input
 --> net.cnn:1:1
  |
1 | A()
  | ^ here
  |
  = note: 28 -> 24 -> 12 -> 8 -> 4: a
          5x5 kernel does not fit 4x4
  = help: a smaller kernel_size, or
          padding=\"same\"
";
        assert_eq!(text, expected);
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
