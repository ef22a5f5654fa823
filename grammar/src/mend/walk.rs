//! Walks through the tokens to find the statements with wrong strings, numbers or brackets, and where these end.

use crate::brackets::{self, DEEPEST};
use crate::diagnostic::Diagnostic;
use crate::scan::{Bracket, MOST_ERRORS, Scanned, Token, TokenKind};
use crate::source::Source;
use crate::span::Span;
use std::ops::Range;

/// The result of the walk.
pub struct Found {
    /// The statements that cannot be read, as ranges of tokens: in order, none within another.
    pub holes: Vec<Range<usize>>,
    /// The offsets of the source at which a closing brace was forgotten, in order.
    pub inserted: Vec<usize>,
    /// The offsets of the opening braces whose models end at a guess.
    pub unsure: Vec<u32>,
    /// The errors about brackets.
    pub errors: Vec<Diagnostic>,
}

/// Walks through the tokens of a text.
pub fn walk(source: &Source, scanned: &Scanned) -> Found {
    let mut walk = Walk {
        source,
        tokens: &scanned.tokens,
        open: Vec::new(),
        levels: vec![Level::at(0)],
        line: 0,
        torn: false,
        last_model: None,
        found: Found {
            holes: Vec::new(),
            inserted: Vec::new(),
            unsure: Vec::new(),
            errors: Vec::new(),
        },
    };
    walk.run(&scanned.bad);
    let mut found = walk.found;
    found.inserted.sort_unstable();
    found.holes.sort_by_key(|hole| hole.start);
    found.holes.dedup_by(|next, last| {
        let within = next.start < last.end;
        if within {
            last.end = last.end.max(next.end);
        }
        within
    });
    found
}

/// A statement on the way, at the top level or between the braces of a model.
struct Level {
    /// The index of the statement's first token.
    start: usize,
    /// Whether the statement cannot be read.
    flagged: bool,
}

impl Level {
    fn at(start: usize) -> Self {
        Self { start, flagged: false }
    }
}

struct Walk<'s> {
    source: &'s Source,
    tokens: &'s [Token],
    /// The open brackets, outermost first, with the indices of their tokens.
    open: Vec<(Bracket, usize)>,
    /// A level for the top, and one for each open brace.
    levels: Vec<Level>,
    /// The index of the first token of the current line.
    line: usize,
    /// Whether the line has an unterminated string, which may have swallowed anything.
    torn: bool,
    /// The index of the opening brace of the last model that was closed.
    last_model: Option<usize>,
    found: Found,
}

impl Walk<'_> {
    fn run(&mut self, bad: &[usize]) {
        let mut index = 0;
        while let Some(&token) = self.tokens.get(index) {
            if self.found.errors.len() >= MOST_ERRORS {
                return self.give_up();
            }
            if bad.binary_search(&index).is_ok() {
                self.flag();
                self.torn |= token.kind == TokenKind::Text;
            }
            index = match token.kind {
                TokenKind::Open(bracket) => self.open(bracket, index),
                TokenKind::Close(bracket) => self.close(bracket, index),
                TokenKind::End => match self.end(index) {
                    Some(next) => next,
                    None => return,
                },
                TokenKind::Newline => self.newline(index),
                TokenKind::Comma => {
                    if self.between() {
                        self.end_statement(index + 1);
                    }
                    index + 1
                }
                TokenKind::Name
                | TokenKind::Number
                | TokenKind::Text
                | TokenKind::Equals
                | TokenKind::Dot
                | TokenKind::Symbol
                | TokenKind::CurlyText
                | TokenKind::ForeignComment
                | TokenKind::ForeignWord
                | TokenKind::Foreign => index + 1,
            };
        }
    }

    fn open(&mut self, bracket: Bracket, index: usize) -> usize {
        if self.open.len() == DEEPEST {
            self.report(brackets::too_deep(self.span(index)));
            // Whatever it stands in, the parser must not see it.
            if let Some(outermost) = self.levels.first_mut() {
                outermost.flagged = true;
            }
        }
        self.open.push((bracket, index));
        if bracket == Bracket::Brace {
            self.levels.push(Level::at(index + 1));
        }
        index + 1
    }

    fn close(&mut self, bracket: Bracket, index: usize) -> usize {
        match self.open.last().copied() {
            Some((opened, opener)) if opened == bracket => {
                if bracket == Bracket::Brace {
                    self.end_statement(index);
                    self.last_model = Some(opener);
                }
                self.pop();
            }
            None if bracket == Bracket::Brace => {
                self.report(brackets::stray(self.source, self.span(index), bracket));
                // The brace before it may have closed the model too early.
                self.found
                    .unsure
                    .extend(self.last_model.map(|opener| self.span(opener).start));
                self.found.holes.push(index..index + 1);
                self.end_statement(index);
                self.restart(index + 1);
            }
            None | Some((Bracket::Brace, _)) => {
                self.report(brackets::stray(self.source, self.span(index), bracket));
                self.flag();
            }
            Some(opened) => return self.mismatched(opened, bracket, index),
        }
        index + 1
    }

    fn mismatched(&mut self, opened: (Bracket, usize), bracket: Bracket, index: usize) -> usize {
        let outer = self.open.split_last().map_or(&[][..], |(_, outer)| outer);
        let further_out = outer.iter().any(|(known, _)| *known == bracket);
        let error = brackets::mismatched(self.source, self.tokens, opened, (bracket, index), outer);
        self.report(error);
        self.flag();
        if bracket == Bracket::Brace && further_out {
            let at = brackets::missed(self.source, self.tokens, opened.0, opened.1, index);
            return self.skip(at, index);
        }
        // The bracket of the same statement that it closes, or else the one that it was meant to close.
        let inside = self.inside();
        let own = self.open.iter().skip(inside).rposition(|(known, _)| *known == bracket);
        match own {
            Some(place) => self.open.truncate(inside + place),
            None => self.pop(),
        }
        index + 1
    }

    fn newline(&mut self, index: usize) -> usize {
        let torn = self.torn;
        self.tear();
        self.line = index + 1;
        if !self.between() {
            return index + 1;
        }
        if torn {
            return self.skip(self.span(index).start as usize, self.tokens.len().saturating_sub(1));
        }
        self.end_statement(index);
        self.restart(index + 1);
        index + 1
    }

    /// Closes the brackets that were opened on a line with an unterminated string, which may have swallowed their ends.
    fn tear(&mut self) {
        if std::mem::take(&mut self.torn) {
            while self.open.last().is_some_and(|&(_, opener)| opener >= self.line) {
                self.pop();
                self.flag();
            }
        }
    }

    /// At the end of the text: the token to go on from, where open brackets make another end likely.
    fn end(&mut self, index: usize) -> Option<usize> {
        self.tear();
        let Some(&(bracket, opener)) = self.open.last() else {
            self.end_statement(index);
            return None;
        };
        // The innermost bracket is to blame; those around it may well be right.
        self.report(brackets::unclosed(self.source, self.tokens, bracket, opener, index));
        let at = brackets::missed(self.source, self.tokens, bracket, opener, index);
        if bracket != Bracket::Brace {
            return Some(self.skip(at, index));
        }
        let next = self.after(at);
        self.end_statement(next);
        self.found.holes.retain(|hole| hole.start < next);
        self.pop();
        self.found.unsure.push(self.span(opener).start);
        if !self.levels.last().is_some_and(|level| level.flagged) {
            self.found.inserted.push(at);
        }
        self.end_statement(next);
        self.line = next;
        Some(next)
    }

    /// Gives up the current statement, whose bracket was forgotten at `at`, and finds the token where the next one
    /// starts, at most `limit`.
    fn skip(&mut self, at: usize, limit: usize) -> usize {
        let start = self.levels.last().map_or(0, |level| level.start);
        let inside = self.inside();
        self.open.truncate(inside);
        let home = (start..limit).find(|&index| self.kind(index) != TokenKind::Newline);
        let home = brackets::indentation(self.source, self.span(home.unwrap_or(start)));
        let next = (self.after(at)..limit)
            .find(|&index| self.kind(index.saturating_sub(1)) == TokenKind::Newline && self.starts(index, home))
            .unwrap_or(limit);
        self.found.holes.retain(|hole| hole.start < next);
        self.found.holes.push(start..next);
        self.restart(next);
        self.line = next;
        next
    }

    /// Whether the line at this token starts a statement, rather than continuing one whose lines are indented by `home`.
    fn starts(&self, index: usize, home: usize) -> bool {
        match self.kind(index) {
            TokenKind::Close(Bracket::Brace) => self.levels.len() > 1,
            TokenKind::Name => {
                let argument = self.kind(index + 1) == TokenKind::Equals && self.kind(index + 2) != TokenKind::Name;
                !argument && brackets::indentation(self.source, self.span(index)) <= home
            }
            _ => false,
        }
    }

    /// Nobody reads on after so many errors: the rest becomes one hole.
    fn give_up(&mut self) {
        let start = self.levels.first().map_or(0, |level| level.start);
        let from = self.span(start).start as usize;
        self.found.holes.retain(|hole| hole.start < start);
        self.found.holes.push(start..self.tokens.len().saturating_sub(1));
        self.found.inserted.retain(|&at| at <= from);
    }

    fn report(&mut self, error: Diagnostic) {
        let told = self.levels.last().is_some_and(|level| level.flagged);
        if !told && !self.found.errors.contains(&error) {
            self.found.errors.push(error);
        }
    }

    fn flag(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.flagged = true;
        }
    }

    /// Ends the current statement before this token.
    fn end_statement(&mut self, end: usize) {
        if let Some(level) = self.levels.last_mut() {
            if level.flagged && level.start < end {
                self.found.holes.push(level.start..end);
            }
            *level = Level::at(end);
        }
    }

    fn restart(&mut self, start: usize) {
        if let Some(level) = self.levels.last_mut() {
            *level = Level::at(start);
        }
    }

    fn pop(&mut self) {
        if let Some((Bracket::Brace, _)) = self.open.pop()
            && self.levels.len() > 1
        {
            self.levels.pop();
        }
    }

    /// Whether only braces are open, so that a comma or a line end separates statements.
    fn between(&self) -> bool {
        matches!(self.open.last(), None | Some((Bracket::Brace, _)))
    }

    /// How many of the open brackets surround the current statement.
    fn inside(&self) -> usize {
        let brace = self.open.iter().rposition(|(bracket, _)| *bracket == Bracket::Brace);
        brace.map_or(0, |place| place + 1)
    }

    /// The first token that starts at this offset or behind it.
    fn after(&self, offset: usize) -> usize {
        self.tokens
            .partition_point(|token| (token.span.start as usize) < offset)
    }

    fn kind(&self, index: usize) -> TokenKind {
        self.tokens.get(index).map_or(TokenKind::End, |token| token.kind)
    }

    fn span(&self, index: usize) -> Span {
        self.tokens.get(index).map(|token| token.span).unwrap_or_default()
    }
}
