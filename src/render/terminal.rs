//! Standard output and standard error. Nothing here panics when one of them is closed, as `println!` would.

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

/// The width of a terminal that does not tell its own, and of files.
const COLUMNS: usize = 80;

/// Writes to standard output. On a terminal, control characters in names and values from files are shown and not obeyed.
pub fn print(text: &str) -> Outcome {
    if io::stdout().is_terminal() {
        print_raw(&visible(text))
    } else {
        print_raw(text)
    }
}

/// Writes to standard output what may contain escape codes, such as a picture in a terminal's own protocol.
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

/// Writes a line to standard error; it is broken where a terminal is narrower. Control characters are shown as escapes.
pub fn say(line: &str) {
    let line = visible(line);
    match error_wrap() {
        Some(columns) if line.width() > columns => show(&hang_by(&line, 2, columns)),
        Some(_) | None => show(&format!("{line}\n")),
    }
}

/// Writes prepared output to standard error, without colours where it does not show them. Escape codes are obeyed, so that
/// anything from a file must be made visible before. Where writing fails, nothing can be said about it.
pub fn show(text: &str) {
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// Writes `error: ...` and `help: ...` in the style of diagnostics. Control characters are shown as escapes.
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

/// Whether standard error shows colours: it is a terminal, and neither `NO_COLOR` nor `TERM` speaks against it.
pub fn color() -> bool {
    AutoStream::choice(&io::stderr()) != ColorChoice::Never
}

/// The width of standard output for the summary: `COLUMNS` if it is set, else that of the terminal, else 80; this is how rich,
/// and so Keras, finds it.
pub fn output_columns() -> usize {
    columns(terminal_size_of(io::stdout()))
}

/// The width of tables: as above, but unlimited in a pipe where `COLUMNS` is not set. There each row is a single line, for `grep`
/// and `cut`.
pub fn table_columns() -> usize {
    set()
        .or_else(|| width(terminal_size_of(io::stdout())))
        .unwrap_or(usize::MAX)
}

/// The width of standard error for diagnostics and messages: that of the terminal, since `COLUMNS` may be out of date, else
/// `COLUMNS`, else 80.
pub fn error_columns() -> usize {
    let columns = width(terminal_size_of(io::stderr())).or_else(set).unwrap_or(COLUMNS);
    columns.clamp(20, 400)
}

/// The width of messages on standard error; `None` in a pipe where `COLUMNS` is not set, so that each message is a single line.
pub fn error_wrap() -> Option<usize> {
    (width(terminal_size_of(io::stderr())).is_some() || set().is_some()).then(error_columns)
}

/// Whether standard error is a terminal on which a line can be redrawn.
pub fn draws() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn columns(terminal: Option<(Width, terminal_size::Height)>) -> usize {
    set().or_else(|| width(terminal)).unwrap_or(COLUMNS)
}

/// The value of `COLUMNS`, if it is a number of columns.
fn set() -> Option<usize> {
    let set: Option<usize> = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    set.filter(|&columns| columns > 0)
}

fn width(terminal: Option<(Width, terminal_size::Height)>) -> Option<usize> {
    terminal
        .map(|(Width(columns), _)| usize::from(columns))
        .filter(|&columns| columns > 0)
}

/// A value as JSON or YAML, with a newline at the end.
pub fn serialized<T: serde::Serialize>(value: &T, format: Format) -> Result<String, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::message(format!("cannot print the result: {error}"));
    match format {
        Format::Yaml => serde_yaml::to_string(value).map_err(|error| failed(&error)),
        Format::Json | Format::Text => serde_json::to_string_pretty(value)
            .map(|text| visible_json(&text).into_owned() + "\n")
            .map_err(|error| failed(&error)),
    }
}
