//! Puts parse errors into words: likely mistakes by their names, all others as "expected this, found that".

use crate::ast::Call;
use crate::diagnostic::Diagnostic;
use crate::literal::BadEscape;
use crate::scan::{Bracket, Token, TokenKind};
use crate::source::Source;
use crate::span::Span;

mod failure;
mod head;
mod symbol;

pub use failure::Failure;

/// Words that start a statement of Python but never one of this language.
const PYTHON: [&str; 16] = [
    "import", "from", "def", "class", "for", "while", "if", "else", "elif", "with", "try", "return", "assert", "del",
    "pass", "async",
];

/// The diagnostic for a failure of the parser.
pub fn explain(source: &Source, failure: &Failure<'_>) -> Diagnostic {
    let known = python(source, failure)
        .or_else(|| function(source, failure))
        .or_else(|| symbol::explain(source, failure))
        .or_else(|| indexing(failure))
        .or_else(|| head::explain(source, failure))
        .or_else(|| statement(source, failure))
        .or_else(|| argument(source, failure));
    known.unwrap_or_else(|| unexpected(source, failure))
}

/// "Expected this, found that", placed at the end of the preceding token where the next one is on a later line.
fn unexpected(source: &Source, failure: &Failure<'_>) -> Diagnostic {
    let found = failure.token(failure.at);
    let expected = expectation(failure);
    let before = failure.before(failure.at);
    let broken =
        before.is_some_and(|before| (before + 1..=failure.at).any(|index| failure.kind(index) == TokenKind::Newline));
    let error = Diagnostic::error(
        "E0001",
        format!("expected {expected}, found {}", describe(source, found)),
    );
    match (before, found.kind) {
        (Some(_), TokenKind::End | TokenKind::Newline) => error.at(failure.gap(), format!("expected {expected}")),
        (Some(_), _) if broken => error
            .at(failure.gap(), format!("expected {expected}"))
            .because(found.span, format!("found {}", describe(source, found))),
        _ => error.at(found.span, format!("expected {expected}")),
    }
}

/// What would have been accepted, as one phrase.
fn expectation(failure: &Failure<'_>) -> String {
    let mut names = failure.expected.clone();
    // Between elements, a comma or the closing bracket was forgotten; that a call could also be wired, or that a name
    // could be an argument's, is not worth mentioning.
    if names.contains(&"`,`") {
        names.retain(|name| !matches!(*name, "`(`" | "`=`"));
    }
    if failure.at_statement_level() {
        let closes = failure.inside() == Some(Bracket::Brace);
        let starts = failure.at == failure.start;
        if starts
            && names.iter().any(|name| {
                matches!(
                    *name,
                    "a name" | "a statement" | "a layer or a call" | "a call" | "`model`"
                )
            })
        {
            return if closes {
                "a layer or `}`"
            } else {
                "`model` or a call such as `compile(...)`"
            }
            .to_owned();
        }
        if failure
            .before(failure.at)
            .is_some_and(|before| failure.kind(before) == TokenKind::Equals)
        {
            return "a layer such as `Flatten()`".to_owned();
        }
        if names.contains(&"a new line") || names.contains(&"`,`") {
            return "a new line or `,`".to_owned();
        }
    }
    match names.as_slice() {
        [] => "something else".to_owned(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// A token in words.
fn describe(source: &Source, token: Token) -> String {
    let text = source.slice(token.span);
    let shown = |text: &str| {
        let short: String = text.chars().take(24).collect();
        if short.len() < text.len() {
            format!("`{short}...`")
        } else {
            format!("`{short}`")
        }
    };
    match token.kind {
        TokenKind::Newline => "the end of the line".to_owned(),
        TokenKind::End => "the end of the file".to_owned(),
        TokenKind::Name
        | TokenKind::Number
        | TokenKind::Text
        | TokenKind::Open(_)
        | TokenKind::Close(_)
        | TokenKind::Comma
        | TokenKind::Equals
        | TokenKind::Dot
        | TokenKind::Symbol
        | TokenKind::CurlyText
        | TokenKind::ForeignComment
        | TokenKind::ForeignWord
        | TokenKind::Foreign => shown(text),
    }
}

/// A function of Python as a value.
fn function(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    let word = failure.before(failure.at).map(|before| failure.span(before))?;
    (source.slice(word) == "lambda").then(|| {
        Diagnostic::error("E0015", "a description has no functions")
            .at(word, "a function of Python")
            .help("instead of Lambda(lambda x: x / 255) there is Rescaling(1. / 255), of x / 127.5 - 1 Rescaling(1. / 127.5, offset=-1); functions of single values are Activation(\"tanh\") and the like, and layers are put together with Add, Multiply and Concatenate")
    })
}

/// The diagnostic for a line of Python.
fn python(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    let first = failure.span(failure.start);
    let word = source.slice(first);
    if !(failure.at_statement_level() && failure.kind(failure.start) == TokenKind::Name && PYTHON.contains(&word)) {
        return None;
    }
    let error =
        Diagnostic::error("E0015", "a description is not a Python program").at(first, format!("`{word}` is Python"));
    Some(match word {
        "import" | "from" => {
            error.help("remove this line: every layer is known by name, with or without `keras.layers.`")
        }
        _ => error.help("a description holds `model NAME { ... }`, `compile(...)` and `fit(...)`"),
    })
}

/// The diagnostic for an index such as `x[0]`, which the language does not have.
fn indexing(failure: &Failure<'_>) -> Option<Diagnostic> {
    let before = failure.at.checked_sub(1)?;
    let bracket = failure.token(failure.at);
    let adjacent = failure.ends_value(before) && failure.span(before).end == bracket.span.start;
    (bracket.kind == TokenKind::Open(Bracket::Square) && adjacent).then(|| {
        Diagnostic::error("E0026", "a description has no indexing")
            .at(bracket.span, "unexpected `[` right after a name or a value")
            .help("write the value itself; a list stands on its own, `[a, b]`")
    })
}

/// The diagnostic for a statement that is not a call, or for two statements on one line.
fn statement(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    if !failure.at_statement_level() || failure.at == failure.start {
        return None;
    }
    let found = failure.token(failure.at);
    let before = failure.before(failure.at)?;
    let ends_line = matches!(
        found.kind,
        TokenKind::Newline | TokenKind::End | TokenKind::Comma | TokenKind::Close(Bracket::Brace)
    );
    match failure.kind(before) {
        TokenKind::Name if ends_line => Some(no_parentheses(source, failure.span(before))),
        TokenKind::Name
            if matches!(
                found.kind,
                TokenKind::Name | TokenKind::Number | TokenKind::Text | TokenKind::Open(Bracket::Square)
            ) =>
        {
            let name = failure.span(before);
            let next = failure.kind(failure.at + 1);
            if found.kind == TokenKind::Name && next == TokenKind::Open(Bracket::Brace) {
                let word = source.slice(name);
                return Some(
                    Diagnostic::error("E0020", format!("expected `model`, found `{word}`"))
                        .at(name, "expected `model`")
                        .help("a model starts with `model NAME {`")
                        .fix(name, "model"),
                );
            }
            if found.kind == TokenKind::Name && matches!(next, TokenKind::Open(_) | TokenKind::Dot) {
                return Some(no_parentheses(source, name));
            }
            let last = line_end(failure);
            let arguments = Span::new(found.span.start as usize, failure.span(last).end as usize);
            let word = source.slice(name);
            let call = format!("({})", source.slice(arguments));
            Some(
                Diagnostic::error("E0021", "arguments without parentheses")
                    .at(arguments, format!("expected `(` between `{word}` and these"))
                    .help(format!("write `{word}{call}`"))
                    .fix(Span::new(name.end as usize, arguments.end as usize), call),
            )
        }
        TokenKind::Close(_) if matches!(found.kind, TokenKind::Name | TokenKind::Text | TokenKind::Number) => Some(
            Diagnostic::error("E0018", "two statements on one line")
                .at(found.span, "expected a new line or `,` before this")
                .because(failure.span(before), "the previous statement ends here")
                .help("put each statement on its own line, or separate them with `,`")
                .fix(failure.gap(), ","),
        ),
        TokenKind::Equals if matches!(found.kind, TokenKind::Number | TokenKind::Text | TokenKind::Open(_)) => {
            let target = source.slice(failure.span(failure.start));
            let kind = match found.kind {
                TokenKind::Number => "a number",
                TokenKind::Text => "a string",
                TokenKind::Open(Bracket::Square) => "a list",
                _ => "a tuple",
            };
            Some(
                Diagnostic::error("E0001", format!("expected a layer after `{target} =`, found {kind}"))
                    .at(found.span, "expected a call")
                    .help(format!(
                        "a statement names a layer, as `{target} = Flatten()` does; values go into arguments"
                    )),
            )
        }
        _ => None,
    }
}

/// The diagnostic for a bare name where a call is expected.
fn no_parentheses(source: &Source, name: Span) -> Diagnostic {
    let word = source.slice(name);
    Diagnostic::error("E0022", format!("`{word}` without parentheses"))
        .at(name, "expected `(` after this name")
        .help(format!(
            "a layer is a call: write `{word}()`, with its arguments between the parentheses"
        ))
        .fix(Span::new(name.end as usize, name.end as usize), "()")
}

/// The index of the last token of the failure's line.
fn line_end(failure: &Failure<'_>) -> usize {
    let after = (failure.at..failure.tokens.len())
        .find(|&index| matches!(failure.kind(index), TokenKind::Newline | TokenKind::End));
    let last = after.unwrap_or(failure.at).saturating_sub(1).max(failure.at);
    let trailing =
        matches!(failure.kind(last), TokenKind::Comma | TokenKind::Close(Bracket::Brace)) && last > failure.at;
    if trailing { last - 1 } else { last }
}

/// The diagnostic for a mistake between the brackets of a call, a tuple or a list.
fn argument(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    if failure.at_statement_level() {
        return None;
    }
    let found = failure.token(failure.at);
    let before = failure.before(failure.at)?;
    let previous = failure.token(before);
    let gap = failure.gap();
    match found.kind {
        TokenKind::Open(Bracket::Brace) => Some(
            Diagnostic::error("E0028", "`{` inside an argument")
                .at(found.span, "only `model NAME` is followed by braces")
                .help("a list is written `[...]`, a named argument `name=value`"),
        ),
        TokenKind::Comma if matches!(previous.kind, TokenKind::Open(_) | TokenKind::Comma) => {
            let span = Span::new(gap.end as usize, found.span.end as usize);
            Some(
                Diagnostic::error("E0001", "a comma with nothing before it")
                    .at(found.span, "expected a value before this `,`")
                    .help("remove it")
                    .fix(span, ""),
            )
        }
        TokenKind::Equals => Some(misplaced_equals(source, failure, previous)),
        TokenKind::Text if previous.kind == TokenKind::Name && previous.span.end == found.span.start => Some(
            Diagnostic::error("E0025", "string prefixes are not supported")
                .at(previous.span, "remove this")
                .help("strings are plain: `\"...\"` or `'...'`")
                .fix(previous.span, ""),
        ),
        _ if !(failure.ends_value(before) && failure.starts_value(failure.at)) => None,
        _ => {
            let first = matches!(
                before.checked_sub(1).map(|index| failure.kind(index)),
                Some(TokenKind::Open(_) | TokenKind::Comma)
            );
            let value = matches!(
                found.kind,
                TokenKind::Number | TokenKind::Text | TokenKind::Open(Bracket::Square)
            );
            if failure.in_arguments() && previous.kind == TokenKind::Name && first && value {
                let name = source.slice(previous.span);
                return Some(
                    Diagnostic::error("E0019", format!("expected `=` between `{name}` and its value"))
                        .at(gap, "`=` is missing here")
                        .help(format!("write `{name}={}`", source.slice(found.span)))
                        .fix(Span::new(gap.end as usize, found.span.start as usize), "="),
                );
            }
            let what = if failure.in_arguments() { "arguments" } else { "values" };
            Some(
                Diagnostic::error("E0013", format!("missing `,` between {what}"))
                    .at(gap, "expected `,` here")
                    .because(found.span, "before this")
                    .help("separate them with `,`")
                    .fix(gap, ","),
            )
        }
    }
}

/// The diagnostic for a `=` that no argument's name precedes.
fn misplaced_equals(source: &Source, failure: &Failure<'_>, previous: Token) -> Diagnostic {
    let found = failure.span(failure.at);
    let text = source.slice(previous.span);
    let error = Diagnostic::error("E0019", "misplaced `=`");
    if !failure.in_arguments() {
        return error
            .at(found, "arguments cannot be named here")
            .help("`name=value` goes directly between the parentheses of a call");
    }
    match previous.kind {
        TokenKind::Text => {
            let name = text.trim_matches(['"', '\'']).to_owned();
            let error = error.at(previous.span, "an argument's name is not quoted");
            error.help(format!("write `{name}=`")).fix(previous.span, name)
        }
        TokenKind::Name => error
            .at(found, format!("`{text}` cannot be an argument's name"))
            .help("an argument is written `name=value`, with one plain name before `=`"),
        _ => error
            .at(found, "expected an argument's name before this")
            .help("a named argument is written `name=value`"),
    }
}

/// The diagnostic for a positional argument behind a named one.
pub fn positional_after_named(positional: Span, named: Span) -> Diagnostic {
    Diagnostic::error("E0014", "positional argument after a named one")
        .at(positional, "this one has no name")
        .because(named, "this one is named")
        .help("name it too, or move it before the named ones")
}

/// The diagnostic for a whole `keras.Sequential([...])` where layers are expected.
pub fn sequential(call: &Call) -> Option<Diagnostic> {
    (call.name.node == "Sequential").then(|| {
        let head = call
            .prefix
            .first()
            .map_or(call.name.span, |first| first.span.to(call.name.span));
        Diagnostic::error("E0016", "`Sequential` is not a layer")
            .at(head, "a model is written in braces")
            .help("put what is between `[` and `]` into `model NAME { ... }`")
    })
}

/// The diagnostic for an integer that does not fit 64 bits.
pub fn large_integer(span: Span, negative: bool) -> Diagnostic {
    let (what, most, limit) = if negative {
        ("small", "smallest", i64::MIN)
    } else {
        ("large", "largest", i64::MAX)
    };
    Diagnostic::error("E0011", format!("the number is too {what}"))
        .at(span, "does not fit 64 bits")
        .note(format!("the {most} is {limit}"))
}

/// The diagnostic for a float that would be infinite.
pub fn large_float(span: Span) -> Diagnostic {
    Diagnostic::error("E0011", "the number is too large")
        .at(span, "does not fit a 64-bit float")
        .note(format!("the largest is {:e}", f64::MAX))
}

/// The diagnostic for an escape that Python refuses too.
pub fn bad_escape(string: Span, error: &BadEscape) -> Diagnostic {
    let start = string.start as usize;
    Diagnostic::error("E0023", "malformed escape in a string")
        .at(
            Span::new(start + error.range.start, start + error.range.end),
            error.expected,
        )
        .help("a backslash itself is written `\\\\`; paths may use `/`")
}
