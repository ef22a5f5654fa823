//! `cnnc show curves`: how training went.

use super::super::{Failure, Outcome};
use super::deliver;
use crate::cli::ShowCurvesArgs;
use crate::pictures::curves::{Run, WIDE, curves, metrics};
use runtime::run_directory::{History, RunDirectory};
use std::path::Path;

/// Draws them.
pub fn run(args: &ShowCurvesArgs) -> Outcome {
    let histories: Vec<History> = args
        .runs
        .iter()
        .map(|path| Ok(RunDirectory::at(path).load_history()?))
        .collect::<Result<_, Failure>>()?;
    let empty = args
        .runs
        .iter()
        .zip(&histories)
        .find(|(_, history)| history.epochs.is_empty());
    if let Some((path, _)) = empty {
        return Err(Failure::message(format!(
            "the run in {} has no whole epoch",
            path.display()
        )));
    }
    let names: Vec<String> = args.runs.iter().map(|path| name(path, &args.runs)).collect();
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
    deliver(
        &curves(Some(&title), &line, WIDE, &runs, &metrics(&runs)),
        "curves",
        &args.picture,
    )
}

/// The folder's name, or its whole path where two runs would share a name.
fn name(path: &Path, all: &[std::path::PathBuf]) -> String {
    // `runs/x/..` and `.` have names once they are absolute.
    let whole = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let last = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let same = all.iter().filter(|other| last(other) == last(path)).count();
    match last(&whole) {
        Some(name) if same < 2 => name,
        Some(_) | None => path.display().to_string(),
    }
}
