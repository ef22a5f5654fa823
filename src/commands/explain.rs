//! `cnnc explain`: a network in words and arithmetic.

use super::{Outcome, open};
use crate::cli::explain::{ExplainArgs, Prose};
use crate::render::{explain, terminal};
use compiler::explanation;

/// Explains a description; one that is at fault is reported as `check` does.
pub fn run(args: &ExplainArgs) -> Outcome {
    let description = open(&args.file)?;
    let explanation = explanation::explain(&description.network);
    terminal::print(&match args.format {
        Prose::Text => explain::text(&explanation, terminal::output_columns()),
        Prose::Markdown => explain::markdown(&explanation),
    })
}
