//! Cuts the text into tokens in one pass. The parser itself is made from `cnn.pest`; this runs before it, to report
//! wrong strings and numbers where they stand, and to let `brackets` and `explain` look at the text.

use crate::diagnostic::Diagnostic;
use crate::literal;
use crate::source::Source;
use crate::span::Span;

/// The largest number of errors of a kind that are worth reading.
pub const MOST_ERRORS: usize = 16;

/// The kinds of bracket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bracket {
    /// Parentheses, `(` and `)`.
    Paren,
    /// Square brackets, `[` and `]`.
    Square,
    /// The braces of a model, `{` and `}`.
    Brace,
    /// The braces of a dictionary, `{` and `}`.
    Curly,
}

impl Bracket {
    /// The character that opens it.
    pub fn opening(self) -> &'static str {
        match self {
            Self::Paren => "(",
            Self::Square => "[",
            Self::Brace | Self::Curly => "{",
        }
    }

    /// The character that closes it.
    pub fn closing(self) -> &'static str {
        match self {
            Self::Paren => ")",
            Self::Square => "]",
            Self::Brace | Self::Curly => "}",
        }
    }
}

/// The kinds of token: those of the grammar, and those that people write who come from other languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A name; keywords are names as well.
    Name,
    /// A number with its sign.
    Number,
    /// A quoted string, or the rest of the line where its quote is not closed.
    Text,
    /// An opening bracket: `(`, `[` or `{`.
    Open(Bracket),
    /// A closing bracket: `)`, `]` or `}`.
    Close(Bracket),
    /// `,`, which separates arguments, elements and statements on one line.
    Comma,
    /// `=`, before the value of an argument or of a name.
    Equals,
    /// `.` between the names of a path.
    Dot,
    /// A line feed, which separates statements outside of brackets.
    Newline,
    /// The end of the text, always the last token.
    End,
    /// A run of characters that mean something in Python or elsewhere: `*`, `:`, `==`.
    Symbol,
    /// Text in curly quotes, which word processors make of straight ones.
    CurlyText,
    /// A comment of another language: `// ...` or `/* ... */`.
    ForeignComment,
    /// A word with letters outside ASCII.
    ForeignWord,
    /// Any other character, which has no meaning outside of strings and comments.
    Foreign,
}

/// A piece of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// The kind of the token.
    pub kind: TokenKind,
    /// The bytes of the token; empty for the end of the text.
    pub span: Span,
}

/// The tokens of a text, and the errors in its strings and numbers.
pub struct Scanned {
    /// All tokens, the last of which is the end.
    pub tokens: Vec<Token>,
    /// The indices of unterminated strings and malformed numbers, in order.
    pub bad: Vec<usize>,
    /// The errors about these tokens, [`MOST_ERRORS`] at most.
    pub errors: Vec<Diagnostic>,
}

/// Cuts a text into tokens; whitespace and comments are left out.
pub fn scan(source: &Source) -> Scanned {
    let text = source.text.as_str();
    // Looked up once, so that many unterminated `/*` do not each search for their end.
    let last_end = text.rfind("*/").unwrap_or_default();
    let mut tokens: Vec<Token> = Vec::new();
    let (mut bad, mut errors) = (Vec::new(), Vec::new());
    let mut nesting = Nesting::default();
    let mut at = if text.starts_with('\u{FEFF}') {
        '\u{FEFF}'.len_utf8()
    } else {
        0
    };
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let previous = tokens.last().map_or(TokenKind::Newline, |token| token.kind);
        let (kind, length) = token(rest, previous, at < last_end, nesting.within());
        let kind = kind.map(|kind| nesting.place(kind, &tokens));
        let span = Span::new(at, at + length.max(1));
        at = span.end as usize;
        let Some(kind) = kind else { continue };
        let malformed = kind == TokenKind::Number && literal::number(source.slice(span)).is_none();
        let endless = kind == TokenKind::Text && !ends(source.slice(span));
        if malformed || endless {
            bad.push(tokens.len());
            if errors.len() < MOST_ERRORS {
                errors.push(if malformed {
                    malformed_number(source, span)
                } else {
                    unterminated(source, span, tokens.last())
                });
            }
        }
        tokens.push(Token { kind, span });
    }
    tokens.push(Token {
        kind: TokenKind::End,
        span: Span::new(at, at),
    });
    Scanned { tokens, bad, errors }
}

/// The open brackets, by which the braces of dictionaries are told from those of models.
#[derive(Default)]
struct Nesting(Vec<Bracket>);

impl Nesting {
    /// Whether a bracket is open within the statement.
    fn within(&self) -> bool {
        !matches!(self.0.last(), None | Some(Bracket::Brace))
    }

    /// The kind of the token that follows `tokens`, with the kind of its braces decided.
    fn place(&mut self, kind: TokenKind, tokens: &[Token]) -> TokenKind {
        match kind {
            TokenKind::Open(bracket) => {
                let bracket = if bracket == Bracket::Brace && self.begins_value(tokens) {
                    Bracket::Curly
                } else {
                    bracket
                };
                self.0.push(bracket);
                TokenKind::Open(bracket)
            }
            TokenKind::Close(Bracket::Brace) if self.0.last() == Some(&Bracket::Curly) => {
                self.0.pop();
                TokenKind::Close(Bracket::Curly)
            }
            TokenKind::Close(bracket) => {
                if let Some(opener) = self.0.iter().rposition(|known| *known == bracket) {
                    self.0.truncate(opener);
                }
                kind
            }
            _ => kind,
        }
    }

    /// Whether a value may begin here, so that a brace is not a model's.
    fn begins_value(&self, tokens: &[Token]) -> bool {
        let before = tokens.iter().rev().find(|token| token.kind != TokenKind::Newline);
        match before.map(|token| token.kind) {
            Some(TokenKind::Equals) => true,
            Some(TokenKind::Open(bracket)) => bracket != Bracket::Brace,
            Some(TokenKind::Comma | TokenKind::Symbol) => self.within(),
            _ => false,
        }
    }
}

/// The token at the front of `rest` and its length in bytes; no kind for whitespace and comments. `comment_ends`
/// tells whether a `*/` follows, `within` whether a bracket is open within the statement.
fn token(rest: &str, previous: TokenKind, comment_ends: bool, within: bool) -> (Option<TokenKind>, usize) {
    let mut characters = rest.chars();
    let first = characters.next().unwrap_or_default();
    let second = characters.next().unwrap_or_default();
    let third = characters.next().unwrap_or_default();
    // `28-1` is a subtraction, `(28, -1)` is a number.
    let after_value = matches!(
        previous,
        TokenKind::Name | TokenKind::Number | TokenKind::Text | TokenKind::Close(_)
    );
    let one = first.len_utf8();
    match first {
        ' ' | '\t' | '\r' => (None, run(rest, |c| matches!(c, ' ' | '\t' | '\r'))),
        '#' => (None, line(rest)),
        '\n' => (Some(TokenKind::Newline), one),
        '(' => (Some(TokenKind::Open(Bracket::Paren)), one),
        ')' => (Some(TokenKind::Close(Bracket::Paren)), one),
        '[' => (Some(TokenKind::Open(Bracket::Square)), one),
        ']' => (Some(TokenKind::Close(Bracket::Square)), one),
        '{' => (Some(TokenKind::Open(Bracket::Brace)), one),
        '}' => (Some(TokenKind::Close(Bracket::Brace)), one),
        ',' => (Some(TokenKind::Comma), one),
        '"' | '\'' => (Some(TokenKind::Text), string(rest, first)),
        '/' if second == '/'
            && !(after_value
                && (within || !matches!(previous, TokenKind::Text | TokenKind::Close(_)))
                && divides(rest)) =>
        {
            (Some(TokenKind::ForeignComment), line(rest))
        }
        '/' if second == '*' => (
            Some(TokenKind::ForeignComment),
            comment_ends
                .then(|| rest.find("*/"))
                .flatten()
                .map_or_else(|| line(rest), |end| end + "*/".len()),
        ),
        '\u{201C}' | '\u{201D}' | '\u{2018}' | '\u{2019}' => (Some(TokenKind::CurlyText), curly(rest)),
        '0'..='9' => (Some(TokenKind::Number), numeral(rest)),
        '.' if second.is_ascii_digit() => (Some(TokenKind::Number), numeral(rest)),
        '+' | '-' if !after_value && (second.is_ascii_digit() || (second == '.' && third.is_ascii_digit())) => (
            Some(TokenKind::Number),
            one + numeral(rest.get(one..).unwrap_or_default()),
        ),
        '.' => (Some(TokenKind::Dot), one),
        '=' if second != '=' => (Some(TokenKind::Equals), one),
        _ if first.is_alphanumeric() || first == '_' => {
            let length = run(rest, |c| c.is_alphanumeric() || c == '_');
            let ascii = rest.get(..length).is_some_and(str::is_ascii);
            (
                Some(if ascii { TokenKind::Name } else { TokenKind::ForeignWord }),
                length,
            )
        }
        '=' | '*' | '<' | '>' | '&' | '|' | '/' if second == first => (Some(TokenKind::Symbol), 2),
        '<' | '>' | '!' | '=' | '+' | '-' | '*' | '/' | '|' | ':' if second == '=' => (Some(TokenKind::Symbol), 2),
        '-' if second == '>' => (Some(TokenKind::Symbol), 2),
        _ if first.is_ascii_punctuation() => (Some(TokenKind::Symbol), one),
        _ => (Some(TokenKind::Foreign), one),
    }
}

fn run(rest: &str, belongs: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !belongs(c)).unwrap_or(rest.len())
}

fn line(rest: &str) -> usize {
    let line = run(rest, |c| c != '\n');
    rest.get(..line).map_or(line, |text| text.trim_end_matches('\r').len())
}

/// Whether `//` behind a value is a division rather than a comment.
fn divides(rest: &str) -> bool {
    let right = rest.trim_start_matches(['/', ' ']);
    let word = run(right, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    let after = right.get(word..).unwrap_or_default().trim_start_matches(' ');
    // A comment goes on with words.
    let ends = after.starts_with(|c: char| !c.is_alphabetic()) || after.is_empty();
    right.starts_with(['(', '-', '+', '[', '{', '"', '\''])
        || right.starts_with(|c: char| c.is_ascii_digit())
        || word > 0 && ends
}

/// The length of a quoted string, or of the line's rest where it is unterminated.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (offset, character) in rest.char_indices().skip(1) {
        match character {
            '\n' => return line(rest),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return offset + 1,
            _ => {}
        }
    }
    line(rest)
}

/// Whether a string's text has its closing quote.
fn ends(text: &str) -> bool {
    let quote = text.chars().next().unwrap_or_default();
    let body = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let backslashes = body.len() - body.trim_end_matches('\\').len();
    text.len() > 1 && text.ends_with(quote) && backslashes.is_multiple_of(2)
}

/// The length of text in curly quotes, or of the quote alone where no other follows on its line.
fn curly(rest: &str) -> usize {
    let one = rest.chars().next().map_or(1, char::len_utf8);
    let stops = |&(_, c): &(usize, char)| matches!(c, '\n' | '\u{201C}' | '\u{201D}' | '\u{2018}' | '\u{2019}');
    match rest.char_indices().skip(1).find(stops) {
        Some((offset, close)) if close != '\n' => offset + close.len_utf8(),
        _ => one,
    }
}

/// The length of what looks like one number, well formed or not.
fn numeral(rest: &str) -> usize {
    let mut end = 0;
    loop {
        end += run(rest.get(end..).unwrap_or_default(), |c| {
            c.is_alphanumeric() || c == '_' || c == '.'
        });
        let (before, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
        let mantissa = before.strip_suffix(['e', 'E']).and_then(literal::number);
        let sign = after.starts_with(['+', '-'])
            && after
                .get(1..)
                .is_some_and(|c| c.starts_with(|c: char| c.is_ascii_digit()));
        if !(sign && mantissa.is_some()) {
            return end;
        }
        end += 1;
    }
}

fn malformed_number(source: &Source, span: Span) -> Diagnostic {
    let text = source.slice(span);
    let error = Diagnostic::error("E0010", "malformed number").at(span, "not a number");
    let sizes: Vec<&str> = text.split(['x', 'X']).collect();
    let hexadecimal = text.starts_with("0x") || text.starts_with("0X");
    if !hexadecimal
        && sizes.len() > 1
        && sizes
            .iter()
            .all(|size| literal::number(size) == Some(literal::Number::Integer))
    {
        let tuple = format!("({})", sizes.join(", "));
        return error
            .help(format!("sizes are tuples: write `{tuple}`"))
            .fix(span, tuple);
    }
    let digits = text.get(2..).unwrap_or_default();
    let radix = if hexadecimal {
        Some(16)
    } else if text.starts_with("0b") {
        Some(2)
    } else if text.starts_with("0o") {
        Some(8)
    } else {
        None
    };
    if let Some(value) = radix.and_then(|radix| i64::from_str_radix(digits, radix).ok()) {
        return error
            .help(format!("numbers are decimal: write `{value}`"))
            .fix(span, value.to_string());
    }
    error.help("numbers are written like `10`, `60_000`, `0.5` or `1e-3`; names do not start with a digit")
}

fn unterminated(source: &Source, span: Span, before: Option<&Token>) -> Diagnostic {
    let text = source.slice(span);
    let quote = text.get(..1).unwrap_or_default();
    let opener = Span::new(span.start as usize, span.start as usize + 1);
    let error = Diagnostic::error(
        "E0007",
        format!("unterminated string: no closing `{quote}` on its line"),
    );
    // `"""` is an empty string and a quote.
    let empty = before.filter(|token| token.kind == TokenKind::Text && token.span.end == span.start);
    if let Some(empty) = empty.filter(|token| token.span.end - token.span.start == 2) {
        return error
            .at(empty.span.to(opener), "three quotes")
            .help("a string is written on one line, in one pair of quotes");
    }
    if let Some(escape) = text.find(&format!("\\{quote}")) {
        let escape = span.start as usize + escape;
        return error
            .at(opener, "the string opens here")
            .because(Span::new(escape, escape + 2), "this quote is part of the string")
            .help("a backslash before the closing quote is written `\\\\`");
    }
    // The string most likely ends where a word does: before what cannot be in one.
    let body = text.get(1..).unwrap_or_default();
    let word = run(body, |c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'));
    let end = if word == 0 {
        span.end as usize
    } else {
        span.start as usize + 1 + word
    };
    error
        .at(opener, "the string opens here")
        .because(Span::new(end, end), format!("`{quote}` may be missing here"))
        .help(format!("close the string with `{quote}`"))
        .fix(Span::new(end, end), quote)
}
