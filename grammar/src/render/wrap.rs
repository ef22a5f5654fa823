//! Breaks text into lines that fit a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks text into lines of at most `width` columns at blanks. A word wider than a line gets a line of its own, for
/// a broken path cannot be copied. A no-break space holds its two neighbours together.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split([' ', '\n']).filter(|word| !word.is_empty()) {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines.into_iter().map(|line| line.replace('\u{a0}', " ")).collect()
}

/// The same, with words wider than a line cut into pieces that fit.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut folded = Vec::new();
    for line in wrap(text, width) {
        let mut piece = String::new();
        let mut filled = 0;
        for letter in line.chars() {
            let own = letter.width().unwrap_or(0);
            if filled + own > width && !piece.is_empty() {
                let rest = piece.split_off(cut(&piece));
                filled = rest.width();
                folded.push(std::mem::replace(&mut piece, rest));
            }
            piece.push(letter);
            filled += own;
        }
        folded.push(piece);
    }
    folded
}

/// Where a piece of a long word ends: behind the last slash in its second half, so that the names of a path stay
/// whole, otherwise at its end.
fn cut(piece: &str) -> usize {
    let slash = piece.rfind('/').map(|at| at + 1);
    slash.filter(|&at| at * 2 > piece.len()).unwrap_or(piece.len())
}

/// The text behind `first`, with its further lines indented to its first.
pub fn hang(first: &str, text: &str, columns: usize) -> String {
    let indent = first.width();
    let mut hung = String::new();
    for (index, line) in wrap(text, columns.saturating_sub(indent)).iter().enumerate() {
        match index {
            0 => hung.push_str(first),
            _ => hung.push_str(&" ".repeat(indent)),
        }
        hung.push_str(line);
        hung.push('\n');
    }
    hung
}

/// The text with all lines except the first indented by `indent` columns.
pub fn hang_by(text: &str, indent: usize, columns: usize) -> String {
    let lines = wrap(text, columns.saturating_sub(indent));
    lines.join(&format!("\n{}", " ".repeat(indent))) + "\n"
}

/// Keeps the text's lines, and breaks those that are wider than `columns`.
pub fn narrowed(text: &str, columns: usize) -> String {
    let narrowed = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        continued(line, indent, columns)
    };
    let lines: Vec<String> = text.split('\n').map(narrowed).collect();
    lines.join("\n")
}

/// Breaks a line of a table that is wider than `columns` below its last column or, where that is in the right half,
/// puts that column on the next line, slightly indented. Columns are told by two or more blanks before them.
pub fn table_line(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let last = line.trim_end().rfind("  ").map_or(0, |blank| blank + 2);
    let (head, tail) = line.split_at(last);
    let head_width = head.width();
    let below = (1..=columns / 2).contains(&head_width);
    if below {
        return continued(line, head_width, columns);
    }
    if head.trim().is_empty() || head.trim_end().width() > columns {
        return continued(line, INDENT, columns);
    }
    let indent = " ".repeat(INDENT);
    format!(
        "{}\n{}",
        head.trim_end(),
        continued(&format!("{indent}{tail}"), INDENT, columns)
    )
}

/// The indentation of a last column that moves to the next line.
const INDENT: usize = 8;

/// Breaks a line at the last blanks that fit, with all lines except the first indented by `indent` columns.
fn continued(line: &str, indent: usize, columns: usize) -> String {
    let mut text = String::new();
    let mut rest = line;
    let mut own = 0;
    while own + rest.width() > columns {
        let Some(cut) = last_blank(rest, columns.saturating_sub(own)) else {
            break;
        };
        let (before, after) = rest.split_at(cut);
        text.extend([before.trim_end(), "\n", &" ".repeat(indent)]);
        rest = after.trim_start();
        own = indent;
    }
    text + rest
}

/// The last blank that leaves at most `room` columns before it, or else the first one; None before the first word.
fn last_blank(text: &str, room: usize) -> Option<usize> {
    let start = text.len() - text.trim_start().len();
    let blanks = text.match_indices(' ').map(|(at, _)| at).filter(|&at| at > start);
    let fits = |at: &usize| text.get(..*at).is_some_and(|before| before.width() <= room);
    blanks.clone().take_while(fits).last().or_else(|| blanks.clone().next())
}

#[cfg(test)]
mod tests {
    use super::{fold, hang, hang_by, narrowed, table_line, wrap};

    #[test]
    fn lines_are_broken_at_blanks() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a wide/unbroken/path b", 6), ["a", "wide/unbroken/path", "b"]);
        assert_eq!(wrap("a =\u{a0}1 b", 3), ["a", "= 1", "b"]);
        assert_eq!(wrap("", 3), [""; 0]);
        assert_eq!(wrap("\u{4f60}\u{597d} \u{4f60}", 5), ["\u{4f60}\u{597d}", "\u{4f60}"]);
    }

    #[test]
    fn words_are_cut_where_they_must_be() {
        assert_eq!(fold("abcdefg hi", 3), ["abc", "def", "g", "hi"]);
        assert_eq!(fold("/usr/share/data", 12), ["/usr/share/", "data"]);
        assert_eq!(fold("\u{4f60}\u{597d}", 3), ["\u{4f60}", "\u{597d}"]);
    }

    #[test]
    fn what_goes_on_stands_below() {
        assert_eq!(hang("note: ", "one two three", 14), "note: one two\n      three\n");
        assert_eq!(hang_by("one two three", 2, 7), "one\n  two\n  three\n");
        assert_eq!(table_line("a  b  c = d + e", 13), "a  b  c = d +\n      e");
        assert_eq!(table_line("a                 b", 12), "a\n        b");
        assert_eq!(table_line("one two three", 12), "one two\n        three");
        assert_eq!(narrowed("one:\n  two three\n  four", 8), "one:\n  two\n  three\n  four");
        assert_eq!(table_line("short", 12), "short");
        assert_eq!(table_line("unbroken", 4), "unbroken");
    }
}
