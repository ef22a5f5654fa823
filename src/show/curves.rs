//! Draws how training went: the metrics of runs, epoch by epoch.

use crate::pictures::curves::{self, Run, WIDE, metrics};
use crate::pictures::drawing::Drawing;
use crate::session::Listener;
use crate::session::error::{Error, Result};
use crate::session::past::taken;
use runtime::run_directory::{History, RunDirectory};
use std::path::{Path, PathBuf};

/// Draws the curves of the runs in these directories.
///
/// # Errors
/// When one of them has no run, or a run without a whole epoch.
pub fn curves(directories: &[PathBuf], listener: &dyn Listener) -> Result<Drawing> {
    let histories: Vec<History> = directories
        .iter()
        .map(|path| Ok(taken(RunDirectory::at(path).load_history()?, listener)))
        .collect::<Result<_>>()?;
    let empty = directories
        .iter()
        .zip(&histories)
        .find(|(_, history)| history.epochs.is_empty());
    if let Some((path, _)) = empty {
        return Err(Error::message(format!(
            "the run in {} has not finished an epoch",
            path.display()
        )));
    }
    let names: Vec<String> = directories.iter().map(|path| name(path, directories)).collect();
    let runs: Vec<Run<'_>> = names
        .iter()
        .zip(&histories)
        .map(|(name, history)| Run { name, history })
        .collect();
    let title = match names.as_slice() {
        [one] => format!("{one}: training"),
        several => format!("{} runs compared", several.len()),
    };
    let epochs = histories.iter().map(|history| history.epochs.len()).max().unwrap_or(0);
    let line = format!("{epochs} epoch{}", if epochs == 1 { "" } else { "s" });
    Ok(curves::curves(Some(&title), &line, WIDE, &runs, &metrics(&runs)))
}

/// The folder's name, or its whole path where two runs would share a name.
fn name(path: &Path, all: &[PathBuf]) -> String {
    // `runs/x/..` and `.` have names once they are absolute.
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let same = all.iter().filter(|other| last(other) == last(path)).count();
    match last(&whole) {
        Some(name) if same < 2 => name,
        Some(_) | None => path.display().to_string(),
    }
}
