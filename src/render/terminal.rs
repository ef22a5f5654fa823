//! The two streams. Nothing here panics when one of them is closed: `println!` would.

use super::wrap::{hang_by, narrowed};
use crate::cli::values::Format;
use crate::commands::failure::{Failure, Outcome};
use annotate_snippets::{Group, Level, Renderer};
use anstream::{AutoStream, ColorChoice};
use cnnc::session::error::system_words;
use grammar::diagnostic::Diagnostic;
use grammar::render::{visible, visible_json};
use grammar::source::Source;
use std::io::{self, ErrorKind, IsTerminal, Write};
use terminal_size::{Width, terminal_size_of};
use unicode_width::UnicodeWidthStr;

/// What a terminal has that does not say, and what a file is given.
const COLUMNS: usize = 80;

/// Writes to standard output; on a terminal, names and values from files are shown and not obeyed.
pub fn print(text: &str) -> Outcome {
    if io::stdout().is_terminal() {
        print_raw(&visible(text))
    } else {
        print_raw(text)
    }
}

/// Writes to standard output what may hold escape codes: pictures of a terminal's own protocol.
pub fn print_raw(text: &str) -> Outcome {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| {
        if error.kind() == ErrorKind::BrokenPipe {
            return Failure::Closed;
        }
        Failure::message(format!("cannot write to standard output: {}", system_words(&error)))
    })
}

/// Writes a line to standard error; on a terminal that is narrower, lines. Characters that would act on the terminal are
/// shown as escapes.
pub fn say(line: &str) {
    let line = visible(line);
    match error_wrap() {
        Some(columns) if line.width() > columns => show(&hang_by(&line, 2, columns)),
        Some(_) | None => show(&format!("{line}\n")),
    }
}

/// Writes to standard error what was drawn for it, without colours where it shows none. The codes of colours are obeyed, so
/// what is from a file must be made visible before. There is nowhere left to say that writing failed.
pub fn show(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// `error: ...` and `help: ...`, as diagnostics look. Characters that would act on the terminal are shown as escapes.
pub fn error(message: &str, help: Option<&str>) {
    let renderer = if color() { Renderer::styled() } else { Renderer::plain() };
    let within = |text: &str, label: &str| match error_wrap() {
        Some(columns) => narrowed(&visible(text), columns.saturating_sub(label.len())),
        None => visible(text).into_owned(),
    };
    let message = within(message, "error: ");
    let message = renderer.render(&[Group::with_title(Level::ERROR.primary_title(message))]);
    show(&format!("{message}\n"));
    if let Some(help) = help {
        let help = within(help, "help: ");
        let help = renderer.render(&[Group::with_title(Level::HELP.secondary_title(help))]);
        show(&format!("{help}\n"));
    }
}

/// Draws diagnostics about a text.
pub fn diagnostics(source: &Source, diagnostics: &[Diagnostic]) {
    if !diagnostics.is_empty() {
        show(&grammar::render::render(source, diagnostics, color(), error_wrap()));
        super::hint::remember(diagnostics);
    }
}

/// Whether standard error shows colours: it is a terminal, and neither `NO_COLOR` nor `TERM` speak against it.
pub fn color() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The columns of standard output, for the summary: `COLUMNS` if it is set, else the terminal's, else 80; as rich, and so
/// Keras, finds them.
pub fn output_columns() -> usize {
    columns(terminal_size_of(io::stdout()))
}

/// The columns that a table has: as above, but in a pipe, where nobody set `COLUMNS`, as many as it takes. There a row is
/// a line, for `grep` and `cut`.
pub fn table_columns() -> usize {
    set()
        .or_else(|| width(terminal_size_of(io::stdout())))
        .unwrap_or(usize::MAX)
}

/// The columns of standard error, for diagnostics and messages: the terminal's, which a stale `COLUMNS` says nothing of,
/// else `COLUMNS`, else 80.
pub fn error_columns() -> usize {
    let columns = width(terminal_size_of(io::stderr())).or_else(set).unwrap_or(COLUMNS);
    columns.clamp(20, 400)
}

/// The columns that messages on standard error keep to; none where it is a pipe and nobody set `COLUMNS`: there a message
/// is a line.
pub fn error_wrap() -> Option<usize> {
    (width(terminal_size_of(io::stderr())).is_some() || set().is_some()).then(error_columns)
}

/// Whether standard error is a terminal on which a line can be drawn over.
pub fn draws() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn columns(terminal: Option<(Width, terminal_size::Height)>) -> usize {
    set().or_else(|| width(terminal)).unwrap_or(COLUMNS)
}

/// What `COLUMNS` says, if it says a number of columns.
fn set() -> Option<usize> {
    let set: Option<usize> = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    set.filter(|&columns| columns > 0)
}

fn width(terminal: Option<(Width, terminal_size::Height)>) -> Option<usize> {
    terminal
        .map(|(Width(columns), _)| usize::from(columns))
        .filter(|&columns| columns > 0)
}

/// A value as JSON or YAML, with a line end at the end.
pub fn serialized<T: serde::Serialize>(value: &T, format: Format) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::message(format!("cannot print the result: {error}"));
    match format {
        Format::Yaml => serde_yaml::to_string(value).map_err(|error| failed(&error)),
        Format::Json | Format::Text => serde_json::to_string_pretty(value)
            .map(|text| visible_json(&text).into_owned() + "\n")
            .map_err(|error| failed(&error)),
    }
}
