//! What others made, as a description: a room for each kind of file.

pub mod draft;
pub mod literal;
#[cfg(feature = "import")]
mod python;
mod settle;
mod write;

use crate::session::{Error, Examined, Result};
use draft::Draft;
use std::io::Read;
use std::path::Path;

/// The most bytes of a script or a notebook, whose pictures are in it.
#[cfg(feature = "import")]
const MOST_BYTES: u64 = 1 << 28;

/// What to take where a file leaves it open.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of the script and the Python values that they have in place of its own.
    pub given: Vec<(String, String)>,
    /// The shape of a sample.
    pub input: Option<Vec<usize>>,
    /// The variable or the name of the model that is meant.
    pub model: Option<String>,
}

/// A description of what a file holds.
#[derive(Debug)]
pub struct Imported {
    /// The description, with all that `cnnc check` says of it; each diagnostic has a note that names its place in the file.
    pub examined: Examined,
    /// What cannot be described, each with its place in the file.
    pub errors: Vec<String>,
    /// What was taken for granted.
    pub notes: Vec<String>,
    /// How many things are left out; the description's last comment lists them.
    pub left_out: usize,
}

impl Imported {
    /// Whether the description says what the file does, and `cnnc check` accepts it.
    pub fn is_accepted(&self) -> bool {
        self.errors.is_empty() && !self.examined.failed()
    }
}

/// Imports a file. `out` is where the description is to lie, which paths in it are relative to.
///
/// # Errors
/// When the file cannot be read, or there is no network in it.
pub fn import(path: &Path, out: Option<&Path>, options: &Options) -> Result<Imported> {
    let ending = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    match ending.as_str() {
        "py" | "ipynb" => script(path, ending == "ipynb", out, options),
        _ => Err(Error::message(format!("{} cannot be imported", path.display()))
            .with_help("what can be are Python scripts (.py) and notebooks (.ipynb)")),
    }
}

/// A Python script or notebook.
#[cfg(feature = "import")]
fn script(path: &Path, is_notebook: bool, out: Option<&Path>, options: &Options) -> Result<Imported> {
    let bytes = read(path, MOST_BYTES)?;
    let scripts = python::read(&bytes, is_notebook, options).map_err(|error| named(path, &error))?;
    let mut refused: Option<(String, Imported)> = None;
    for script in scripts {
        let errors = script.errors.into_iter().map(|(place, words)| at(path, &place, &words));
        let mut imported = finish(script.draft, path, out, errors.collect(), script.notes);
        if imported.is_accepted() {
            if let Some((place, _)) = refused {
                imported.notes.push(format!(
                    "the model of {place} cannot be imported; this is that of {}",
                    script.place
                ));
            }
            return Ok(imported);
        }
        refused.get_or_insert((script.place, imported));
    }
    // Of several that cannot be the likeliest.
    refused
        .map(|(_, imported)| imported)
        .ok_or_else(|| Error::message("there is no model in it"))
}

/// A build without a parser for Python.
#[cfg(not(feature = "import"))]
fn script(_: &Path, _: bool, _: Option<&Path>, _: &Options) -> Result<Imported> {
    Err(Error::message("this build of cnnc cannot read Python")
        .with_help("build it with the feature `import`, which is on by default: cargo build --release"))
}

/// The file's bytes, no more than `most`.
#[cfg(feature = "import")]
fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    let refused = |cause: &std::io::Error| Error::file("read", path, cause);
    let (file, _) = runtime::open::file(path).map_err(|cause| refused(&cause))?;
    let mut bytes = Vec::new();
    file.take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|cause| refused(&cause))?;
    if bytes.len() as u64 > most {
        return Err(Error::message(format!("{} has more than {most} bytes", path.display())));
    }
    Ok(bytes)
}

/// An error with the name of the file that it is about.
#[cfg(feature = "import")]
fn named(path: &Path, error: &Error) -> Error {
    let made = Error::message(format!("{}: {error}", path.display()));
    match error.help() {
        Some(help) => made.with_help(help),
        None => made,
    }
}

/// An error's words with the place in the file.
fn at(path: &Path, place: &str, words: &str) -> String {
    if place.is_empty() {
        return format!("{}: {words}", path.display());
    }
    format!("{}, {place}: {words}", path.display())
}

/// Writes and checks the draft.
fn finish(mut draft: Draft, path: &Path, out: Option<&Path>, errors: Vec<String>, notes: Vec<String>) -> Imported {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    if draft.name.is_empty() {
        draft.name = draft::model_name(&stem);
    }
    draft.origin = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let described = out.map_or_else(|| path.with_extension("cnn"), Path::to_owned);
    let mut settled = settle::settle(draft, &described);
    for (place, diagnostic) in &settled.errors {
        if place.is_empty() {
            continue;
        }
        for own in &mut settled.examined.diagnostics {
            if own == diagnostic {
                own.notes
                    .push(format!("from {}", at(path, place, "").trim_end_matches(": ")));
            }
        }
    }
    Imported {
        examined: settled.examined,
        errors,
        notes,
        left_out: settled.left_out,
    }
}
