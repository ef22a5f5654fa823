//! Descriptions of networks from other programs; each kind of file has a module.

#![allow(
    clippy::float_cmp,
    clippy::match_same_arms,
    clippy::needless_pass_by_value,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    clippy::wildcard_enum_match_arm,
    reason = "tables of names have lines alike and functions of one form; values of a script are equal as Python says; what is \
              not understood of a script is left out and listed, whatever it is"
)]

pub mod draft;
mod file;
#[cfg(feature = "import")]
mod freezing;
mod keras;
pub mod literal;
mod naming;
mod onnx;
mod options;
#[cfg(feature = "import")]
mod python;
mod settle;
mod torch;
mod write;

use crate::session::{Description, Error, Examined, Result};
use draft::Draft;
use file::at;
#[cfg(feature = "import")]
use file::{named, read};
pub use options::Options;
use runtime::checkpoint::NamedTensor;
use std::path::Path;

/// The largest script or notebook that is read, in bytes; a notebook contains its pictures.
#[cfg(feature = "import")]
const MOST_BYTES: u64 = 1 << 28;

/// The largest module beside a script that is read, in bytes.
#[cfg(feature = "import")]
const MOST_BESIDE: u64 = 1 << 20;

/// The description of what a file holds.
#[derive(Debug)]
pub struct Imported {
    /// The description and what `cnnc check` says of it; each diagnostic has a note that names its place in the file.
    pub examined: Examined,
    /// What cannot be described, each with its place in the file.
    pub errors: Vec<String>,
    /// What was assumed where the file leaves it open.
    pub notes: Vec<String>,
    /// The names whose values the network needs and the script does not say; `--let` gives them.
    pub open: Vec<String>,
    /// How many things were left out; the last comment of the description lists them.
    pub left_out: usize,
    /// The weights in the file, if it has any and the description is accepted.
    pub weights: Option<Vec<NamedTensor>>,
}

impl Imported {
    /// Whether the description says all that the file does, and `cnnc check` accepts it.
    pub fn is_accepted(&self) -> bool {
        self.errors.is_empty() && !self.examined.failed()
    }
}

/// Imports a file. `out` is where the description will be written, which relative paths in it start from.
///
/// # Errors
/// When the file cannot be read, or holds no network.
pub fn import(path: &Path, out: Option<&Path>, options: &Options) -> Result<Imported> {
    match ending(path).as_str() {
        ending @ ("py" | "ipynb") => script(path, ending == "ipynb", out, options),
        "keras" | "h5" | "hdf5" => trained(path, out),
        "onnx" => graph(path, out),
        _ => Err(Error::message(format!("{} cannot be imported", path.display())).with_help(
            "what can be are Python scripts (.py), notebooks (.ipynb), Keras's files (.keras, .h5) and .onnx; with --into FILE.cnn weights \
             alone too (.weights.h5, .safetensors of PyTorch)",
        )),
    }
}

/// Reads weights for a network that has a description: a file of Keras's, or a state dict of PyTorch as safetensors.
///
/// # Errors
/// When the file cannot be read, or its weights are not those of the network.
pub fn weights(path: &Path, description: &Description) -> Result<Vec<NamedTensor>> {
    match ending(path).as_str() {
        "keras" | "h5" | "hdf5" => keras::Model::open(path)?.weights(&description.network),
        "safetensors" => torch::read(path, &description.network),
        _ => Err(
            Error::message(format!("{} holds no weights that can be imported", path.display())).with_help(
                "what can be are .keras, .h5 and .weights.h5 files, and PyTorch's state dicts as .safetensors",
            ),
        ),
    }
}

fn ending(path: &Path) -> String {
    path.extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase()
}

/// Imports a model of Keras with its weights.
fn trained(path: &Path, out: Option<&Path>) -> Result<Imported> {
    let mut model = keras::Model::open(path)?;
    let Some(draft) = model.draft.take() else {
        return Err(
            Error::message(format!("{} holds weights alone, and no network", path.display()))
                .with_help("cnnc import WEIGHTS --into NET.cnn takes them for a network that is described"),
        );
    };
    let mut imported = finish(draft, path, out, Vec::new(), Vec::new());
    if let Some(network) = imported
        .examined
        .network
        .as_ref()
        .filter(|_| !imported.examined.failed())
    {
        imported.weights = Some(model.weights(network)?);
    }
    Ok(imported)
}

/// Imports an ONNX graph with its weights.
fn graph(path: &Path, out: Option<&Path>) -> Result<Imported> {
    let mut model = onnx::Model::open(path)?;
    let draft = std::mem::take(&mut model.draft);
    let notes = std::mem::take(&mut model.notes);
    let mut imported = finish(draft, path, out, Vec::new(), notes);
    if let Some(network) = imported
        .examined
        .network
        .as_ref()
        .filter(|_| !imported.examined.failed())
    {
        imported.weights = Some(model.weights(network));
    }
    Ok(imported)
}

/// Imports a Python script or notebook.
#[cfg(feature = "import")]
fn script(path: &Path, is_notebook: bool, out: Option<&Path>, options: &Options) -> Result<Imported> {
    let bytes = read(path, MOST_BYTES)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let beside = |file: &str| -> Option<String> {
        let file = folder.join(file);
        let bytes = file.is_file().then(|| read(&file, MOST_BESIDE).ok())??;
        String::from_utf8(bytes).ok()
    };
    let scripts = python::read(&bytes, is_notebook, &beside, options).map_err(|error| named(path, &error))?;
    let mut refused: Option<(String, Imported)> = None;
    let likeliest = scripts.first().map(|script| script.rank);
    for script in scripts {
        // A part of what the script trains says nothing of that.
        if refused.is_some() && likeliest != Some(script.rank) {
            break;
        }
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
        imported.open = open(&imported, &script.open);
        refused.get_or_insert((script.place, imported));
    }
    // Of several that cannot be the likeliest.
    refused
        .map(|(_, imported)| imported)
        .ok_or_else(|| Error::message("there is no model in it"))
}

/// The names of a script that a refused description has in place of values, and those that the script takes from its command line.
#[cfg(feature = "import")]
fn open(imported: &Imported, names: &[python::Open]) -> Vec<String> {
    let text = &imported.examined.source.text;
    let places = imported.examined.diagnostics.iter().filter(|found| found.is_error());
    let spans = places.filter_map(|found| found.labels.first());
    let written: Vec<&str> = spans
        .filter_map(|label| text.get(label.span.start as usize..label.span.end as usize))
        .collect();
    // `len_classes` stands for `len(classes)`.
    let holds = |text: &str, name: &str| format!("_{text}_").contains(&format!("_{name}_"));
    let is_needed = |own: &&python::Open| {
        let stands = |text: &&str| *text == own.written || holds(text, &own.name);
        let is_module = matches!(own.name.as_str(), "np" | "numpy" | "tf" | "os" | "pd" | "keras" | "K");
        own.is_argument || !is_module && written.iter().any(stands)
    };
    let wanted = names.iter().filter(is_needed);
    let mut found: Vec<String> = wanted.map(|own| own.name.clone()).collect();
    found.dedup();
    found
}

/// The error of a build without the parser for Python.
#[cfg(not(feature = "import"))]
fn script(_: &Path, _: bool, _: Option<&Path>, _: &Options) -> Result<Imported> {
    Err(Error::message("this build of cnnc cannot read Python")
        .with_help("build it with the feature `import`, which is on by default: cargo build --release"))
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
        open: Vec::new(),
        left_out: settled.left_out,
        weights: None,
    }
}
