//! The text of a script, or the cells of a notebook as one text, and how messages name places in it.

use super::files::Beside;
use crate::session::{Error, Result};
use ruff_text_size::{TextRange, TextSize};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::ops::Range;

/// The longest text that is read as Python, in bytes: scripts are written by hand.
const MOST_TEXT: usize = 1 << 20;

/// A Python text that is ready to be parsed.
pub struct Source {
    /// The text; of a notebook, the cells with code, separated by newlines.
    pub text: String,
    /// For each cell with code its range in bytes and its number, counted from 1 through all cells; empty for a script.
    cells: Vec<(Range<usize>, usize)>,
    /// For each file that the script imports its range in bytes, the first line of which is empty, and its name; they stand behind
    /// the script.
    files: Vec<(Range<usize>, String)>,
    /// The offset in bytes at which each line begins.
    lines: Vec<usize>,
    /// The number of classes that a notebook's outputs speak of, as Keras's loaders print it; `None` where they speak of none, or of
    /// several.
    pub classes: Option<i64>,
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
    #[serde(default)]
    outputs: Vec<Output>,
}

/// What a cell has printed.
#[derive(Deserialize, Default)]
struct Output {
    #[serde(default)]
    text: Lines,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Lines {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Lines {
    fn whole(self) -> String {
        match self {
            Self::None => String::new(),
            Self::One(text) => text,
            Self::Many(lines) => lines.concat(),
        }
    }
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
        let notebook: Notebook = serde_json::from_slice(bytes)
            .map_err(|cause| Error::message(format!("this is not a notebook: {cause}")))?;
        let older = notebook.worksheets.into_iter().flat_map(|sheet| sheet.cells);
        let (mut text, mut cells) = (String::new(), Vec::new());
        let mut counts = BTreeSet::new();
        for (index, cell) in notebook.cells.into_iter().chain(older).enumerate() {
            if cell.cell_type != "code" {
                continue;
            }
            let code = cell.source.whole();
            for output in cell.outputs {
                counts.extend(class_counts(&output.text.whole()));
            }
            if !cells.is_empty() {
                text.push('\n');
            }
            let start = text.len();
            text.push_str(&code);
            cells.push((start..text.len(), index + 1));
        }
        if cells.is_empty() {
            return Err(Error::message("the notebook has no code cells"));
        }
        let mut source = Self::new(text, cells)?;
        source.classes = counts.pop_first().filter(|_| counts.is_empty());
        Ok(source)
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
        Ok(Self {
            text,
            cells,
            files: Vec::new(),
            lines,
            classes: None,
        })
    }

    /// Adds the files that the script imports, as far as they are not too long together.
    pub fn with(mut self, files: &[Beside]) -> Self {
        for file in files {
            if self.text.len() + file.text.len() + 2 > MOST_TEXT {
                continue;
            }
            // An empty line, so that no range of lines goes on from one file to the next.
            self.text.push('\n');
            let start = self.text.len();
            self.text.push('\n');
            self.text
                .push_str(file.text.strip_prefix('\u{FEFF}').unwrap_or(&file.text));
            self.files.push((start..self.text.len(), file.file.clone()));
        }
        self.lines.truncate(1);
        self.lines.extend(self.text.match_indices('\n').map(|(at, _)| at + 1));
        self
    }

    /// Whether it is a notebook.
    pub fn is_notebook(&self) -> bool {
        !self.cells.is_empty()
    }

    /// The bytes of the script itself, or of the notebook.
    pub fn own(&self) -> usize {
        self.files.first().map_or(self.text.len(), |(bytes, _)| bytes.start - 1)
    }

    /// The file that a byte is in and the bytes of that; `None` in the script itself.
    pub fn file(&self, offset: usize) -> Option<(&str, Range<usize>)> {
        let found = self.files.iter().find(|(bytes, _)| bytes.contains(&offset));
        found.map(|(bytes, name)| (name.as_str(), bytes.clone()))
    }

    /// The range of each cell, or that of the whole script, and of each file.
    pub fn ranges(&self) -> Vec<TextRange> {
        let range = |start: usize, end: usize| TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32));
        let cells = self.cells.iter().map(|(bytes, _)| bytes);
        let files = self.files.iter().map(|(bytes, _)| bytes);
        let whole = self.cells.is_empty().then(|| range(0, self.own()));
        let parts = cells.chain(files).map(|bytes| range(bytes.start, bytes.end));
        whole.into_iter().chain(parts).collect()
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

    /// The range of lines, counted from 0, without what they are indented by.
    pub fn range(&self, lines: (usize, usize)) -> TextRange {
        let end = self.lines.get(lines.1 + 1).copied().unwrap_or(self.text.len());
        let start = self.lines.get(lines.0).copied().unwrap_or(end).min(end);
        let indented = self.text.get(start..end).unwrap_or_default();
        let start = start + indented.len() - indented.trim_start().len();
        TextRange::new(TextSize::new(start as u32), TextSize::new(end as u32))
    }

    /// What messages call lines: `line 3`, `lines 3-5`, `cell 2, line 1`.
    pub fn place(&self, lines: (usize, usize)) -> String {
        let start = self.lines.get(lines.0).copied().unwrap_or(0);
        if let Some((file, bytes)) = self.file(start) {
            let before = self.line(bytes.start) + 1;
            return format!("{file}, {}", numbered(lines, before));
        }
        let cell = self
            .cells
            .iter()
            .find(|(bytes, _)| bytes.contains(&start) || bytes.start == start);
        let before = cell.map_or(0, |(bytes, _)| self.line(bytes.start));
        let lines = numbered(lines, before);
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

/// The numbers in what Keras's loaders print: `Found 3670 files belonging to 5 classes.`
fn class_counts(text: &str) -> impl Iterator<Item = i64> {
    text.split(" belonging to ").skip(1).filter_map(|rest| {
        let (number, _) = rest.split_once(" classes")?;
        number.parse().ok().filter(|count| (1..=100_000).contains(count))
    })
}

/// `line 3`, `lines 3-5`, counted from the line `before`, which is 1.
fn numbered(lines: (usize, usize), before: usize) -> String {
    let (first, last) = (lines.0 - before.min(lines.0) + 1, lines.1 - before.min(lines.1) + 1);
    if first == last {
        format!("line {first}")
    } else {
        format!("lines {first}-{last}")
    }
}
