//! Plain tables: columns two spaces apart, which get narrower on a narrow terminal.

use super::wrap::{fold, hang};
use unicode_width::UnicodeWidthStr;

/// How the cells of a column are aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Left-aligned, for words.
    Left,
    /// Right-aligned, for numbers.
    Right,
}

/// Words up to this width are not broken to make a column narrower.
const WIDEST_WORD: usize = 20;

/// The rows below their heads, each column as wide as its widest cell; no spaces at the ends of lines.
///
/// Where the table would be wider than `columns`, words and heads are broken into lines; if that is not enough, each row becomes
/// a list of its heads and cells.
pub fn table<const N: usize>(heads: [(&str, Align); N], rows: &[[String; N]], columns: usize) -> String {
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column)).map(String::as_str);
    let natural: [usize; N] = std::array::from_fn(|column| {
        let head = heads.get(column).map_or("", |(head, _)| head);
        cells(column)
            .chain([head])
            .map(UnicodeWidthStr::width)
            .max()
            .unwrap_or(0)
    });
    let least: [usize; N] = std::array::from_fn(|column| {
        let (head, align) = heads.get(column).copied().unwrap_or(("", Align::Left));
        let numbers = match align {
            Align::Left => cells(column).map(widest_word).max().unwrap_or(0).min(WIDEST_WORD),
            // A number is not broken.
            Align::Right => cells(column).map(UnicodeWidthStr::width).max().unwrap_or(0),
        };
        numbers.max(widest_word(head))
    });
    // Two blanks between columns where they fit, else one.
    let drawn = [2, 1].into_iter().find_map(|gap| {
        let widths = fitted(natural, least, columns, gap)?;
        Some(drawn(heads, rows, widths, gap))
    });
    drawn.unwrap_or_else(|| listed(heads, rows, columns))
}

fn widest_word(text: &str) -> usize {
    text.split(' ').map(UnicodeWidthStr::width).max().unwrap_or(0)
}

/// Widths that fit into `columns` with `gap` blanks between them, the widest columns being made narrower; `None` where they
/// cannot.
fn fitted<const N: usize>(natural: [usize; N], least: [usize; N], columns: usize, gap: usize) -> Option<[usize; N]> {
    let room = columns.saturating_sub(gap * N.saturating_sub(1));
    if least.iter().sum::<usize>() > room {
        return None;
    }
    let mut widths = natural;
    let mut excess = widths.iter().sum::<usize>().saturating_sub(room);
    while excess > 0 {
        let wide = widths.iter_mut().zip(least).filter(|(width, least)| **width > *least);
        let (widest, _) = wide.max_by_key(|(width, _)| **width)?;
        *widest -= 1;
        excess -= 1;
    }
    Some(widths)
}

fn drawn<const N: usize>(heads: [(&str, Align); N], rows: &[[String; N]], widths: [usize; N], gap: usize) -> String {
    let columns: [Column; N] = std::array::from_fn(|at| Column {
        width: widths.get(at).copied().unwrap_or_default(),
        align: heads.get(at).map_or(Align::Left, |&(_, align)| align),
    });
    let mut text = line(heads.map(|(head, _)| head), columns, gap, true);
    for row in rows {
        text.push_str(&line(row.each_ref().map(String::as_str), columns, gap, false));
    }
    text
}

/// The width and the alignment of a column.
#[derive(Clone, Copy)]
struct Column {
    width: usize,
    align: Align,
}

/// A row, in as many lines as its tallest cell needs; shorter cells are at the top, or at the bottom if `bottom`.
fn line<const N: usize>(cells: [&str; N], columns: [Column; N], gap: usize, bottom: bool) -> String {
    let lines = |(cell, column): (&str, Column)| {
        if cell.width() <= column.width {
            vec![cell.to_owned()]
        } else {
            fold(cell, column.width)
        }
    };
    let cells: Vec<Vec<String>> = cells.into_iter().zip(columns).map(lines).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let between = " ".repeat(gap);
    let mut text = String::new();
    for row in 0..height {
        let mut line = String::new();
        for (cell, column) in cells.iter().zip(columns) {
            let above = if bottom { height - cell.len() } else { 0 };
            let part = row
                .checked_sub(above)
                .and_then(|row| cell.get(row))
                .map_or("", String::as_str);
            let padding = " ".repeat(column.width.saturating_sub(part.width()));
            match column.align {
                Align::Left => line.extend([part, &padding, &between]),
                Align::Right => line.extend([&padding, part, &between]),
            }
        }
        line.truncate(line.trim_end().len());
        text.extend([&line, "\n"]);
    }
    text
}

/// Each row as a list, with a blank line between two rows.
fn listed<const N: usize>(heads: [(&str, Align); N], rows: &[[String; N]], columns: usize) -> String {
    let widest = heads
        .iter()
        .map(|(head, _)| head.width())
        .max()
        .unwrap_or(0)
        .min(columns / 2);
    let mut text = String::new();
    for row in rows {
        if !text.is_empty() {
            text.push('\n');
        }
        for (cell, (head, _)) in row.iter().zip(heads).filter(|(cell, _)| !cell.is_empty()) {
            let lines = fold(head, widest);
            let (last, others) = lines
                .split_last()
                .map_or(("", [].as_slice()), |(last, others)| (last.as_str(), others));
            for line in others {
                text.extend([line, "\n"]);
            }
            let first = format!("{last}{}  ", " ".repeat(widest.saturating_sub(last.width())));
            text.push_str(&hang(&first, cell, columns));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Align, table};

    const HEADS: [(&str, Align); 3] = [("name", Align::Left), ("size of it", Align::Right), ("", Align::Left)];

    fn rows() -> [[String; 3]; 2] {
        [
            ["a".to_owned(), "1,024".to_owned(), "x y z".to_owned()],
            ["d\u{e9}j\u{e0} vu".to_owned(), "8".to_owned(), String::new()],
        ]
    }

    #[test]
    fn columns_are_aligned_and_lines_end_in_no_spaces() {
        assert_eq!(
            table(HEADS, &rows(), 80),
            "name     size of it\na             1,024  x y z\nd\u{e9}j\u{e0} vu           8\n"
        );
    }

    #[test]
    fn a_narrow_table_breaks_heads_and_words() {
        assert_eq!(
            table(HEADS, &rows(), 22),
            "           size\nname      of it\na         1,024  x y z\nd\u{e9}j\u{e0} vu       8\n"
        );
    }

    #[test]
    fn what_is_narrower_still_is_a_list() {
        assert_eq!(
            table(HEADS, &rows(), 10),
            "name   a\nsize\nof it  1,024\n       x y\n       z\n\nname   d\u{e9}j\u{e0}\n       vu\nsize\nof it  8\n"
        );
    }
}
