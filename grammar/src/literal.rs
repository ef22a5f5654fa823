//! Numbers and strings: from their text to their value, and back.

use std::fmt::Write as _;
use std::num::IntErrorKind;

/// The kinds of number that the grammar's rules `float` and `integer` accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number {
    /// A whole number, such as `10`, `-1` or `60_000`.
    Integer,
    /// A number with a point or an exponent, such as `0.5`, `.5`, `5.` or `1e-3`.
    Float,
}

/// Tells which kind of number `text` is; None if it is neither.
pub fn number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = digits(unsigned)?;
    let (fraction, rest, point) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (fraction, rest) = digits(rest)?;
            (fraction, rest, true)
        }
        None => (false, rest, false),
    };
    if !whole && !fraction {
        return None;
    }
    if rest.is_empty() {
        return Some(if point { Number::Float } else { Number::Integer });
    }
    let exponent = rest.strip_prefix(['e', 'E'])?;
    let (found, rest) = digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))?;
    (found && rest.is_empty()).then_some(Number::Float)
}

/// Splits digits with single underscores between them off the front: whether there were any, and the rest. None where
/// an underscore stands elsewhere.
fn digits(text: &str) -> Option<(bool, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '_')
        .unwrap_or(text.len());
    let (run, rest) = text.split_at_checked(end)?;
    let well = !run.starts_with('_') && !run.ends_with('_') && !run.contains("__");
    well.then_some((!run.is_empty(), rest))
}

/// The value of an integer's text; errs where it does not fit 64 bits.
pub fn integer(text: &str) -> Result<i64, IntErrorKind> {
    text.replace('_', "").parse::<i64>().map_err(|error| *error.kind())
}

/// The value of a float's text; None where it is too large. Values that are too small become 0, as in Python.
pub fn float(text: &str) -> Option<f64> {
    text.replace('_', "")
        .parse::<f64>()
        .ok()
        .filter(|value| value.is_finite())
}

/// A malformed escape in a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadEscape {
    /// Its bytes from the backslash on, counted from the opening quote.
    pub range: std::ops::Range<usize>,
    /// The form that the escape should have, in words.
    pub expected: &'static str,
}

/// Undoes Python's escapes in a string as it is written, quotes included. Escapes that Python does not know stay as
/// they are, with their backslash. Errs for malformed ones.
pub fn unquote(written: &str) -> Result<String, BadEscape> {
    let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or_default();
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(backslash) = rest.find('\\') {
        let (before, escape) = rest.split_at(backslash);
        value.push_str(before);
        let at = 1 + (inner.len() - escape.len());
        let mut after = escape.chars();
        after.next();
        let Some(kind) = after.next() else {
            value.push('\\');
            rest = "";
            break;
        };
        rest = after.as_str();
        let simple = match kind {
            '\\' | '\'' | '"' => Some(kind),
            'a' => Some('\x07'),
            'b' => Some('\x08'),
            'f' => Some('\x0c'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\x0b'),
            _ => None,
        };
        let (radix, shortest, longest, expected) = match kind {
            'x' => (16, 2, 2, "`\\x` takes two hexadecimal digits"),
            'u' => (16, 4, 4, "`\\u` takes four hexadecimal digits of a character"),
            'U' => (16, 8, 8, "`\\U` takes eight hexadecimal digits of a character"),
            '0'..='7' => (8, 1, 3, "an octal escape is at most `\\377`"),
            _ => {
                if simple.is_none() {
                    value.push('\\');
                }
                value.push(simple.unwrap_or(kind));
                continue;
            }
        };
        let code = if radix == 8 {
            escape.get(1..).unwrap_or_default()
        } else {
            rest
        };
        let count = code
            .chars()
            .take(longest)
            .take_while(|digit| digit.is_digit(radix))
            .count();
        let number = code.get(..count).unwrap_or_default();
        let decoded = u32::from_str_radix(number, radix)
            .ok()
            .filter(|&code| radix == 16 || code <= 0o377);
        match decoded.and_then(char::from_u32) {
            Some(character) if count >= shortest => value.push(character),
            _ => {
                let end = at + (escape.len() - code.len()) + count;
                return Err(BadEscape {
                    range: at..end,
                    expected,
                });
            }
        }
        rest = code.get(count..).unwrap_or_default();
    }
    value.push_str(rest);
    Ok(value)
}

/// Writes a string in double quotes, such that `unquote` gives it back.
pub fn quote(value: &str) -> String {
    let mut written = String::with_capacity(value.len() + 2);
    written.push('"');
    for character in value.chars() {
        match character {
            '"' => written.push_str("\\\""),
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            // Writing to a `String` cannot fail.
            control if control.is_control() => _ = write!(written, "\\u{:04x}", control as u32),
            other => written.push(other),
        }
    }
    written.push('"');
    written
}
