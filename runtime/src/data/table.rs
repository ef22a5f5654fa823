//! A CSV file with a sample in each row: its class or its value in one column, its pixels in the others, one after another
//! (`label,pixel0,pixel1,...`), or all of them in one column with blanks between them (`emotion,pixels,Usage`). Data sets for
//! beginners are often spread so, as MNIST, sign languages and facial expressions are.

use super::dataset::Parts;
use super::limits::MAX_CLASSES;
use super::samples::{Pixels, Split, Targets};
use super::targets::Labels;
use super::words::shown;
use crate::error::{Result, RuntimeError};
use crate::{memory, open};
use compiler::shape::Shape;
use csv::{ByteRecord, ReaderBuilder, Trim};
use std::collections::BTreeSet;
use std::io::BufReader;
use std::path::Path;

/// The names of a column of labels, in small letters.
const LABELS: [&str; 6] = ["label", "labels", "class", "target", "emotion", "y"];

/// The names of a column that says which split a row is of.
const USAGE: [&str; 3] = ["usage", "split", "subset"];

/// The name of a column that has all pixels.
const ALL_PIXELS: &str = "pixels";

/// The names of the numbers of rows, which pandas writes.
const ROW_NUMBERS: [&str; 2] = ["", "unnamed: 0"];

/// Whether a file's name is that of a table.
pub(super) fn is_named_so(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// Reads a table; its samples get `wanted` for their shape where they have as many values, else they are squares or rows.
pub(super) fn load(path: &Path, wanted: &Shape) -> Result<Parts> {
    let file = shown(path);
    let (opened, bytes) = open::file(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
    // Each value takes two bytes of the file at least, and four in memory at most.
    let needed = bytes.saturating_mul(2);
    if let Some(available) = memory::available().filter(|available| needed > *available) {
        let expected = format!("a table for which the {available} bytes of memory that are available are enough");
        return Err(RuntimeError::mismatch(file, expected, format!("{bytes} bytes")));
    }
    read(&file, BufReader::with_capacity(1 << 16, opened), wanted)
}

/// As `load`, from any reader; error messages call it `file`.
pub(super) fn read(file: &str, reader: impl std::io::Read, wanted: &Shape) -> Result<Parts> {
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .trim(Trim::All)
        .from_reader(reader);
    let refused = |cause: csv::Error| {
        let cause = cause.to_string().replace(char::is_control, " ");
        RuntimeError::mismatch(file, "rows of as many columns each", format!("\"{cause}\""))
    };
    let mut record = ByteRecord::new();
    let mut more = reader.read_byte_record(&mut record).map_err(refused)?;
    let columns = Columns::of(file, &record)?;
    if columns.has_names {
        more = reader.read_byte_record(&mut record).map_err(refused)?;
    }
    let mut parts = [Rows::default(), Rows::default(), Rows::default()];
    let mut size = None;
    while more {
        let line = record.position().map_or(0, csv::Position::line);
        let row = Row {
            file,
            line,
            record: &record,
        };
        let part = row.part(&columns)?;
        if let Some(rows) = parts.get_mut(part) {
            let count = row.append(&columns, rows)?;
            let wanted = *size.get_or_insert(count);
            if count != wanted || count == 0 {
                return Err(row.wrong(
                    format!("{} pixels, as in the first row", wanted.max(1)),
                    count.to_string(),
                ));
            }
        }
        more = reader.read_byte_record(&mut record).map_err(refused)?;
    }
    let size = size.unwrap_or_default();
    if parts.first().is_none_or(|train| train.labels.is_empty()) {
        return Err(RuntimeError::mismatch(file, "rows of pixels to train on", "none"));
    }
    let shape = if wanted.elements() == size {
        wanted.clone()
    } else {
        natural(size)
    };
    finish(file, parts, &shape)
}

/// The shape of a sample that nothing else is known of: a square in grey or in colours, else a row.
fn natural(size: usize) -> Shape {
    let side = |size: usize| Some(size.isqrt()).filter(|side| side * side == size);
    let colours = || side(size / 3).filter(|_| size.is_multiple_of(3));
    match (side(size), colours()) {
        (Some(side), _) => Shape::map(side, side, 1),
        (None, Some(side)) => Shape::map(side, side, 3),
        (None, None) => Shape::flat(size),
    }
}

/// What the columns of a table hold.
struct Columns {
    /// Whether the first row has their names.
    has_names: bool,
    label: usize,
    usage: Option<usize>,
    /// The columns of pixels, in order.
    pixels: Vec<usize>,
    /// Whether one column has all pixels.
    packed: bool,
}

impl Columns {
    fn of(file: &str, first: &ByteRecord) -> Result<Self> {
        if first.len() > 1 && first.iter().all(|cell| number(cell).is_some()) {
            return Ok(Self {
                has_names: false,
                label: 0,
                usage: None,
                pixels: (1..first.len()).collect(),
                packed: false,
            });
        }
        let names: Vec<String> = first
            .iter()
            .map(|cell| {
                String::from_utf8_lossy(cell)
                    .trim_start_matches('\u{feff}')
                    .trim()
                    .to_lowercase()
            })
            .collect();
        let place = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let (usage, packed) = (place(&USAGE), place(&[ALL_PIXELS]));
        let others = |except: &[Option<usize>]| -> Vec<usize> {
            let is_number = |at: &usize| names.get(*at).is_some_and(|name| ROW_NUMBERS.contains(&name.as_str()));
            (0..names.len())
                .filter(|at| !except.contains(&Some(*at)) && !is_number(at))
                .collect()
        };
        // Where all pixels are in one column, the label is in the only other one.
        let only = || match others(&[usage, packed]).as_slice() {
            [only] if packed.is_some() => Some(*only),
            _ => None,
        };
        let label = place(&LABELS).or_else(only);
        let pixels = match packed {
            Some(packed) => vec![packed],
            None => others(&[usage, label]),
        };
        match label {
            Some(label) if !pixels.is_empty() => Ok(Self {
                has_names: true,
                label,
                usage,
                pixels,
                packed: packed.is_some(),
            }),
            _ => {
                let found: Vec<&str> = names.iter().take(4).map(String::as_str).collect();
                let more = if names.len() > found.len() { ", ..." } else { "" };
                let found = format!("the columns {}{more}", found.join(", ")).replace(char::is_control, "\u{fffd}");
                let expected = "a column called label or class and columns of pixels, or one called pixels";
                Err(RuntimeError::mismatch(file, expected, found))
            }
        }
    }
}

/// The samples of a split.
#[derive(Default)]
struct Rows {
    labels: Vec<String>,
    values: Values,
}

/// Pixels: bytes until a value is none.
enum Values {
    Bytes(Vec<u8>),
    Floats(Vec<f32>),
}

impl Default for Values {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

impl Values {
    fn push(&mut self, number: Number) {
        match (&mut *self, number) {
            (Self::Bytes(bytes), Number::Byte(byte)) => bytes.push(byte),
            (Self::Floats(floats), number) => floats.push(number.value()),
            (Self::Bytes(_), number @ Number::Other(_)) => {
                let mut floats = std::mem::take(self).into_floats();
                floats.push(number.value());
                *self = Self::Floats(floats);
            }
        }
    }

    const fn are_floats(&self) -> bool {
        matches!(self, Self::Floats(_))
    }

    fn into_floats(self) -> Vec<f32> {
        match self {
            Self::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
            Self::Floats(floats) => floats,
        }
    }
}

/// A number in a cell.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Number {
    /// A whole number of 0 to 255, written as one.
    Byte(u8),
    /// Any other number; it is finite.
    Other(f32),
}

impl Number {
    fn value(self) -> f32 {
        match self {
            Self::Byte(byte) => f32::from(byte),
            Self::Other(value) => value,
        }
    }
}

/// The number in a cell; `None` where it has none, or one that is not finite.
fn number(cell: &[u8]) -> Option<Number> {
    let text = std::str::from_utf8(cell).ok()?;
    if let Ok(byte) = text.parse::<u8>() {
        return Some(Number::Byte(byte));
    }
    text.parse::<f32>()
        .ok()
        .filter(|value| value.is_finite())
        .map(Number::Other)
}

/// A row of a table.
struct Row<'a> {
    file: &'a str,
    line: u64,
    record: &'a ByteRecord,
}

impl Row<'_> {
    /// Which of the three splits it is of.
    fn part(&self, columns: &Columns) -> Result<usize> {
        let Some(usage) = columns.usage else { return Ok(0) };
        let text = self.text(usage).to_lowercase();
        match text.as_str() {
            "train" | "training" => Ok(0),
            "publictest" | "val" | "valid" | "validation" => Ok(1),
            "privatetest" | "test" | "testing" => Ok(2),
            _ => Err(self.wrong(
                "Training, PublicTest or PrivateTest (or train, validation or test)".to_owned(),
                quoted(&text),
            )),
        }
    }

    /// Appends the sample to those of its split; how many pixels it has.
    fn append(&self, columns: &Columns, rows: &mut Rows) -> Result<usize> {
        let label = self.text(columns.label);
        if label.is_empty() {
            return Err(self.wrong("a label".to_owned(), "an empty cell".to_owned()));
        }
        rows.labels.push(label);
        let cells = columns.pixels.iter().map(|&at| self.record.get(at).unwrap_or_default());
        let mut count = 0;
        for cell in cells {
            let pieces = cell.split(|byte| columns.packed && byte.is_ascii_whitespace());
            for piece in pieces.filter(|piece| !columns.packed || !piece.is_empty()) {
                let Some(number) = number(piece) else {
                    let expected = "a number for each pixel (of a table of picture files the loaders take \
                                    labels=\"FILE.csv\": image_dataset_from_directory, flow_from_dataframe)";
                    return Err(self.wrong(expected.to_owned(), quoted(&String::from_utf8_lossy(piece))));
                };
                rows.values.push(number);
                count += 1;
            }
        }
        Ok(count)
    }

    fn text(&self, column: usize) -> String {
        String::from_utf8_lossy(self.record.get(column).unwrap_or_default()).into_owned()
    }

    fn wrong(&self, expected: String, found: String) -> RuntimeError {
        RuntimeError::mismatch(format!("{} (line {})", self.file, self.line), expected, found)
    }
}

/// A cell for messages: its first characters.
fn quoted(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    format!("\"{}\"", short.replace(char::is_control, "\u{fffd}"))
}

/// The splits, with labels read alike in all of them.
fn finish(file: &str, parts: [Rows; 3], shape: &Shape) -> Result<Parts> {
    let floats = parts.iter().any(|rows| rows.values.are_floats());
    let labels = || parts.iter().flat_map(|rows| &rows.labels);
    let value = |label: &String| label.parse::<f32>().ok().filter(|value| value.is_finite());
    let named = labels().any(|label| value(label).is_none());
    let mut class_names = None;
    if named {
        let names: BTreeSet<&String> = labels().collect();
        if names.len() > MAX_CLASSES {
            let found = format!("{} different labels", names.len());
            return Err(RuntimeError::mismatch(
                file,
                format!("at most {MAX_CLASSES} classes"),
                found,
            ));
        }
        class_names = Some(names.into_iter().cloned().collect::<Vec<String>>());
    }
    let number_of = |label: &String| match &class_names {
        Some(names) => names.binary_search(label).map(|at| at as f32).ok(),
        None => value(label),
    };
    let mut undecided = Vec::new();
    for rows in parts {
        let count = rows.labels.len();
        let values: Vec<f32> = rows.labels.iter().filter_map(number_of).collect();
        let Some(labels) = Labels::new(values, &[count], count, MAX_CLASSES) else {
            return Err(RuntimeError::mismatch(file, "a label for each row", "fewer"));
        };
        undecided.push((rows.values, labels));
    }
    let as_classes = undecided.iter().all(|(_, labels)| labels.can_be_classes());
    let mut splits = undecided.into_iter().map(|(values, labels)| {
        let of = labels.read(as_classes);
        Split {
            shape: shape.clone(),
            pixels: match values {
                Values::Bytes(bytes) if !floats => Pixels::Bytes(bytes),
                values @ (Values::Bytes(_) | Values::Floats(_)) => Pixels::Floats(values.into_floats()),
            },
            labels: of.labels,
            targets: of.targets.map(|(shape, values)| Targets { shape, values }),
        }
    });
    let mut next = || splits.next().filter(|split| !split.is_empty());
    let (train, validation, test) = (next(), next(), next());
    let Some(train) = train else {
        return Err(RuntimeError::mismatch(file, "rows of pixels to train on", "none"));
    };
    Ok(Parts {
        train,
        validation,
        test,
        class_names,
    })
}
