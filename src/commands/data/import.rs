//! `cnnc data import`: data sets from files that the user has.

use super::kept::{cache, failure, line};
use crate::cli::data::ImportArgs;
use crate::commands::Outcome;
use crate::render::downloads::Downloads;
use crate::render::terminal;
use runtime::data::fetch::{self, Judgement, published};

/// Imports the files, and prints how each was recognised.
pub fn run(args: &ImportArgs) -> Outcome {
    let cache = cache()?;
    let known = *args.name.known();
    let downloads = Downloads::new(args.quiet);
    let imported = fetch::import(&published(known), &args.paths, &cache, &downloads).map_err(failure)?;
    downloads.close();
    if !args.quiet {
        for (path, judgement) in &imported.files {
            let how = match judgement {
                Judgement::Sum => "is the published file (sha256)".to_owned(),
                Judgement::Format => format!(
                    "has the format, sizes and labels of {}, but not its sha256: it was repacked, or belongs to another set of the same form",
                    known.name()
                ),
            };
            terminal::say(&format!("{} {how}", path.display()));
        }
    }
    terminal::print(&line(known, &cache)?)
}
