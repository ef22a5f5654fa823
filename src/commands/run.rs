//! `cnnc run`.

use super::{Failure, Outcome, device, source};
use crate::cli::RunArgs;
use crate::render::terminal;

/// Opens the description.
pub fn run(args: &RunArgs) -> Outcome {
    let description = source::open(&args.file)?;
    terminal::say(&device::choose(&args.device)?.line);
    if let Err(diagnostic) = description.network.training() {
        return Err(description.reject(*diagnostic));
    }
    Err(Failure::message("this program does not run yet"))
}
