//! `cnnc show confusion`: which classes a trained network takes for which.

use super::super::Outcome;
use super::super::past::PastRun;
use super::deliver;
use crate::cli::ShowConfusionArgs;
use crate::pictures::confusion::confusion;

/// Draws it.
pub fn run(args: &ShowConfusionArgs) -> Outcome {
    let past = PastRun::open(&args.past)?;
    let judged = past.judged(&args.past)?;
    let matrix = judged.confusion()?;
    let title = format!("{}: {}", past.title(), matrix.accuracy());
    let line = format!("the {} split, {}", judged.which, past.epochs());
    deliver(&confusion(Some(&title), &line, &matrix), "confusion", &args.picture)
}
