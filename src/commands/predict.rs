//! `cnnc predict`.

use super::{Failure, Outcome, source};
use crate::cli::PredictArgs;

/// Opens the description.
pub fn run(args: &PredictArgs) -> Outcome {
    source::open(&args.file)?;
    Err(Failure::message("this program does not predict yet"))
}
