//! Failures in the head of a model, `model NAME {`.

use super::failure::Failure;
use crate::diagnostic::Diagnostic;
use crate::scan::{Bracket, TokenKind};
use crate::source::Source;

/// The diagnostic for a failure in a model's head; None for failures elsewhere.
pub fn explain(source: &Source, failure: &Failure<'_>) -> Option<Diagnostic> {
    let word = failure.span(failure.start);
    let found = failure.token(failure.at);
    if !failure.at_statement_level() {
        return None;
    }
    if failure.at == failure.start || failure.kind(failure.start) != TokenKind::Name || source.slice(word) != "model" {
        return (found.kind == TokenKind::Open(Bracket::Brace)).then(|| brace(source, failure));
    }
    if let Some(&around) = failure.open.last() {
        return Some(
            Diagnostic::error("E0027", "a model inside a model")
                .at(word, "this model starts before the one around it ends")
                .because(failure.span(around), "that one opens here")
                .help("close the model before it with `}`"),
        );
    }
    if failure.expected.contains(&"`{`") {
        return Some(
            Diagnostic::error("E0020", "the model's layers are not in braces")
                .at(failure.gap(), "expected `{` here")
                .help("put the layers between `{` and `}`: `model NAME { ... }`"),
        );
    }
    if failure.at != failure.start + 1 {
        return None;
    }
    let unnamed = || {
        Diagnostic::error("E0020", "the model has no name")
            .at(failure.gap(), "expected a name here")
            .help("a model starts with `model NAME {`")
    };
    match found.kind {
        TokenKind::Text => {
            let name = source.slice(found.span).trim_matches(['"', '\'']);
            let bare: String = name
                .chars()
                .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
                .collect();
            let bare = if bare.starts_with(|c: char| c.is_ascii_digit()) {
                format!("_{bare}")
            } else {
                bare
            };
            let error = Diagnostic::error("E0020", "the model's name is quoted")
                .at(found.span, "expected a name without quotes")
                .help("names are written bare: `model NAME {`");
            Some(if bare.is_empty() {
                error
            } else {
                error.fix(found.span, bare)
            })
        }
        TokenKind::Open(Bracket::Brace) | TokenKind::Newline | TokenKind::End => {
            Some(unnamed().fix(failure.gap(), " network"))
        }
        TokenKind::Number | TokenKind::Name => {
            Some(unnamed().note("a name starts with a letter or `_`, and is not `True`, `False` or `None`"))
        }
        _ => None,
    }
}

/// The diagnostic for a brace that does not follow `model NAME`.
fn brace(source: &Source, failure: &Failure<'_>) -> Diagnostic {
    let found = failure.span(failure.at);
    let error = Diagnostic::error("E0020", "`{` without `model NAME` before it").at(found, "does not open a model");
    let alone =
        failure.at == failure.start + 1 && failure.kind(failure.start) == TokenKind::Name && failure.open.is_empty();
    if alone {
        let name = failure.span(failure.start);
        let text = format!("model {}", source.slice(name));
        return error.help(format!("write `{text} {{`")).fix(name, text);
    }
    error.help("a model starts with `model NAME {`")
}
