//! `cnnc data fetch`: data sets and weights from the places that publish them.

use super::kept::{cache, failure, line};
use crate::cli::fetch::{FetchArgs, SetName};
use crate::commands::reporting::report;
use crate::commands::{Failure, Outcome};
use crate::render::downloads::Downloads;
use crate::render::terminal;
use compiler::training::data::KnownData;
use runtime::data::fetch::weights::fetch_weights;
use runtime::data::fetch::{self, Here, Options, Published, published};
use std::process;

/// The exit status after Ctrl-C: 128 + SIGINT, as in shells.
const INTERRUPTED: i32 = 130;

/// Fetches every data set that was named; where one cannot be fetched, the others still are.
pub fn run(args: &FetchArgs) -> Outcome {
    let cache = cache()?;
    let names = wanted(&args.names);
    let sets: Vec<Published> = names
        .iter()
        .map(|&name| from_mirrors(args, name, names.len()))
        .collect();
    let options = Options {
        force: args.force,
        ..Options::default()
    };
    let downloads = Downloads::new(args.quiet);
    // What is here of a file is on the disk at any moment, so the process may simply end.
    let _ = ctrlc::set_handler(|| {
        terminal::say("\ninterrupted: what has arrived is kept; the same command continues from there");
        process::exit(INTERRUPTED);
    });
    let results = fetch::fetch(&sets, &cache, &options, &downloads);
    let mut failed = false;
    let mut told = Vec::new();
    for file in args.names.iter().filter_map(SetName::weights) {
        let mirrors: Vec<String> = args
            .mirrors
            .iter()
            .map(|url| format!("{}/", url.trim_end_matches('/')))
            .collect();
        match fetch_weights(file, &mirrors, &cache, &options, &downloads) {
            Ok((path, came)) if came || !args.quiet => told.push(format!("{}: {}\n", file.set, path.display())),
            Ok(_) => {}
            Err(error) => {
                report(&failure(error));
                failed = true;
            }
        }
    }
    downloads.close();
    for line in told {
        terminal::print(&line)?;
    }
    for (name, result) in names.into_iter().zip(results) {
        let shown = result.map_err(failure).and_then(|here| {
            tell(name, &here, args.quiet);
            terminal::print(&line(name, &cache)?)
        });
        match shown {
            Ok(()) => {}
            Err(Failure::Closed) => return Err(Failure::Closed),
            Err(failure) => {
                report(&failure);
                failed = true;
            }
        }
    }
    if failed { Err(Failure::Reported) } else { Ok(()) }
}

fn tell(name: KnownData, here: &Here, quiet: bool) {
    if here.files == 0 && !quiet {
        let folder = here.folder.display();
        terminal::say(&format!(
            "{}: already in {folder}, and right; --force fetches it again",
            name.name()
        ));
    }
}

/// The data sets that were named, each once.
fn wanted(names: &[SetName]) -> Vec<KnownData> {
    let mut wanted = Vec::new();
    for name in names.iter().flat_map(SetName::sets) {
        if !wanted.contains(name) {
            wanted.push(*name);
        }
    }
    wanted
}

/// A data set with the mirrors that were named first. The data sets of digits have files with the same names: a mirror of several
/// data sets has a folder for each.
fn from_mirrors(args: &FetchArgs, name: KnownData, sets: usize) -> Published {
    let mirrors = args.mirrors.iter().map(|url| {
        let url = url.trim_end_matches('/');
        if sets == 1 {
            format!("{url}/")
        } else {
            format!("{url}/{}/", name.name())
        }
    });
    published(name).with_mirrors_first(mirrors)
}
