//! Diagnostics for people, drawn by annotate-snippets, and for programs, with lines and columns.

use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};
use grammar::diagnostic::{Diagnostic, Fix, Label, Severity};
use grammar::source::Source;
use grammar::span::Span;
use serde::Serialize;
use std::borrow::Cow;
use std::ops::Range;

/// A fix longer than this is told in its help, not drawn: a patch is never trimmed to the width.
const WIDEST_PATCH: usize = 200;
/// The most lines that a fix may replace and still be drawn.
const TALLEST_PATCH: usize = 8;
/// The most characters of a phrase that are drawn: it may quote a name, and a name may be as long as the file.
const LONGEST_PHRASE: usize = 400;

/// All diagnostics as text, a blank line between them and one line end at the end; `width` columns wide where a line
/// of the source is longer.
pub fn render(source: &Source, diagnostics: &[Diagnostic], color: bool, width: usize) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() }.term_width(width);
    let drawn: Vec<String> = diagnostics
        .iter()
        .map(|diagnostic| draw(&renderer, source, diagnostic))
        .collect();
    if drawn.is_empty() {
        String::new()
    } else {
        drawn.join("\n\n") + "\n"
    }
}

fn draw(renderer: &Renderer, source: &Source, diagnostic: &Diagnostic) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(shorten(&diagnostic.message)).id(diagnostic.code);
    let place: Element<'_> = match excerpt(source, diagnostic.labels.iter().map(|label| label.span)) {
        Some(excerpt) => {
            let annotations = diagnostic
                .labels
                .iter()
                .map(|label| annotation(source, &excerpt, label));
            excerpt.snippet(source).annotations(annotations).into()
        }
        None => Origin::path(source.name.as_str()).into(),
    };
    let patch = diagnostic.fix.as_ref().and_then(|fix| patch(source, fix));
    // The last help is the one that the fix carries out.
    let (helps, heading) = match (&patch, diagnostic.help.split_last()) {
        (Some(_), Some((last, others))) => (others, shorten(last)),
        (Some(_), None) => (diagnostic.help.as_slice(), Cow::Borrowed("write this")),
        (None, _) => (diagnostic.help.as_slice(), Cow::Borrowed("")),
    };
    let notes = diagnostic.notes.iter().map(|note| Level::NOTE.message(shorten(note)));
    let helps = helps.iter().map(|help| Level::HELP.message(shorten(help)));
    let mut groups: Vec<Group<'_>> = vec![title.element(place).elements(notes).elements(helps)];
    if let Some(patch) = patch {
        groups.push(Level::HELP.secondary_title(heading).element(patch));
    }
    renderer.render(&groups)
}

fn shorten(phrase: &str) -> Cow<'_, str> {
    match phrase.char_indices().nth(LONGEST_PHRASE) {
        Some((end, _)) => Cow::Owned(format!("{}...", phrase.get(..end).unwrap_or_default())),
        None => Cow::Borrowed(phrase),
    }
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

/// The lines of the spans, nothing if there are none.
fn excerpt(source: &Source, spans: impl Iterator<Item = Span>) -> Option<Excerpt> {
    let both = spans
        .map(|span| clamp(source, span))
        .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let text = source.text.as_str();
    let start = text
        .get(..both.start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let end = text
        .get(both.end..)
        .and_then(|after| after.find('\n'))
        .map_or(text.len(), |newline| both.end + newline);
    let line = text.get(..start).map_or(1, |before| before.matches('\n').count() + 1);
    Some(Excerpt {
        range: start..end,
        line,
    })
}

/// A span as a range of the text, on character boundaries, whatever it claims.
fn clamp(source: &Source, span: Span) -> Range<usize> {
    let boundary = |offset: u32| source.text.floor_char_boundary(offset as usize);
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

fn annotation<'d>(source: &Source, excerpt: &Excerpt, label: &'d Label) -> Annotation<'d> {
    let kind = if label.primary {
        AnnotationKind::Primary
    } else {
        AnnotationKind::Context
    };
    let annotation = kind.span(excerpt.within(&clamp(source, label.span)));
    if label.text.is_empty() {
        annotation
    } else {
        annotation.label(shorten(&label.text))
    }
}

fn patch<'s>(source: &'s Source, fix: &'s Fix) -> Option<Snippet<'s, Patch<'s>>> {
    let excerpt = excerpt(source, std::iter::once(fix.span))?;
    let text = source.text.get(excerpt.range.clone())?;
    let fits =
        |text: &str| text.lines().count() <= TALLEST_PATCH && text.lines().all(|line| line.len() <= WIDEST_PATCH);
    (fits(text) && fits(&fix.replacement)).then(|| {
        let range = excerpt.within(&clamp(source, fix.span));
        excerpt
            .snippet(source)
            .path(None::<&str>)
            .patch(Patch::new(range, fix.replacement.as_str()))
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
