//! Prepares a text for the parser: statements whose strings, numbers or brackets are wrong are taken out, and
//! forgotten braces are put in. This bounds the parser's recursion, and keeps one mistake from hiding the next.
//!
//! A statement that is taken out becomes a [`Hole`]. Where its brackets do not close, its end is a guess, and a
//! generous one, for messages about a line that belonged to it would be nonsense.

use crate::ast::Hole;
use crate::diagnostic::Diagnostic;
use crate::scan::{Bracket, Scanned, Token, TokenKind};
use crate::source::Source;
use crate::span::{Span, Spanned};
use std::ops::Range;

mod walk;

/// The text that is put in where a model was not closed. The line end separates it from what follows.
const CLOSER: &str = "}\n";

/// A text that the parser can read, and what was changed to make it so.
pub struct Mended {
    /// The remaining tokens, and the closing braces that were put in, which have empty spans.
    pub tokens: Vec<Token>,
    /// The remaining text, in which all that was taken out is blank, except for line ends.
    pub text: String,
    /// The pieces that were taken out, in order.
    pub holes: Vec<Hole>,
    /// The offsets of the opening braces whose models end at a guess.
    pub unsure: Vec<u32>,
    /// The errors about brackets.
    pub errors: Vec<Diagnostic>,
    /// The offsets of the source at which braces were put in, in order.
    inserted: Vec<usize>,
}

impl Mended {
    /// The offset in the source of an offset in [`Mended::text`].
    pub fn origin(&self, offset: usize) -> usize {
        let mut before = 0;
        for (index, at) in self.inserted.iter().enumerate() {
            let at = at + index * CLOSER.len();
            before += offset.saturating_sub(at).min(CLOSER.len());
        }
        offset - before.min(offset)
    }

    /// Overwrites a range of the source with blanks and keeps its lines; false where there is nothing to overwrite.
    pub fn blank(&mut self, range: Range<usize>) -> bool {
        let count = |before: &dyn Fn(usize) -> bool| self.inserted.iter().filter(|&&at| before(at)).count();
        let start = range.start + count(&|at| at <= range.start) * CLOSER.len();
        let end = range.end + count(&|at| at < range.end) * CLOSER.len();
        let (Some(before), Some(inside), Some(after)) =
            (self.text.get(..start), self.text.get(start..end), self.text.get(end..))
        else {
            return false;
        };
        if inside.trim().is_empty() {
            return false;
        }
        let blank: String = blanks(inside).collect();
        self.text = [before, &blank, after].concat();
        true
    }
}

/// Takes the statements that cannot be read out of a scanned text.
pub fn mend(source: &Source, scanned: &Scanned) -> Mended {
    let mut found = walk::walk(source, scanned);
    let tokens = scanned.tokens.as_slice();
    let (mut holes, mut text) = (Vec::new(), String::with_capacity(source.text.len()));
    for range in &found.holes {
        let Some(hole) = hole(source, tokens, range.start, range.end) else {
            continue;
        };
        // The comma that ends the statement goes with it.
        let last = range.end.checked_sub(1).and_then(|last| tokens.get(last));
        let end = last.map_or(hole.span.end, |token| token.span.end.max(hole.span.end));
        let lost = Span { end, ..hole.span };
        found
            .inserted
            .retain(|&at| !(lost.range().contains(&at) && at > lost.range().start));
        text.push_str(source.text.get(text.len()..lost.range().start).unwrap_or_default());
        text.extend(blanks(source.slice(lost)));
        holes.push(hole);
    }
    text.push_str(source.text.get(text.len()..).unwrap_or_default());
    for &at in found.inserted.iter().rev() {
        text.insert_str(text.floor_char_boundary(at), CLOSER);
    }
    Mended {
        tokens: left(tokens, &found.holes, &found.inserted),
        text,
        holes,
        unsure: found.unsure,
        errors: found.errors,
        inserted: found.inserted,
    }
}

/// A blank for each byte, so that offsets stay the same; line ends are kept.
fn blanks(text: &str) -> impl Iterator<Item = char> {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' })
}

/// The tokens outside of the holes, and a closing brace at each offset of `inserted`.
fn left(tokens: &[Token], holes: &[Range<usize>], inserted: &[usize]) -> Vec<Token> {
    let (mut closers, mut gone) = (inserted.iter().peekable(), holes.iter().peekable());
    let mut left = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        while let Some(&at) = closers.next_if(|at| **at <= token.span.start as usize) {
            left.push(Token {
                kind: TokenKind::Close(Bracket::Brace),
                span: Span::new(at, at),
            });
        }
        while gone.next_if(|hole| hole.end <= index).is_some() {}
        let lost = gone.peek().is_some_and(|hole| hole.contains(&index));
        if !lost || matches!(token.kind, TokenKind::Newline | TokenKind::End) {
            left.push(*token);
        }
    }
    left
}

/// The tokens from `start` to before `end` as a hole; None where there are only line ends.
pub fn hole(source: &Source, tokens: &[Token], start: usize, end: usize) -> Option<Hole> {
    let tokens = tokens.get(start..end)?;
    let solid = |token: &&Token| !matches!(token.kind, TokenKind::Newline | TokenKind::End);
    let span = tokens.iter().find(solid)?.span.to(tokens.iter().rfind(solid)?.span);
    let mut rest = tokens
        .iter()
        .skip_while(|token| token.kind == TokenKind::Newline)
        .peekable();
    let name = |token: &Token| Spanned::new(source.slice(token.span).to_owned(), token.span);
    let mut target = None;
    let nameless = Hole {
        span,
        target: None,
        callee: None,
    };
    let mut peeked = rest.clone();
    let keyword = peeked.next().is_some_and(|token| source.slice(token.span) == "let");
    if keyword && peeked.next().is_some_and(|token| token.kind == TokenKind::Name) {
        rest.next();
    }
    let Some(mut callee) = rest.next().filter(|token| token.kind == TokenKind::Name).copied() else {
        return Some(nameless);
    };
    let assigned = rest.next_if(|token| {
        let sign = token.kind == TokenKind::Symbol && matches!(source.slice(token.span), ":" | "==" | ":=");
        token.kind == TokenKind::Equals || sign
    });
    if assigned.is_some() {
        target = Some(name(&callee));
        match rest.next().filter(|token| token.kind == TokenKind::Name) {
            Some(token) => callee = *token,
            None => return Some(Hole { target, ..nameless }),
        }
    }
    while rest.next_if(|token| token.kind == TokenKind::Dot).is_some() {
        match rest.next().filter(|token| token.kind == TokenKind::Name) {
            Some(token) => callee = *token,
            None => return Some(Hole { target, ..nameless }),
        }
    }
    let called = rest
        .next()
        .is_some_and(|token| token.kind == TokenKind::Open(Bracket::Paren));
    Some(Hole {
        span,
        target,
        callee: called.then(|| name(&callee)),
    })
}
