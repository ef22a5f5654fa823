//! Lines that fit a width.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text in lines of at most `width` columns, broken at blanks. A word that is wider than a line stands alone on one:
/// a path that is broken cannot be copied. A no-break space holds what stands on its two sides together.
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

/// `wrap`, and words that are wider than a line cut into pieces that are not.
pub fn fold(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut folded = Vec::new();
    for line in wrap(text, width) {
        let mut piece = String::new();
        let mut filled = 0;
        for letter in line.chars() {
            let own = letter.width().unwrap_or(0);
            if filled + own > width && !piece.is_empty() {
                folded.push(std::mem::take(&mut piece));
                filled = 0;
            }
            piece.push(letter);
            filled += own;
        }
        folded.push(piece);
    }
    folded
}

/// The text behind `first`, its other lines below its first.
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

/// A line of a table that is wider than `columns` goes on below its last column, or not far in where that stands too far
/// right. Columns are told by the two blanks or more before them. Everything else stays as it is.
pub fn table_line(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    let last = line.rfind("  ").map_or(0, |blank| blank + 2);
    let (head, tail) = line.split_at(last);
    let fits = head.width() <= columns / 2;
    let head = if fits { head } else { "" };
    let tail = if fits { tail } else { line };
    let indent = if fits { head.width() } else { 4 };
    let mut lines = wrap(tail, columns.saturating_sub(indent)).into_iter();
    let mut text = if fits {
        head.to_owned() + &lines.next().unwrap_or_default()
    } else {
        // The blanks between its columns are part of the table.
        return broken(line, columns, indent);
    };
    for line in lines {
        text.extend(["\n", &" ".repeat(indent), &line]);
    }
    text
}

/// A line broken at its last blanks that fit, the blanks before kept.
fn broken(line: &str, columns: usize, indent: usize) -> String {
    let mut text = String::new();
    let mut rest = line;
    let mut own = 0;
    while rest.width() + own > columns {
        let room = columns.saturating_sub(own).max(1);
        let mut filled = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            filled += letter.width().unwrap_or(0);
            filled > room
        });
        let end = end.map_or(rest.len(), |(end, _)| end);
        let cut = rest
            .get(..=end)
            .and_then(|part| part.rfind(' '))
            .filter(|&cut| !rest[..cut].trim().is_empty());
        let Some(cut) = cut.or_else(|| rest[end..].find(' ').map(|blank| end + blank)) else {
            break;
        };
        text.push_str(rest[..cut].trim_end());
        text.push('\n');
        text.push_str(&" ".repeat(indent));
        rest = rest[cut..].trim_start();
        own = indent;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::{fold, hang, table_line, wrap};

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
        assert_eq!(fold("\u{4f60}\u{597d}", 3), ["\u{4f60}", "\u{597d}"]);
    }

    #[test]
    fn what_goes_on_stands_below() {
        assert_eq!(hang("note: ", "one two three", 14), "note: one two\n      three\n");
        assert_eq!(table_line("a  b  c = d + e", 11), "a  b  c = d\n      + e");
        assert_eq!(table_line("a                 b", 12), "a\n    b");
        assert_eq!(table_line("short", 12), "short");
        assert_eq!(table_line("unbroken", 4), "unbroken");
    }
}
