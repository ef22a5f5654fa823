//! The place where the parser stopped: the tokens around it, the statement it is in, the brackets that are open.

use crate::scan::{Bracket, Token, TokenKind};
use crate::span::Span;
use std::ops::Range;

/// Where the parser stopped, and what is around it.
pub struct Failure<'t> {
    /// All tokens, the last of which is the end.
    pub(super) tokens: &'t [Token],
    /// The index of the token that does not fit.
    pub(super) at: usize,
    /// The indices of the brackets that are open there, outermost first.
    pub(super) open: Vec<usize>,
    /// The index of the first token of the statement it is in.
    pub(super) start: usize,
    /// The index of the token that ends the statement: a comma, a new line, a closing brace, or the end.
    pub(super) end: usize,
    /// What would have been accepted, in words.
    pub(super) expected: Vec<&'static str>,
}

impl<'t> Failure<'t> {
    /// The failure at a byte offset.
    pub fn new(tokens: &'t [Token], offset: usize, expected: Vec<&'static str>) -> Self {
        let last = tokens.len().saturating_sub(1);
        let at = tokens
            .partition_point(|token| token.span.end as usize <= offset)
            .min(last);
        let brace = |index: &usize| tokens.get(*index).map(|token| token.kind) == Some(TokenKind::Open(Bracket::Brace));
        let mut open: Vec<usize> = Vec::new();
        // One start for each level: that of the statement around the braces, and that of the one within.
        let mut starts = vec![0];
        for (index, token) in tokens.iter().enumerate().take(at) {
            match token.kind {
                TokenKind::Open(bracket) => {
                    open.push(index);
                    if bracket == Bracket::Brace {
                        starts.push(index + 1);
                    }
                }
                TokenKind::Close(bracket) => {
                    open.pop();
                    if bracket == Bracket::Brace && starts.len() > 1 {
                        starts.pop();
                    }
                }
                TokenKind::Comma | TokenKind::Newline if open.iter().all(brace) => {
                    starts.pop();
                    starts.push(index + 1);
                }
                _ => {}
            }
        }
        let mut start = starts.last().copied().unwrap_or_default();
        // A model's name may be on the line after `model`, and its brace on the next.
        if expected.contains(&"`{`") {
            let mut names = (0..at)
                .rev()
                .filter(|&index| tokens.get(index).is_some_and(|token| token.kind != TokenKind::Newline));
            start = names.nth(1).unwrap_or(start);
        }
        let mut depth = open.iter().filter(|index| !brace(index)).count();
        // In a statement's head, what follows a comma on the line is hardly a statement: `Conv2D 10, 3`.
        let head = depth == 0 && tokens.get(at).is_some_and(|token| token.kind != TokenKind::Comma);
        let end = tokens.iter().enumerate().skip(at).find_map(|(index, token)| {
            match token.kind {
                TokenKind::Comma if head => {}
                TokenKind::Close(_) | TokenKind::Comma | TokenKind::Newline | TokenKind::End if depth == 0 => {
                    return Some(index);
                }
                TokenKind::Open(_) => depth += 1,
                TokenKind::Close(_) => depth -= 1,
                _ => {}
            }
            None
        });
        Self {
            tokens,
            at,
            open,
            start,
            end: end.unwrap_or(last),
            expected,
        }
    }

    /// The tokens of the failed statement, without what ends it.
    pub fn statement(&self) -> Range<usize> {
        self.start..self.end
    }

    /// The bytes of the failed statement, with the comma that ends it.
    pub fn range(&self) -> Range<usize> {
        let end = self.span(self.end);
        let comma = self.kind(self.end) == TokenKind::Comma;
        self.span(self.start).start as usize..(if comma { end.end } else { end.start }) as usize
    }

    /// The token with this index; the end for an index past it.
    pub(super) fn token(&self, index: usize) -> Token {
        let end = Token {
            kind: TokenKind::End,
            span: Span::default(),
        };
        self.tokens.get(index).or(self.tokens.last()).copied().unwrap_or(end)
    }

    /// The kind of the token with this index.
    pub(super) fn kind(&self, index: usize) -> TokenKind {
        self.token(index).kind
    }

    /// The place of the token with this index.
    pub(super) fn span(&self, index: usize) -> Span {
        self.token(index).span
    }

    /// The index of the nearest token before `index` that is not a new line.
    pub(super) fn before(&self, index: usize) -> Option<usize> {
        (0..index).rev().find(|&index| self.kind(index) != TokenKind::Newline)
    }

    /// The end of the token before the failure, as an empty span.
    pub(super) fn gap(&self) -> Span {
        let end = self.before(self.at).map_or(0, |index| self.span(index).end as usize);
        Span::new(end, end)
    }

    /// The bracket that directly surrounds the failure; None where there is none.
    pub(super) fn inside(&self) -> Option<Bracket> {
        match self.open.last().map(|&index| self.kind(index)) {
            Some(TokenKind::Open(bracket)) => Some(bracket),
            _ => None,
        }
    }

    /// Whether the failure is directly inside the parentheses of a call.
    pub(super) fn in_arguments(&self) -> bool {
        let before = self.open.last().and_then(|&index| index.checked_sub(1));
        self.inside() == Some(Bracket::Paren)
            && before
                .is_some_and(|index| matches!(self.kind(index), TokenKind::Name | TokenKind::Close(Bracket::Paren)))
    }

    /// Whether the failure is between statements or in the head of one, not inside its brackets.
    pub(super) fn at_statement_level(&self) -> bool {
        matches!(self.inside(), None | Some(Bracket::Brace))
    }

    /// Whether the token ends a value or a name.
    pub(super) fn ends_value(&self, index: usize) -> bool {
        match self.kind(index) {
            TokenKind::Name | TokenKind::Number | TokenKind::Text => true,
            TokenKind::Close(bracket) => bracket != Bracket::Brace,
            _ => false,
        }
    }

    /// Whether the token starts a value.
    pub(super) fn starts_value(&self, index: usize) -> bool {
        match self.kind(index) {
            TokenKind::Name | TokenKind::Number | TokenKind::Text => true,
            TokenKind::Open(bracket) => bracket != Bracket::Brace,
            _ => false,
        }
    }
}
