//! The text of a script, or the cells of a notebook as one text, and how messages name places in it.

use crate::session::{Error, Result};
use ruff_text_size::{TextRange, TextSize};
use serde::Deserialize;
use std::ops::Range;

/// The longest text that is read as Python, in bytes: scripts are written by hand.
const MOST_TEXT: usize = 1 << 20;

/// A Python text that is ready to be parsed.
pub struct Source {
    /// The text; of a notebook, the cells with code, separated by newlines.
    pub text: String,
    /// For each cell with code its range in bytes and its number, counted from 1 through all cells; empty for a script.
    cells: Vec<(Range<usize>, usize)>,
    /// The offset in bytes at which each line begins.
    lines: Vec<usize>,
}

#[derive(Deserialize)]
struct Notebook {
    #[serde(default)]
    cells: Vec<Cell>,
    #[serde(default)]
    worksheets: Vec<Worksheet>,
}

/// What holds the cells in notebooks before version 4.
#[derive(Deserialize)]
struct Worksheet {
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    #[serde(default, alias = "input")]
    source: Lines,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Lines {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Source {
    /// Takes the text of a script.
    ///
    /// # Errors
    /// When it is too long.
    pub fn script(text: &str) -> Result<Self> {
        Self::new(text.strip_prefix('\u{FEFF}').unwrap_or(text).to_owned(), Vec::new())
    }

    /// Takes the code of a notebook.
    ///
    /// # Errors
    /// When it is not a notebook, or has too much code.
    pub fn notebook(bytes: &[u8]) -> Result<Self> {
        let notebook: Notebook =
            serde_json::from_slice(bytes).map_err(|cause| Error::message(format!("this is no notebook: {cause}")))?;
        let older = notebook.worksheets.into_iter().flat_map(|sheet| sheet.cells);
        let (mut text, mut cells) = (String::new(), Vec::new());
        for (index, cell) in notebook.cells.into_iter().chain(older).enumerate() {
            if cell.cell_type != "code" {
                continue;
            }
            let code = match cell.source {
                Lines::None => String::new(),
                Lines::One(code) => code,
                Lines::Many(lines) => lines.concat(),
            };
            if !cells.is_empty() {
                text.push('\n');
            }
            let start = text.len();
            text.push_str(&code);
            cells.push((start..text.len(), index + 1));
        }
        if cells.is_empty() {
            return Err(Error::message("the notebook has no cells of code"));
        }
        Self::new(text, cells)
    }

    fn new(text: String, cells: Vec<(Range<usize>, usize)>) -> Result<Self> {
        if text.len() > MOST_TEXT {
            let size = text.len();
            return Err(Error::message(format!(
                "{size} bytes of Python; the most is {MOST_TEXT}"
            )));
        }
        let mut lines = vec![0];
        lines.extend(text.match_indices('\n').map(|(at, _)| at + 1));
        Ok(Self { text, cells, lines })
    }

    /// The range of each cell, or that of the whole text.
    pub fn ranges(&self) -> Vec<TextRange> {
        let range = |start: usize, end: usize| TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
        if self.cells.is_empty() {
            return vec![range(0, self.text.len())];
        }
        self.cells
            .iter()
            .map(|(bytes, _)| range(bytes.start, bytes.end))
            .collect()
    }

    /// The line that a byte is in, counted from 0 through the whole text.
    fn line(&self, offset: usize) -> usize {
        self.lines.partition_point(|&start| start <= offset).saturating_sub(1)
    }

    /// The first and the last line of a range, counted from 0.
    pub fn lines(&self, range: TextRange) -> (usize, usize) {
        let last = range.end().to_usize().saturating_sub(1).max(range.start().to_usize());
        (self.line(range.start().to_usize()), self.line(last))
    }

    /// What messages call lines: `line 3`, `lines 3-5`, `cell 2, line 1`.
    pub fn place(&self, lines: (usize, usize)) -> String {
        let start = self.lines.get(lines.0).copied().unwrap_or(0);
        let cell = self
            .cells
            .iter()
            .find(|(bytes, _)| bytes.contains(&start) || bytes.start == start);
        let before = cell.map_or(0, |(bytes, _)| self.line(bytes.start));
        let (first, last) = (lines.0 - before.min(lines.0) + 1, lines.1 - before.min(lines.1) + 1);
        let lines = if first == last {
            format!("line {first}")
        } else {
            format!("lines {first}-{last}")
        };
        cell.map_or_else(|| lines.clone(), |(_, number)| format!("cell {number}, {lines}"))
    }

    /// The first line of a range, cut to 60 characters, as messages quote it.
    pub fn excerpt(&self, range: TextRange) -> String {
        const MOST: usize = 60;
        let text = self
            .text
            .get(range.start().to_usize()..range.end().to_usize())
            .unwrap_or_default();
        let first = text.lines().next().unwrap_or_default().trim();
        let mut short: String = first.chars().take(MOST).collect();
        if short.len() < text.trim_end().len() {
            short.push_str(" ...");
        }
        short
    }

    /// The text of a range.
    pub fn slice(&self, range: TextRange) -> &str {
        self.text
            .get(range.start().to_usize()..range.end().to_usize())
            .unwrap_or_default()
    }
}
