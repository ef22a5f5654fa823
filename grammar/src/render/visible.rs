//! Makes characters visible that a terminal would obey.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a terminal obeys the character instead of showing it: the C0 and C1 controls and DEL, with which escape
/// sequences begin, and the marks that change the direction of text. Line ends and tabs do not count.
pub fn acts(character: char) -> bool {
    match character {
        '\n' | '\t' => false,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => true,
        _ => character.is_control(),
    }
}

/// Replaces such characters by their escapes, `\u{1b}`, so that a name, a path or a string from a file cannot move
/// the cursor, change colours or reorder a line. Line ends and tabs stay.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

/// The same for text that must stay on one line, such as a name or a path: line ends and tabs are escaped as well.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    escaped(text, |character| acts(character) || matches!(character, '\n' | '\t'))
}

/// Replaces such characters in JSON, where they can only be part of strings, by JSON's own escapes.
pub fn visible_json(json: &str) -> Cow<'_, str> {
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut shown = String::with_capacity(json.len() + 8);
    for character in json.chars() {
        if acts(character) {
            _ = write!(shown, "\\u{:04x}", u32::from(character));
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

fn escaped(text: &str, hides: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hides) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' if hides(character) => shown.push_str("\\n"),
            '\t' if hides(character) => shown.push_str("\\t"),
            _ if hides(character) => _ = write!(shown, "\\u{{{:x}}}", u32::from(character)),
            _ => shown.push(character),
        }
    }
    Cow::Owned(shown)
}

/// A line of source with one visible character for each such one, so that columns stay what they are: the pictures of
/// the C0 controls and of DEL, and a replacement character for the others.
pub(super) fn columns_kept(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(picture).collect())
}

fn picture(character: char) -> char {
    match character {
        // Before a line feed it ends the line, which the drawing takes care of.
        '\r' => character,
        '\0'..='\u{1f}' if acts(character) => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{FFFD}'),
        '\u{7f}' => '\u{2421}',
        _ if acts(character) => '\u{FFFD}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::{acts, columns_kept, visible, visible_json, visible_line};
    use std::borrow::Cow;

    #[test]
    fn what_acts_is_escaped_and_nothing_else_is() {
        assert!(matches!(
            visible("caf\u{e9}\n\t\u{4f60}"),
            Cow::Borrowed("caf\u{e9}\n\t\u{4f60}")
        ));
        assert_eq!(visible("\u{1b}[31mred\u{7}"), "\\u{1b}[31mred\\u{7}");
        assert_eq!(visible("a\u{9b}b\u{7f}c"), "a\\u{9b}b\\u{7f}c");
        assert_eq!(visible("x\u{202e}y\u{2066}z\u{200f}"), "x\\u{202e}y\\u{2066}z\\u{200f}");
        assert_eq!(visible_line("a\nb\tc"), "a\\nb\\tc");
        assert_eq!(visible_json("[\"a\u{9b}\u{202e}\"]\n"), "[\"a\\u009b\\u202e\"]\n");
    }

    #[test]
    fn every_control_and_every_mark_acts() {
        let all = (0..=0x10_ffff).filter_map(char::from_u32);
        let acting: Vec<u32> = all.filter(|&c| acts(c)).map(u32::from).collect();
        let controls = (0..0x20).chain(0x7f..0xa0).filter(|code| ![0x09, 0x0a].contains(code));
        let marks = [0x061c, 0x200e, 0x200f]
            .into_iter()
            .chain(0x202a..=0x202e)
            .chain(0x2066..=0x2069);
        assert_eq!(acting, controls.chain(marks).collect::<Vec<u32>>());
    }

    #[test]
    fn a_column_stays_a_column() {
        let text = "\u{1b}\u{7f}\u{9b}\u{202e}\u{200f}x";
        assert_eq!(columns_kept(text), "\u{241b}\u{2421}\u{fffd}\u{fffd}\u{fffd}x");
        assert_eq!(columns_kept("x\r\n"), "x\r\n");
    }
}
