//! Replays the samples of an export in the program that it is for, if that is installed.

use super::format::Format;
use crate::session::{Error, Result};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// How much an output may differ from that of `cnnc predict`, for outputs up to 1; for larger ones, relative to the largest.
pub const TOLERANCE: f64 = 1e-5;

/// How much it may differ where runtimes compute in integers: several steps of 8 bits, since each rounds sums in its own way.
pub const INT8_TOLERANCE: f64 = 0.05;

/// The result of a replay.
#[derive(Debug, Clone, PartialEq)]
pub enum Replay {
    /// The largest difference from the expected outputs.
    Difference(f64),
    /// The program is not installed; which one, in words.
    Missing(String),
}

/// Replays the samples of the files that were written, the main file first. `largest` is the largest output that is expected,
/// `tolerance` how much an output may differ for outputs up to 1, and `python` the Python interpreter to use.
///
/// # Errors
/// When the program refuses the files, or its outputs differ too much.
pub fn replay(format: Format, files: &[PathBuf], (largest, tolerance): (f32, f64), python: &str) -> Result<Replay> {
    let Some(main) = files.first() else {
        return Err(Error::message("nothing was written"));
    };
    let said = match format {
        Format::Onnx => replayed(include_str!("onnx/replay.py"), files, python)?,
        Format::Keras => replayed(include_str!("keras/replay.py"), files, python)?,
        Format::Torch => replayed(include_str!("torch/replay.py"), files, python)?,
        Format::Tflite => replayed(include_str!("tflite/replay.py"), files, python)?,
        Format::C => compiled(main)?,
        Format::Html => replayed(include_str!("html/replay.js"), files, "node")?,
        Format::KerasWeights | Format::Npz => {
            return Ok(Replay::Missing(format!(
                "a {} file alone predicts nothing",
                format.name()
            )));
        }
    };
    let said = match said {
        Said::Missing(what) => return Ok(Replay::Missing(what)),
        Said::Text(text) => text,
    };
    let last = said.lines().last().unwrap_or_default();
    let difference: f64 = last
        .trim()
        .parse()
        .map_err(|_| Error::message(format!("the replay said \"{last}\" instead of a difference")))?;
    if difference.is_nan() || difference > tolerance * f64::from(largest).max(1.0) {
        return Err(Error::message(format!(
            "{} gives other outputs than cnnc: they differ by up to {difference:e}",
            main.display()
        )));
    }
    Ok(Replay::Difference(difference))
}

/// The output of a program, or which program or module is missing.
enum Said {
    Text(String),
    Missing(String),
}

/// Runs a script, which ends with status 3 where a module is missing.
fn replayed(script: &str, files: &[PathBuf], program: &str) -> Result<Said> {
    let mut command = Command::new(program);
    let (flag, separator): (_, &[&str]) = if program == "node" {
        ("-e", &["--"])
    } else {
        ("-c", &[])
    };
    command.arg(flag).arg(script).args(separator).args(files);
    let Some(output) = ran(&mut command)? else {
        return Ok(Said::Missing(format!("{program} is not installed")));
    };
    if output.status.code() == Some(3) {
        let said = String::from_utf8_lossy(&output.stdout);
        return Ok(Said::Missing(said.trim().to_owned()));
    }
    succeeded(program, &output).map(Said::Text)
}

/// Compiles and runs a C file.
fn compiled(file: &Path) -> Result<Said> {
    let folder =
        tempfile::tempdir().map_err(|cause| Error::message(format!("cannot make a temporary folder: {cause}")))?;
    let program = folder.path().join("check");
    let flags = ["-std=c99", "-O2", "-Wall", "-Wextra", "-Werror", "-DCNNC_CHECK"];
    let mut build = Command::new("cc");
    build.args(flags).arg(file).arg("-o").arg(&program).arg("-lm");
    let Some(built) = ran(&mut build)? else {
        return Ok(Said::Missing("cc is not installed".to_owned()));
    };
    succeeded("cc", &built)?;
    let mut check = Command::new(&program);
    match ran(&mut check)? {
        Some(output) => succeeded("the compiled program", &output).map(Said::Text),
        None => Ok(Said::Missing("the compiled program is gone".to_owned())),
    }
}

/// Runs a program to its end; `None` where it does not exist.
fn ran(command: &mut Command) -> Result<Option<Output>> {
    match command.output() {
        Ok(output) => Ok(Some(output)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            let name = command.get_program().to_string_lossy().into_owned();
            Err(Error::file("run", Path::new(&name), &error))
        }
    }
}

/// The output of a program that succeeded; an error where it failed.
fn succeeded(name: &str, output: &Output) -> Result<String> {
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(3)..).unwrap_or_default();
    Err(Error::message(format!(
        "{name} refuses the export: {}",
        last.join("; ")
    )))
}
