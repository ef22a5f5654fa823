//! `cnnc eval`.

use super::{Failure, Outcome, source};
use crate::cli::EvalArgs;

/// Opens the description.
pub fn run(args: &EvalArgs) -> Outcome {
    source::open(&args.file)?;
    Err(Failure::message("this program does not eval yet"))
}
