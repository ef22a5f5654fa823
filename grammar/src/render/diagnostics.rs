//! Diagnostics for people, drawn by annotate-snippets. The contents of a description are shown, never obeyed: control
//! characters and marks of direction are made visible, in phrases and in lines of the source alike.

use super::visible::{columns_kept, visible, visible_line};
use super::wrap::narrowed;
use crate::diagnostic::{Diagnostic, Fix, Label, Severity};
use crate::source::Source;
use crate::span::Span;
use annotate_snippets::{Annotation, AnnotationKind, Element, Group, Level, Origin, Patch, Renderer, Snippet};
use std::borrow::Cow;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// The longest fix that is drawn, in bytes; a longer one is told in its help, since patches are never trimmed to the width.
const WIDEST_PATCH: usize = 200;
/// The largest number of lines that a drawn fix may replace.
const TALLEST_PATCH: usize = 8;
/// The largest distance along a line, in bytes, of two labels that are both drawn.
const FARTHEST: usize = 400;
/// The columns that lines of the source are trimmed to where the caller gives no width.
const COLUMNS: usize = 80;
/// How many places of a mistake that is made again and again are drawn.
const MOST_PLACES: usize = 4;
/// The largest number of characters of a phrase that are drawn: it may quote a name as long as the file.
const LONGEST_PHRASE: usize = 400;

/// All diagnostics as text, with a blank line between them and one line end at the end. Phrases are broken to
/// `columns` where these are given; longer lines of the source are trimmed to them, otherwise to 80.
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

/// Draws a diagnostic; where it is wider than the columns, the texts of its labels follow below.
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

/// A label as a sentence: its place and its text.
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
    // The line numbers, and ` | ` between them and the text.
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
    let (places, more) = few(source, &diagnostic.labels);
    let (labels, distant) = arrange(source, places);
    let place: Element<'_> = match excerpt(source, labels.iter().map(|(range, _)| range)) {
        Some(excerpt) => {
            let annotations = labels
                .iter()
                .map(|(range, label)| annotation(excerpt.within(source, range), label));
            excerpt.snippet(source).annotations(annotations).into()
        }
        None => Origin::path(visible_line(&source.name)).into(),
    };
    let patch = diagnostic.fix.as_ref().and_then(|fix| patch(source, fix, room(gutter)));
    // The last help is the one that the fix carries out.
    let (helps, heading) = match (&patch, diagnostic.help.split_last()) {
        (Some(_), Some((last, others))) => (others, broken(last, room("help: ".len()))),
        (Some(_), None) => (diagnostic.help.as_slice(), Cow::Borrowed("write this")),
        (None, _) => (diagnostic.help.as_slice(), Cow::Borrowed("")),
    };
    let notes = distant.iter().chain(&more).chain(&diagnostic.notes);
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

/// The labels that are drawn of a mistake that is made at many places, and in which lines the others are.
fn few<'d>(source: &Source, labels: &'d [Label]) -> (&'d [Label], Option<String>) {
    let alike = labels
        .iter()
        .skip(1)
        .all(|label| label.primary && label.text.is_empty());
    let Some((drawn, others)) = labels
        .split_at_checked(MOST_PLACES)
        .filter(|(_, others)| alike && !others.is_empty())
    else {
        return (labels, None);
    };
    let mut lines: Vec<String> = others
        .iter()
        .map(|label| source.position(label.span.start).line.to_string())
        .collect();
    lines.dedup();
    let last = lines.pop().unwrap_or_default();
    let more = match lines.as_slice() {
        [] => format!("the same in line {last}"),
        first => format!("the same in lines {} and {last}", first.join(", ")),
    };
    (drawn, Some(more))
}

/// A phrase in lines of at most `width` columns, where a width is given.
fn broken(phrase: &str, width: Option<usize>) -> Cow<'_, str> {
    let phrase = shown(phrase);
    match width {
        Some(width) => Cow::Owned(narrowed(&phrase, width)),
        None => phrase,
    }
}

/// A phrase, cut where it is too long, without characters that would act on the terminal.
fn shown(phrase: &str) -> Cow<'_, str> {
    match phrase.char_indices().nth(LONGEST_PHRASE) {
        Some((end, _)) => Cow::Owned(format!("{}...", visible(phrase.get(..end).unwrap_or_default()))),
        None => visible(phrase),
    }
}

/// The labels with their ranges, such that all can be drawn within the trimmed part of a line. On lines longer than
/// anyone writes, a label far from the first is told in words, and one that is too long itself is cut.
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

/// The whole lines around some spans. A snippet is given these lines only, so that its cost does not grow with the file.
struct Excerpt {
    /// The bytes of the source that the lines take.
    range: Range<usize>,
    /// The number of the first line, counted from 1.
    line: usize,
}

impl Excerpt {
    /// The lines as they are in the source.
    fn text<'s>(&self, source: &'s Source) -> &'s str {
        source.text.get(self.range.clone()).unwrap_or_default()
    }

    fn snippet<'s, T: Clone>(&self, source: &'s Source) -> Snippet<'s, T> {
        Snippet::source(columns_kept(self.text(source)))
            .path(visible_line(&source.name))
            .line_start(self.line)
    }

    /// A range of the source as a range of the excerpt's drawing.
    fn within(&self, source: &Source, range: &Range<usize>) -> Range<usize> {
        let text = self.text(source);
        let drawn = |offset: usize| {
            let before = text.get(..offset - self.range.start).unwrap_or_default();
            columns_kept(before).len()
        };
        drawn(range.start)..drawn(range.end)
    }
}

/// The lines of the ranges; None where there are no ranges.
fn excerpt<'r>(source: &Source, ranges: impl Iterator<Item = &'r Range<usize>>) -> Option<Excerpt> {
    let both = ranges.cloned().reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))?;
    let range = line_start(source, both.start)..line_end(source, both.end);
    let line = source.text.get(..range.start)?.matches('\n').count() + 1;
    Some(Excerpt { range, line })
}

/// A span as a range of the text on character boundaries, whatever the span claims.
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
        annotation.label(shown(&label.text))
    }
}

fn patch<'s>(source: &'s Source, fix: &'s Fix, columns: Option<usize>) -> Option<Snippet<'s, Patch<'s>>> {
    let range = clamp(source, fix.span);
    let excerpt = excerpt(source, std::iter::once(&range))?;
    let text = columns_kept(excerpt.text(source));
    let replacement = columns_kept(&fix.replacement);
    let widest = columns.unwrap_or(WIDEST_PATCH).min(WIDEST_PATCH);
    let own = excerpt.within(source, &range);
    let fixed = format!("{}{replacement}{}", text.get(..own.start)?, text.get(own.end..)?);
    let fits = |text: &str| text.lines().count() <= TALLEST_PATCH && text.lines().all(|line| line.width() <= widest);
    (fits(&text) && fits(&fixed)).then(|| {
        excerpt
            .snippet(source)
            .path(None::<&str>)
            .patch(Patch::new(own, replacement))
    })
}

#[cfg(test)]
mod tests;
