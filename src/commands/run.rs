//! `cnnc run`.

use super::{Failure, Outcome, source};
use crate::cli::RunArgs;

/// Opens the description.
pub fn run(args: &RunArgs) -> Outcome {
    source::open(&args.file)?;
    Err(Failure::message("this program does not run yet"))
}
