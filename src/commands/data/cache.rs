//! `cnnc data cache`: the files of decoded pictures.

use super::kept::cache;
use crate::cli::data::CacheArgs;
use crate::commands::Outcome;
use crate::render::table::{Align, table};
use crate::render::terminal;
use compiler::numbers::thousands;
use runtime::data::Keeping;
use runtime::data::kept::{self, Cached};
use runtime::memory::readable;
use std::time::SystemTime;

/// Lists the files, or removes them.
pub fn run(args: &CacheArgs) -> Outcome {
    let keeping = Keeping::below(Some(&cache()?));
    let Some(folder) = &keeping.folder else { return Ok(()) };
    if args.clear {
        let bytes = kept::clear(folder)?;
        return terminal::print(&format!("{} freed in {}\n", readable(bytes), folder.display()));
    }
    let all = kept::list(folder)?;
    let taken = all.iter().map(|cached| cached.bytes).sum();
    let (most, above) = (readable(keeping.most), readable(keeping.above));
    let line = format!(
        "{} of at most {most} in {}; pictures that take more than {above} are kept here\n",
        readable(taken),
        folder.display()
    );
    if all.is_empty() {
        return terminal::print(&line);
    }
    let rows: Vec<[String; 4]> = all.iter().map(row).collect();
    let heads = [
        ("pictures", Align::Right),
        ("takes", Align::Right),
        ("used", Align::Left),
        ("of", Align::Left),
    ];
    terminal::print(&format!("{}\n{line}", table(heads, &rows, terminal::table_columns())))
}

fn row(cached: &Cached) -> [String; 4] {
    let of = cached.of.clone();
    [
        thousands(cached.samples),
        readable(cached.bytes),
        ago(cached.used),
        of.unwrap_or_else(|| "damaged: it will be made again when it is needed".to_owned()),
    ]
}

fn ago(time: SystemTime) -> String {
    let seconds = SystemTime::now().duration_since(time).unwrap_or_default().as_secs();
    match seconds {
        0..60 => "just now".to_owned(),
        60..7200 => format!("{} minutes ago", seconds / 60),
        7200..172_800 => format!("{} hours ago", seconds / 3600),
        _ => format!("{} days ago", seconds / 86_400),
    }
}
