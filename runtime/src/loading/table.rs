//! Pictures that a CSV file names, with their labels.

use super::entry::{Entry, Found};
use super::error::LoadingError;
use super::places::Places;
use crate::data::MAX_CLASSES;
use crate::data::folder::{self, Others, Unreadable};
use crate::data::words::{shown, thousands};
use crate::error::Result;
use crate::open;
use compiler::training::loading::{LabelMode, Loader, PictureFiles, Table};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

/// The largest table that is read, in bytes.
const MAX_BYTES: u64 = 1 << 29;

/// The files of a table, each with its line and its label; and the names of the classes or labels.
type Files = (Vec<(u64, Entry)>, Option<Vec<String>>);

/// A row of a table: its line, the name of its file, and the cells of the columns with labels.
struct Row {
    line: u64,
    file: String,
    cells: Vec<String>,
}

/// The rows of a table that has all columns that the loader names.
struct Rows {
    path: PathBuf,
    rows: Vec<Row>,
}

/// The names of the classes or labels; `None` where labels are numbers.
pub(super) fn class_names(files: &PictureFiles, table: &Table, base: &Path) -> Result<Option<Vec<String>>> {
    match files.label_mode {
        LabelMode::Float | LabelMode::MultiOutput | LabelMode::None | LabelMode::Masks => Ok(None),
        LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::MultiHot => {
            Ok(Some(rows(files, table, base)?.names(files, table)?))
        }
    }
}

/// The files that a table names, in the loader's order. Those that do not exist are left out, as in Keras.
pub(super) fn listed(files: &PictureFiles, table: &Table, places: &Places) -> Result<Found> {
    let rows = rows(files, table, &places.base)?;
    let (mut entries, names) = rows.entries(files, table, &places.folder)?;
    let mut unreadable = Vec::new();
    let lines: HashMap<PathBuf, u64> = entries
        .iter()
        .map(|(line, entry)| (entry.path.clone(), *line))
        .collect();
    entries.retain(|(line, entry)| {
        let is_there = entry.path.is_file();
        if !is_there {
            let why = format!("there is no such file ({}:{line})", shown(&rows.path));
            let path = entry.path.clone();
            unreadable.push(Unreadable { path, why });
        }
        is_there
    });
    let mut entries: Vec<Entry> = entries.into_iter().map(|(_, entry)| entry).collect();
    if let Loader::ImageDatasetFromDirectory = files.loader {
        // As files lie in folders, so that subsets are those that Keras makes of a list of labels.
        let key = |path: &Path| {
            let folder = path.parent().unwrap_or(Path::new("")).as_os_str().to_owned();
            (folder, path.file_name().unwrap_or_default().to_owned())
        };
        entries.sort_by_cached_key(|entry| key(&entry.path));
    }
    let mut notes = Vec::new();
    if let Loader::ImageDatasetFromDirectory = files.loader {
        let all = folder::list(&places.folder)?.files;
        let unnamed = all.iter().filter(|path| !lines.contains_key(*path)).count();
        if unnamed > 0 {
            notes.push(format!(
                "left out {} of {} pictures in {}, which {} does not name",
                thousands(unnamed),
                thousands(all.len()),
                shown(&places.folder),
                shown(&rows.path)
            ));
        }
    }
    Ok(Found {
        groups: vec![entries],
        names,
        others: Others::new(),
        unreadable,
        notes,
    })
}

/// Reads the columns of a table that the loader names.
fn rows(files: &PictureFiles, table: &Table, base: &Path) -> Result<Rows> {
    let path = base.join(&table.path);
    let refused = |cause: String| LoadingError::Table {
        path: path.clone(),
        cause,
    };
    let bytes = open::bytes(&path, MAX_BYTES).map_err(|cause| refused(cause.to_string()))?;
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes));
    let headers = reader.headers().map_err(|cause| refused(in_a_line(&cause)))?.clone();
    let column = |name: &str, of_files: bool| {
        headers
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| LoadingError::NoColumn {
                path: path.clone(),
                column: name.to_owned(),
                found: headers.iter().map(str::to_owned).collect(),
                of_files,
            })
    };
    let of_files = column(&table.x_col, true)?;
    let has_labels = files.label_mode != LabelMode::None;
    let of_labels: Vec<usize> = (table.y_col.iter().filter(|_| has_labels))
        .map(|name| column(name, false))
        .collect::<std::result::Result<_, _>>()?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|cause| refused(in_a_line(&cause)))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = |at: usize| record.get(at).unwrap_or_default().trim().to_owned();
        let file = cell(of_files);
        if file.is_empty() {
            let what = format!("column {} is empty", table.x_col);
            return Err(LoadingError::Cell { path, line, what }.into());
        }
        let cells = of_labels.iter().map(|&at| cell(at)).collect();
        rows.push(Row { line, file, cells });
    }
    if rows.is_empty() {
        return Err(LoadingError::NoRows { path, filtered: false }.into());
    }
    Ok(Rows { path, rows })
}

/// What the CSV reader reports, in a line.
fn in_a_line(cause: &csv::Error) -> String {
    cause.to_string().replace(char::is_control, " ")
}

impl Rows {
    fn cell(&self, line: u64, what: String) -> LoadingError {
        LoadingError::Cell {
            path: self.path.clone(),
            line,
            what,
        }
    }

    /// The labels in a cell.
    fn labels<'a>(cell: &'a str, table: &Table) -> Vec<&'a str> {
        match &table.separator {
            Some(separator) => cell
                .split(separator.as_str())
                .map(str::trim)
                .filter(|label| !label.is_empty())
                .collect(),
            None => cell.split_whitespace().collect(),
        }
    }

    /// The names of the classes or labels, in the order of their numbers.
    fn names(&self, files: &PictureFiles, table: &Table) -> Result<Vec<String>> {
        let several = files.label_mode == LabelMode::MultiHot;
        let names: Vec<String> = if several && table.y_col.len() > 1 {
            table.y_col.clone()
        } else if let Some(names) = &files.class_names {
            names.clone()
        } else {
            let mut found = BTreeSet::new();
            for row in &self.rows {
                let cell = row.cells.first().map(String::as_str).unwrap_or_default();
                if several {
                    found.extend(Self::labels(cell, table));
                } else if cell.is_empty() {
                    let column = table.y_col.first().map(String::as_str).unwrap_or_default();
                    return Err(self.cell(row.line, format!("column {column} is empty")).into());
                } else {
                    found.insert(cell);
                }
            }
            let mut names: Vec<String> = found.into_iter().map(str::to_owned).collect();
            // Keras sorts by characters; where it has no say, numbers go by their values.
            let numbers = || names.iter().map(|name| name.parse::<u64>().ok());
            if files.loader == Loader::ImageDatasetFromDirectory && numbers().all(|number| number.is_some()) {
                names.sort_by_cached_key(|name| name.parse::<u64>().ok());
            }
            names
        };
        let path = self.path.clone();
        if names.len() > MAX_CLASSES {
            let (count, most) = (names.len(), MAX_CLASSES);
            return Err(LoadingError::TooManyClasses { path, count, most }.into());
        }
        if files.label_mode == LabelMode::Binary && names.len() != 2 {
            return Err(LoadingError::NotTwoClasses { path, names }.into());
        }
        Ok(names)
    }

    /// The files of the rows, each with its line and its label; and the names of the classes or labels.
    fn entries(&self, files: &PictureFiles, table: &Table, folder: &Path) -> Result<Files> {
        let names = match files.label_mode {
            LabelMode::Float | LabelMode::MultiOutput | LabelMode::None | LabelMode::Masks => None,
            LabelMode::Int | LabelMode::Categorical | LabelMode::Binary | LabelMode::MultiHot => {
                Some(self.names(files, table)?)
            }
        };
        let places: HashMap<&str, u32> = names.iter().flatten().map(String::as_str).zip(0..).collect();
        let mut entries = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let first = row.cells.first().map(String::as_str).unwrap_or_default();
            let mut entry = Entry {
                path: folder.join(&row.file),
                label: 0,
                target: Vec::new(),
            };
            match files.label_mode {
                LabelMode::Int | LabelMode::Categorical | LabelMode::Binary => match places.get(first) {
                    Some(&label) => entry.label = label,
                    // Rows of other classes than those that are named are left out, as in Keras.
                    None => continue,
                },
                LabelMode::Float | LabelMode::MultiOutput => entry.target = self.numbers(row, table)?,
                LabelMode::MultiHot if table.y_col.len() > 1 => {
                    entry.target = self.numbers(row, table)?;
                    if let Some((odd, column)) = entry.target.iter().zip(&table.y_col).find(|(value, _)| {
                        let bits = value.to_bits();
                        bits != 0.0_f32.to_bits() && bits != 1.0_f32.to_bits()
                    }) {
                        let what = format!("{odd} in column {column} is neither 0 nor 1");
                        return Err(self.cell(row.line, what).into());
                    }
                }
                LabelMode::MultiHot => {
                    let labels: HashSet<&str> = Self::labels(first, table).into_iter().collect();
                    if let Some(unknown) = labels.iter().find(|label| !places.contains_key(**label)) {
                        let what = format!("the label {unknown} is not among class_names");
                        return Err(self.cell(row.line, what).into());
                    }
                    let hot = |name: &String| f32::from(u8::from(labels.contains(name.as_str())));
                    entry.target = names.iter().flatten().map(hot).collect();
                }
                LabelMode::None | LabelMode::Masks => {}
            }
            entries.push((row.line, entry));
        }
        if entries.is_empty() {
            let path = self.path.clone();
            return Err(LoadingError::NoRows { path, filtered: true }.into());
        }
        Ok((entries, names))
    }

    /// The numbers in a row's columns of labels.
    fn numbers(&self, row: &Row, table: &Table) -> Result<Vec<f32>> {
        let number = |(cell, column): (&String, &String)| {
            let number = cell.parse::<f32>().ok().filter(|number| number.is_finite());
            number.ok_or_else(|| {
                let what = match cell.as_str() {
                    "" => format!("column {column} is empty"),
                    cell => format!(
                        "\"{}\" in column {column} is not a number",
                        cell.replace(char::is_control, "\u{fffd}")
                    ),
                };
                self.cell(row.line, what).into()
            })
        };
        row.cells.iter().zip(&table.y_col).map(number).collect()
    }
}
