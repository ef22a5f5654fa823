//! Writes a trained network for other programs. Each format has a module here that makes the bytes of its files from a
//! [`model::Model`]; what it cannot express is an error before anything is written.

mod c;
mod format;
mod html;
pub mod int8;
mod keras;
mod memory;
pub mod model;
mod npz;
mod onnx;
mod ports;
mod text;
mod tflite;
mod torch;
pub mod verify;

pub use format::Format;

use crate::session::{Error, Result};
use model::{File, Model, Role};
use runtime::files;
use std::path::{Path, PathBuf};

/// The files of a format.
///
/// # Errors
/// When the format cannot express what the network does.
pub fn files(model: &Model<'_>, format: Format) -> Result<Vec<File>> {
    if model.int8.is_some() && !format.has_integers() {
        return Err(
            Error::message(format!("{} cannot be written in 8-bit integers", format.name()))
                .with_help("--int8 goes with --to onnx, tflite and c"),
        );
    }
    match format {
        Format::Onnx => onnx::files(model),
        Format::Keras => keras::files(model),
        Format::KerasWeights => keras::weight_files(model),
        Format::Torch => torch::files(model),
        Format::Tflite => tflite::files(model),
        Format::C => c::files(model),
        Format::Npz => npz::files(model),
        Format::Html => html::files(model),
    }
}

/// Writes the files of a format, each whole or not at all, and returns their paths, beginning with the one that was asked for.
///
/// # Errors
/// When a file cannot be written.
pub fn write(files: &[File], out: &Path) -> Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for file in files {
        let path = match &file.role {
            Role::Main => out.to_owned(),
            Role::Beside(ending) => beside(out, ending),
            Role::Inside(name) => {
                std::fs::create_dir_all(out).map_err(|cause| Error::file("create the folder", out, &cause))?;
                out.join(name)
            }
        };
        files::write_atomically(&path, |writer| writer.write_all(&file.bytes))?;
        written.push(path);
    }
    Ok(written)
}

/// A path with another extension: `digits.onnx` gives `digits.samples.npz`.
fn beside(out: &Path, ending: &str) -> PathBuf {
    let name = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.strip_suffix(".weights.h5").map_or_else(
        || out.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        str::to_owned,
    );
    out.with_file_name(format!("{stem}.{ending}"))
}
