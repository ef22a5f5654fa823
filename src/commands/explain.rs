//! `cnnc explain`: a network in words and arithmetic, or what the code of an error means.

use super::{Failure, Outcome, open};
use crate::cli::explain::{ExplainArgs, Prose};
use crate::render::{explain, terminal};
use compiler::call::suggest::nearest;
use compiler::explanation;
use grammar::codes;

/// Explains a description, or a code such as `E0301`. Errors in a description are reported as `check` reports them.
pub fn run(args: &ExplainArgs) -> Outcome {
    if let Some(word) = args.file.to_str().filter(|word| codes::is_code(word)) {
        return code(word, args.format);
    }
    let description = open(&args.file)?;
    let explanation = explanation::explain(&description.network);
    terminal::print(&match args.format {
        Prose::Text => explain::text(&explanation, terminal::output_columns()),
        Prose::Markdown => explain::markdown(&explanation),
    })
}

fn code(word: &str, format: Prose) -> Outcome {
    let Some(code) = codes::find(word) else {
        let known = nearest(&word.to_uppercase(), codes::all().map(|code| code.code));
        let help = match known {
            Some(meant) => format!("did you mean {meant}? all codes are in specs/ERRORS.md"),
            None => "all codes are in specs/ERRORS.md".to_owned(),
        };
        return Err(Failure::message(format!("no error or warning has the code {word}")).with_help(help));
    };
    terminal::print(&match format {
        Prose::Text => code.plain(terminal::output_columns()),
        Prose::Markdown => code.markdown(1),
    })
}
