//! Plain tables: columns two spaces apart.

use unicode_width::UnicodeWidthStr;

/// Where a column's cells stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// The rows below their heads, each column as wide as its widest cell; no spaces at the ends of lines.
pub fn table<const N: usize>(heads: [(&str, Align); N], rows: &[[String; N]]) -> String {
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.width());
        cells
            .chain(heads.get(column).map(|(head, _)| head.width()))
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(widest);
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for ((cell, width), (_, align)) in cells.into_iter().zip(widths).zip(heads) {
            let padding = " ".repeat(width - cell.width());
            match align {
                Align::Left => line.extend([cell, &padding, "  "]),
                Align::Right => line.extend([&padding, cell, "  "]),
            }
        }
        line.truncate(line.trim_end().len());
        line + "\n"
    };
    let mut text = line(heads.map(|(head, _)| head));
    for row in rows {
        text.push_str(&line(row.each_ref().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Align, table};

    #[test]
    fn columns_are_aligned_and_lines_end_in_no_spaces() {
        let heads = [("name", Align::Left), ("size", Align::Right), ("", Align::Left)];
        let rows = [
            ["a".to_owned(), "1,024".to_owned(), "x".to_owned()],
            ["d\u{e9}j\u{e0} vu".to_owned(), "8".to_owned(), String::new()],
        ];
        assert_eq!(
            table(heads, &rows),
            "name      size\na        1,024  x\nd\u{e9}j\u{e0} vu      8\n"
        );
    }
}
