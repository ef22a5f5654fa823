//! `cnnc report`: the page that shows all of a run, written again.

use super::console::Console;
use super::{Outcome, past};
use crate::cli::report::ReportArgs;
use crate::render::terminal;
use runtime::run_directory::REPORT;

/// Writes it.
pub fn run(args: &ReportArgs) -> Outcome {
    let run = past(&args.past)?;
    let path = args.out.clone().unwrap_or_else(|| run.directory.path().join(REPORT));
    let data = args.past.data.as_deref();
    cnnc::report::of_past(&run, data, &args.past.device, &path, &Console::new(true))?;
    terminal::say(&format!("wrote {}", path.display()));
    Ok(())
}
