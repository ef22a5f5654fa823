//! Turns text into a tree. This is the only module that sees `Rule`: nothing else depends on the names of the grammar's rules.

mod reader;
mod rules;

use crate::ast::{File, Hole};
use crate::diagnostic::Diagnostic;
use crate::explain::{self, Failure};
use crate::mend;
use crate::scan::{self, MOST_ERRORS};
use crate::source::Source;
use crate::span::Span;
use pest::Parser as _;
use pest::error::{Error, ErrorVariant, InputLocation};
use reader::Reader;
use rules::{Cnn, Rule};

/// Makes a source called `name` from the contents of a file, without its byte order mark. Errs where these cannot be
/// a description: when they are too large, not UTF-8, or contain NUL bytes as binary files do. Places in the error
/// are those of [`Source::lossy`].
pub fn decode(name: impl Into<String>, bytes: &[u8]) -> Result<Source, Diagnostic> {
    if bytes.len() > Source::LIMIT {
        return Err(too_large(bytes.len()));
    }
    let line = |end: usize| bytes.iter().take(end).filter(|&&byte| byte == b'\n').count() + 1;
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(Diagnostic::error("E0004", "the file holds a NUL byte")
            .note(format!("at byte {at}, on line {}", line(at)))
            .help("a description is plain text; is this another kind of file, or UTF-16?"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        let byte = bytes.get(at).copied().unwrap_or_default();
        // The place where `Source::lossy` has its first replacement character.
        let start = at - if bytes.starts_with(MARK) { MARK.len() } else { 0 };
        Diagnostic::error("E0002", "the file is not UTF-8")
            .at(
                Span::new(start, start + char::REPLACEMENT_CHARACTER.len_utf8()),
                format!("byte {byte:#04x} is not valid here"),
            )
            .note(format!("byte {byte:#04x} at byte {at}, on line {}", line(at)))
            .help("save it as UTF-8")
    })?;
    Ok(Source::new(name, text.strip_prefix('\u{FEFF}').unwrap_or(text)))
}

/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

fn too_large(size: usize) -> Diagnostic {
    Diagnostic::error("E0003", "the file is too large for a description")
        .note(format!("{size} bytes; the most is {}", Source::LIMIT))
        .help("is this another kind of file? a description is a page of text")
}

/// The readable part of a description, and the errors in its text.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The tree, in which unreadable pieces are holes.
    pub file: File,
    /// The errors in the order of the text, [`MOST_ERRORS`] at most. The tree has holes if and only if there are errors.
    pub diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    /// The result for a text of which nothing could be read.
    fn lost(source: &Source, diagnostics: Vec<Diagnostic>) -> Self {
        let hole = Hole {
            span: Span::new(0, source.text.len()),
            target: None,
            callee: None,
        };
        let file = File {
            holes: vec![hole],
            ..File::default()
        };
        Self { file, diagnostics }
    }

    /// The tree of a text without errors; otherwise the errors.
    pub fn into_result(self) -> Result<File, Vec<Diagnostic>> {
        if self.diagnostics.is_empty() {
            Ok(self.file)
        } else {
            Err(self.diagnostics)
        }
    }
}

/// Reads a description: the tree, or the errors of all statements that cannot be read, in order. A text without a
/// statement is an empty tree.
pub fn parse(source: &Source) -> Result<File, Vec<Diagnostic>> {
    read(source).into_result()
}

/// Reads a description as far as possible: the tree, and the errors of all statements that cannot be read.
pub fn read(source: &Source) -> Parsed {
    if source.text.len() > Source::LIMIT {
        return Parsed::lost(source, vec![too_large(source.text.len())]);
    }
    let scanned = scan::scan(source);
    let mut mended = mend::mend(source, &scanned);
    let mut errors = scanned.errors;
    errors.append(&mut mended.errors);
    if errors.len() >= MOST_ERRORS {
        return Parsed::lost(source, first(errors));
    }
    let mut holes = std::mem::take(&mut mended.holes);
    // A statement that fails is overwritten with blanks and the rest is parsed again, so that each failure is
    // reported once and every place stays where it was.
    let file = loop {
        let error = match Cnn::parse(Rule::file, &mended.text) {
            Ok(mut pairs) => {
                let mut reader = Reader {
                    mended: &mended,
                    errors: &mut errors,
                    holes: &mut holes,
                };
                break pairs.next().and_then(|pair| reader.file(pair));
            }
            Err(error) => error,
        };
        let failure = Failure::new(&mended.tokens, mended.origin(position(&error)), expected(&error));
        errors.push(explain::explain(source, &failure));
        let statement = failure.statement();
        holes.extend(mend::hole(source, &mended.tokens, statement.start, statement.end));
        let range = failure.range();
        if !mended.blank(range) || errors.len() >= MOST_ERRORS {
            break None;
        }
    };
    let mut errors = first(errors);
    let Some(mut file) = file else {
        if errors.is_empty() {
            errors.push(Diagnostic::error(
                "E0099",
                "the description cannot be read; this is a fault of the parser",
            ));
        }
        return Parsed::lost(source, errors);
    };
    holes.sort_by_key(|hole| hole.span.start);
    for hole in holes {
        let next = file.models.partition_point(|model| model.span.start <= hole.span.start);
        let before = next.checked_sub(1).and_then(|index| file.models.get_mut(index));
        match before.filter(|model| hole.span.start < model.span.end) {
            Some(model) => model.holes.push(hole),
            None => file.holes.push(hole),
        }
    }
    Parsed {
        file,
        diagnostics: errors,
    }
}

/// The first [`MOST_ERRORS`] errors in the order of the text.
fn first(mut errors: Vec<Diagnostic>) -> Vec<Diagnostic> {
    errors.sort_by_key(|error| error.labels.first().map(|label| label.span.start));
    errors.truncate(MOST_ERRORS);
    errors
}

fn position(error: &Error<Rule>) -> usize {
    match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    }
}

/// What would have been accepted where the parser failed, in words, without repetitions.
fn expected(error: &Error<Rule>) -> Vec<&'static str> {
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        return Vec::new();
    };
    let mut names: Vec<&'static str> = Vec::new();
    for name in positives.iter().filter_map(|rule| human(*rule)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The words for a rule; None for rules that are not worth mentioning.
fn human(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::EOI => "the end of the file",
        Rule::file | Rule::item | Rule::body => "a statement",
        Rule::model | Rule::model_keyword => "`model`",
        Rule::statement => "a layer or a call",
        Rule::let_constant | Rule::let_keyword => "`let`",
        Rule::assignment | Rule::two => "a named value",
        // What could follow any value is not worth mentioning.
        Rule::plus | Rule::minus | Rule::power | Rule::times | Rule::floor_divide | Rule::divide | Rule::modulo => {
            return None;
        }
        Rule::dictionary => "a dictionary",
        Rule::entry => "a key",
        Rule::colon => "`:`",
        Rule::separator | Rule::newline | Rule::lines => "a new line",
        Rule::call => "a call",
        Rule::arguments | Rule::open_paren => "`(`",
        Rule::argument => "an argument",
        Rule::value | Rule::sum | Rule::product | Rule::signed | Rule::power_chain | Rule::atom => "a value",
        Rule::float | Rule::integer | Rule::digits | Rule::sign | Rule::exponent => "a number",
        Rule::string => "a string",
        Rule::boolean => "`True` or `False`",
        Rule::none => "`None`",
        Rule::group => "a tuple",
        Rule::list => "a list",
        Rule::name | Rule::path | Rule::identifier | Rule::word => "a name",
        Rule::equals => "`=`",
        Rule::comma | Rule::trailing_comma => "`,`",
        Rule::close_paren => "`)`",
        Rule::open_bracket => "`[`",
        Rule::close_bracket => "`]`",
        Rule::open_brace => "`{`",
        Rule::close_brace => "`}`",
        // A method is too rare to be offered after every call.
        Rule::byte_order_mark | Rule::WHITESPACE | Rule::COMMENT | Rule::method => return None,
    })
}
