//! Characters that have a meaning elsewhere: operators, colons, curly quotes, comments of other languages.

use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::scan::TokenKind;
use crate::source::Source;
use crate::span::Span;

/// The diagnostic for a failure at such a character; None for other failures.
pub fn explain(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    let found = failure.token(failure.at);
    let text = source.slice(found.span);
    match found.kind {
        TokenKind::Symbol => Some(symbol(source, failure, text)),
        TokenKind::CurlyText => Some(curly(text, found.span)),
        TokenKind::ForeignComment => Some(comment(text, found.span)),
        TokenKind::ForeignWord => Some(
            Diagnostic::error("E0009", "a name with letters outside ASCII")
                .at(found.span, "names are made of a-z, A-Z, 0-9 and `_`")
                .help("such letters may stand in strings and comments"),
        ),
        TokenKind::Foreign => Some(foreign(text, found.span)),
        TokenKind::Dot => Some(
            Diagnostic::error("E0001", "misplaced `.`")
                .at(found.span, "unexpected `.`")
                .help("a dot joins names, as in `keras.layers.Dense(10)`, or is part of a number"),
        ),
        TokenKind::Name
        | TokenKind::Number
        | TokenKind::Text
        | TokenKind::Open(_)
        | TokenKind::Close(_)
        | TokenKind::Comma
        | TokenKind::Equals
        | TokenKind::Newline
        | TokenKind::End => None,
    }
}

fn symbol(source: &Source, failure: &Failure<'_>, text: &str) -> Diagnostic {
    let span = failure.span(failure.at);
    let before = failure.before(failure.at).map(|index| failure.token(index));
    let after_name = before.is_some_and(|token| token.kind == TokenKind::Name);
    // The blanks around the character are replaced with it.
    let around = Span::new(failure.gap().end as usize, failure.span(failure.at + 1).start as usize);
    let unknown = || Diagnostic::error("E0009", format!("`{text}` means nothing in a description"));
    match text {
        "==" | ":=" | ":" if after_name && failure.in_arguments() => {
            let name = before.map(|token| source.slice(token.span)).unwrap_or_default();
            Diagnostic::error("E0019", format!("expected `=`, found `{text}`"))
                .at(span, format!("the value of `{name}` is given with `=`"))
                .help(format!("write `{name}=`"))
                .fix(around, "=")
        }
        ":" if failure.at_statement_level() && source.slice(failure.span(failure.start)) == "model" => {
            Diagnostic::error("E0020", "the model's layers are not in braces")
                .at(span, "expected `{`, found `:`")
                .help("put the layers between `{` and `}`: `model NAME { ... }`")
        }
        ":" | ":=" | "==" if after_name && failure.at_statement_level() => {
            Diagnostic::error("E0019", format!("expected `=`, found `{text}`"))
                .at(span, "a layer is named with `=`")
                .help("write `name = Layer(...)`")
                .fix(around, " = ")
        }
        ";" if failure.at_statement_level() => unknown()
            .at(span, "expected a new line or `,`")
            .help("put each statement on its own line, without `;`")
            .fix(
                span,
                if failure.end == failure.at + 1 || failure.kind(failure.at + 1) == TokenKind::Newline {
                    ""
                } else {
                    ","
                },
            ),
        ";" => unknown()
            .at(span, "expected `,`")
            .help("separate values with `,`")
            .fix(span, ","),
        "*" | "+" | "-" | "/" | "//" | "**" | "%"
            if failure.at_statement_level() && before.is_some_and(|token| !opens(token.kind)) =>
        {
            arithmetic(span)
        }
        "->" | ">>" => unknown()
            .at(span, "layers are not joined by arrows")
            .help("a layer takes the output of the one on the line before; wire others as `Layer(...)(name)`"),
        "&" | "|" | "&&" | "||" => unknown().at(span, "operators are not supported").help(
            "write several values as a list, `[a, b]`; join layers with `Add()([a, b])` or `Concatenate()([a, b])`",
        ),
        _ => unknown()
            .at(span, "operators are not supported")
            .help("a value is a number, a string, a name, a tuple, a list or a call"),
    }
}

/// Whether an operator behind this token has nothing on its left to calculate with.
fn opens(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::Open(_) | TokenKind::Comma | TokenKind::Equals)
}

/// The diagnostic for an operator behind a statement: `Dense(10) + Dense(10)`.
fn arithmetic(operation: Span) -> Diagnostic {
    Diagnostic::error("E0029", "layers cannot be used in arithmetic")
        .at(operation, "expected a new line or `,`")
        .help(
            "join layers with Add()([a, b]), Multiply()([a, b]) and the like; values are calculated with inside calls",
        )
}

fn curly(text: &str, span: Span) -> Diagnostic {
    let inner: String = text
        .trim_matches(['\u{201C}', '\u{201D}', '\u{2018}', '\u{2019}'])
        .to_owned();
    let error = Diagnostic::error("E0009", "curly quotes do not delimit a string")
        .at(span, "in curly quotes")
        .help("use straight quotes: `\"` or `'`");
    if inner.is_empty() || inner.contains(['"', '\\']) {
        error
    } else {
        error.fix(span, format!("\"{inner}\""))
    }
}

fn comment(text: &str, span: Span) -> Diagnostic {
    let opening = text.get(..2).unwrap_or_default();
    let error = Diagnostic::error("E0012", format!("`{opening}` does not start a comment"))
        .at(Span::new(span.start as usize, span.start as usize + 2), "expected `#`")
        .help("comments start with `#` and go on to the end of the line");
    if opening == "//" {
        error.fix(Span::new(span.start as usize, span.start as usize + 2), "#")
    } else {
        error
    }
}

fn foreign(text: &str, span: Span) -> Diagnostic {
    let character = text.chars().next().unwrap_or_default();
    let code = format!("U+{:04X}", character as u32);
    let blank = character.is_whitespace();
    let invisible =
        character.is_control() || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' | '\u{AD}');
    if blank || invisible {
        let help = if blank {
            "replace it by a plain space"
        } else {
            "remove it"
        };
        return Diagnostic::error("E0009", "an invisible character that is not a space")
            .at(span, format!("this is {code}"))
            .help(help);
    }
    let error = Diagnostic::error("E0009", format!("`{character}` means nothing in a description"));
    match character {
        '\u{D7}' => error
            .at(span, "a multiplication sign")
            .help("sizes are tuples: write `(5, 5)`"),
        '\u{2212}' | '\u{2013}' | '\u{2014}' => error
            .at(span, format!("this dash is {code}"))
            .help("the minus sign is `-`")
            .fix(span, "-"),
        '\u{FF08}' => error
            .at(span, "a full-width parenthesis")
            .help("write `(`")
            .fix(span, "("),
        '\u{FF09}' => error
            .at(span, "a full-width parenthesis")
            .help("write `)`")
            .fix(span, ")"),
        '\u{FF0C}' => error.at(span, "a full-width comma").help("write `,`").fix(span, ","),
        _ => error
            .at(span, format!("this is {code}"))
            .help("such characters may stand in strings and comments"),
    }
}
