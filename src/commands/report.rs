//! `cnnc report`: writes the page that shows all of a run again.

use super::console::Console;
use super::{Outcome, past};
use crate::cli::report::ReportArgs;
use crate::render::terminal;
use runtime::run_directory::REPORT;

/// Writes the page to `--out`, else to the report of the run directory.
pub fn run(args: &ReportArgs) -> Outcome {
    let run = past(&args.past)?;
    let path = args.out.clone().unwrap_or_else(|| run.directory.path().join(REPORT));
    let data = args.past.data.as_deref();
    cnnc::report::of_past(&run, data, &args.past.device, &path, &Console::new(true))?;
    terminal::say(&format!("wrote {}", path.display()));
    Ok(())
}
