//! Messages about brackets that do not close, and the place where one was most likely forgotten. `mend` checks
//! brackets before the parser runs, so that the parser's recursion is bounded and its messages need not guess about
//! brackets.

use crate::diagnostic::Diagnostic;
use crate::scan::{Bracket, Token, TokenKind};
use crate::source::Source;
use crate::span::Span;

/// How deep brackets may nest. A network needs five or six.
pub const DEEPEST: usize = 64;

/// The error for a bracket beyond [`DEEPEST`].
pub fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error("E0008", format!("brackets are nested more than {DEEPEST} deep"))
        .at(span, format!("{DEEPEST} are open before this one"))
        .help("values are written flat: `(5, 5)`, not `((((5))))`")
}

/// The error for a closing bracket where none is open.
pub fn stray(source: &Source, span: Span, bracket: Bracket) -> Diagnostic {
    let (opening, closing) = (bracket.opening(), bracket.closing());
    Diagnostic::error("E0006", format!("`{closing}` closes nothing"))
        .at(span, format!("no `{opening}` is open here"))
        .help(format!("remove this `{closing}`, or open it with `{opening}`"))
        .fix(fix_span(source, span), "")
}

/// The span to remove for a stray bracket: its whole line where nothing else is on it.
fn fix_span(source: &Source, span: Span) -> Span {
    let before = source.text.get(..span.start as usize).unwrap_or_default();
    let start = before.trim_end_matches([' ', '\t']);
    let after = source.text.get(span.end as usize..).unwrap_or_default();
    let blank = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
    let ends_line = after.get(blank..).is_some_and(|rest| rest.starts_with('\n'));
    if (start.is_empty() || start.ends_with('\n')) && ends_line {
        Span::new(start.len(), span.end as usize + blank + 1)
    } else {
        span
    }
}

/// The error for a `(` that meets `]` or `}`. Where the closing bracket belongs to one further out, the opening one
/// was left open; otherwise the closing bracket is the wrong one.
pub fn mismatched(
    source: &Source,
    tokens: &[Token],
    (opened, opener): (Bracket, usize),
    (closed, closer): (Bracket, usize),
    outer: &[(Bracket, usize)],
) -> Diagnostic {
    if outer.iter().any(|(bracket, _)| *bracket == closed) {
        return unclosed(source, tokens, opened, opener, closer);
    }
    let (opener, closer) = (place(tokens, opener), place(tokens, closer));
    Diagnostic::error(
        "E0006",
        format!("`{}` is closed by `{}`", opened.opening(), closed.closing()),
    )
    .at(closer, format!("expected `{}`", opened.closing()))
    .because(opener, format!("`{}` opens here", opened.opening()))
    .help(format!("close it with `{}`", opened.closing()))
    .fix(closer, opened.closing())
}

/// The error for a bracket that nothing closes: token `opener` opens it, and token `found` shows that it is open.
pub fn unclosed(source: &Source, tokens: &[Token], bracket: Bracket, opener: usize, found: usize) -> Diagnostic {
    let at = missed(source, tokens, bracket, opener, found);
    let (opening, closing) = (bracket.opening(), bracket.closing());
    let indent = if bracket == Bracket::Brace { "\n" } else { "" };
    Diagnostic::error("E0005", format!("`{opening}` is never closed"))
        .at(place(tokens, opener), format!("this `{opening}` is not closed"))
        .because(Span::new(at, at), format!("`{closing}` is missing here"))
        .help(format!("add `{closing}`"))
        .fix(Span::new(at, at), format!("{indent}{closing}"))
}

/// The offset at which a closing bracket was most likely forgotten: the end of the last line before one that starts
/// something new, otherwise just before the token that revealed it.
pub fn missed(source: &Source, tokens: &[Token], bracket: Bracket, opener: usize, found: usize) -> usize {
    let mut depth = 0_usize;
    let mut previous = opener;
    let mut newline = false;
    let home = indentation(source, place(tokens, opener));
    let mut body = None;
    for (index, token) in tokens.iter().enumerate().take(found).skip(opener + 1) {
        if token.kind == TokenKind::Newline {
            newline = true;
            continue;
        }
        if newline && depth == 0 {
            let starts = match bracket {
                // Lines of a model's body are indented more than its head; the first that is not lies outside of it.
                Bracket::Brace => {
                    let here = indentation(source, token.span);
                    starts_model(source, tokens, index) || *body.get_or_insert(here) > home && here <= home
                }
                Bracket::Paren | Bracket::Square | Bracket::Curly => {
                    starts_statement(source, tokens, bracket, previous, index)
                }
            };
            if starts {
                break;
            }
        }
        newline = false;
        match token.kind {
            TokenKind::Open(_) => depth += 1,
            TokenKind::Close(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        previous = index;
    }
    // A comma after the last element separates the statements.
    let previous = match tokens.get(previous) {
        Some(token) if token.kind == TokenKind::Comma && previous > opener + 1 && bracket != Bracket::Brace => {
            previous - 1
        }
        _ => previous,
    };
    place(tokens, previous).end as usize
}

/// Whether the line at `index` starts the next statement rather than continuing the bracket: either it does not
/// follow a comma, or it does and is a call, which is rare as a bare argument.
fn starts_statement(source: &Source, tokens: &[Token], bracket: Bracket, previous: usize, index: usize) -> bool {
    let kind = |index: usize| tokens.get(index).map(|token| token.kind);
    let head = matches!(kind(index), Some(TokenKind::Name));
    let mut next = index + 1;
    while kind(next) == Some(TokenKind::Dot) {
        next += 2;
    }
    let call = head && kind(next) == Some(TokenKind::Open(Bracket::Paren));
    match kind(previous) {
        _ if starts_model(source, tokens, index) => true,
        Some(TokenKind::Open(_) | TokenKind::Equals) => false,
        Some(TokenKind::Comma) => call && bracket == Bracket::Paren,
        _ => head || matches!(kind(index), Some(TokenKind::Close(_))),
    }
}

/// Whether `model NAME` stands at `index`.
fn starts_model(source: &Source, tokens: &[Token], index: usize) -> bool {
    let name = tokens.get(index + 1).is_some_and(|token| token.kind == TokenKind::Name);
    name && source.slice(place(tokens, index)) == "model"
}

fn place(tokens: &[Token], index: usize) -> Span {
    tokens
        .get(index)
        .or(tokens.last())
        .map(|token| token.span)
        .unwrap_or_default()
}

/// The indentation of the line of `span`, in bytes.
pub fn indentation(source: &Source, span: Span) -> usize {
    let before = source.text.get(..span.start as usize).unwrap_or_default();
    let line = source
        .text
        .get(before.rfind('\n').map_or(0, |newline| newline + 1)..)
        .unwrap_or_default();
    line.len() - line.trim_start_matches([' ', '\t']).len()
}
