//! Wraps text and lays out tables as the Python library `rich` does, which Keras prints with: version 15.0,
//! `_wrap.py`, `text.py`, `table.py`. All that is printed here takes one cell a character.

/// A column of a table.
pub(super) struct Column {
    pub(super) head: &'static str,
    /// The width that is asked for; the table may give the column less.
    pub(super) width: usize,
    pub(super) justify: Justify,
}

/// The side that a cell's text is aligned to.
#[derive(Clone, Copy)]
pub(super) enum Justify {
    Left,
    Right,
}

/// What becomes of a word that is wider than its line.
#[derive(Clone, Copy, PartialEq)]
enum Overflow {
    /// The rest goes on in the next line.
    Fold,
    /// The word is cut and ends in `…`.
    Ellipsis,
}

/// Text in lines as `console.print` wraps it.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    lines(text, width, Overflow::Fold)
}

/// A table with a heavy head and a rule after every row, `width` cells wide, borders included.
pub(super) fn table(columns: &[Column], rows: impl Iterator<Item = Vec<String>>, width: usize) -> String {
    let widths = share(columns, width);
    let mut text = String::new();
    let rule = |left: char, line: char, cross: char, right: char| {
        let parts: Vec<String> = widths.iter().map(|&width| line.to_string().repeat(width)).collect();
        format!("{left}{}{right}\n", parts.join(&cross.to_string()))
    };
    let row = |cells: &[String], edge: char| {
        let wrapped: Vec<Vec<String>> = cells
            .iter()
            .zip(&widths)
            .zip(columns)
            .map(|((cell, width), column)| justified(cell, width.saturating_sub(2), column.justify))
            .collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        let mut text = String::new();
        for line in 0..height {
            text.push(edge);
            for (cell, width) in wrapped.iter().zip(&widths) {
                let blank = " ".repeat(width.saturating_sub(2));
                // Heads are aligned to the bottom, cells to the top.
                let above = if edge == '┃' { height - cell.len() } else { 0 };
                let content = line
                    .checked_sub(above)
                    .and_then(|line| cell.get(line))
                    .unwrap_or(&blank);
                text.push(' ');
                text.push_str(content);
                text.push(' ');
                text.push(edge);
            }
            text.push('\n');
        }
        text
    };
    text.push_str(&rule('┏', '━', '┳', '┓'));
    let heads: Vec<String> = columns.iter().map(|column| column.head.to_owned()).collect();
    text.push_str(&row(&heads, '┃'));
    text.push_str(&rule('┡', '━', '╇', '┩'));
    for (index, cells) in rows.enumerate() {
        if index > 0 {
            text.push_str(&rule('├', '─', '┼', '┤'));
        }
        text.push_str(&row(&cells, '│'));
    }
    text.push_str(&rule('└', '─', '┴', '┘'));
    text
}

/// The columns' widths, padding included: each asks for its width and two cells of padding, and an excess is taken
/// from all in proportion (`ratio_reduce`, whose rounding is Python's, half to even).
fn share(columns: &[Column], width: usize) -> Vec<usize> {
    let wanted: usize = columns.iter().map(|column| column.width + 2).sum();
    let room = width.saturating_sub(columns.len() + 1);
    let mut excess = wanted.saturating_sub(room);
    let mut left = columns.len();
    columns
        .iter()
        .map(|column| {
            let own = column.width + 2;
            let (quotient, rest) = (excess / left, excess % left);
            let up = 2 * rest > left || (2 * rest == left && quotient % 2 == 1);
            let taken = own.min(quotient + usize::from(up));
            excess -= taken;
            left -= 1;
            own - taken
        })
        .collect()
}

/// A cell's lines, each filled up to `width`.
fn justified(cell: &str, width: usize, justify: Justify) -> Vec<String> {
    let fill = |line: String| {
        let missing = width.saturating_sub(line.chars().count());
        match justify {
            Justify::Left => line + &" ".repeat(missing),
            Justify::Right => " ".repeat(missing) + &line,
        }
    };
    let lines = lines(cell, width, Overflow::Ellipsis).into_iter();
    let trimmed = lines.map(|line| match justify {
        Justify::Left => line,
        Justify::Right => line.trim_end().to_owned(),
    });
    trimmed.map(|line| fill(truncated(line, width))).collect()
}

fn truncated(line: String, width: usize) -> String {
    if line.chars().count() <= width {
        return line;
    }
    let kept: String = line.chars().take(width.saturating_sub(1)).collect();
    kept + "…"
}

fn lines(text: &str, width: usize, overflow: Overflow) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut breaks = breaks(&letters, width, overflow);
    breaks.push(letters.len());
    let mut from = 0;
    let mut lines = Vec::with_capacity(breaks.len());
    for end in breaks {
        let line: String = letters.get(from..end).unwrap_or_default().iter().collect();
        lines.push(without_excess(&line, width));
        from = end;
    }
    lines
}

/// Cuts blanks off the end of a line that stick out (`rstrip_end`).
fn without_excess(line: &str, width: usize) -> String {
    let length = line.chars().count();
    let blanks = length - line.trim_end().chars().count();
    line.chars()
        .take(length - blanks.min(length.saturating_sub(width)))
        .collect()
}

/// The indices at which lines begin, except for the first (`divide_line`).
fn breaks(letters: &[char], width: usize, overflow: Overflow) -> Vec<usize> {
    let mut breaks = Vec::new();
    let mut filled = 0;
    for (start, end, length) in words(letters) {
        let full = end - start;
        if filled + length <= width {
            filled += full;
        } else if length > width && overflow == Overflow::Fold && width > 0 {
            let mut at = start;
            while end - at > width {
                if at > 0 {
                    breaks.push(at);
                }
                at += width;
            }
            if at > 0 {
                breaks.push(at);
            }
            filled = end - at;
        } else if length > width {
            if start > 0 {
                breaks.push(start);
            }
            filled = full;
        } else if filled > 0 && start > 0 {
            breaks.push(start);
            filled = full;
        }
    }
    breaks
}

/// Each word with the blanks behind it (and before the first): its start, its end, and its length without the blanks at its end.
fn words(letters: &[char]) -> Vec<(usize, usize, usize)> {
    let blank = |index: usize| letters.get(index).is_some_and(|letter| letter.is_whitespace());
    let dark = |index: usize| letters.get(index).is_some_and(|letter| !letter.is_whitespace());
    let mut words = Vec::new();
    let mut start = 0;
    loop {
        let mut end = start;
        while blank(end) {
            end += 1;
        }
        if !dark(end) {
            return words;
        }
        while dark(end) {
            end += 1;
        }
        let length = end - start;
        while blank(end) {
            end += 1;
        }
        words.push((start, end, length));
        start = end;
    }
}
