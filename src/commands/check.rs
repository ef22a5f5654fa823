//! `cnnc check`: Keras's summary, and everything that is wrong.

use super::{Failure, Outcome, report};
use crate::cli::check::CheckArgs;
use crate::cli::values::Format;
use crate::render::costs;
use crate::render::{hint, terminal};
use cnnc::session::costs::Costs;
use cnnc::session::{self, Examined};
use compiler::entering;
use compiler::network::CheckedNetwork;
use compiler::numbers::thousands;
use compiler::summary::{ReportLayer, table, table_of_part};
use grammar::render::{Located, locate};
use serde::Serialize;

/// Checks every file; fails if there are errors in any of them.
pub fn run(args: &CheckArgs) -> Outcome {
    let examined = || args.files.iter().map(|file| session::examine(file));
    let sound = match args.format {
        Format::Text => text(examined(), args.verbose)?,
        Format::Json | Format::Yaml => data(&examined().collect::<Vec<_>>(), args)?,
    };
    if sound { Ok(()) } else { Err(Failure::Reported) }
}

/// Prints the table of each file with the diagnostics below it, and a blank line between files.
fn text(all: impl Iterator<Item = Examined>, verbose: bool) -> Result<bool, Failure> {
    let (mut sound, mut printed) = (true, false);
    for examined in all {
        if let Some(network) = &examined.network {
            let mut text = if printed { "\n".to_owned() } else { String::new() };
            let table = if examined.failed() { table_of_part } else { table };
            text.push_str(&table(network, terminal::output_columns()));
            // What follows from the whole network is not known of a part.
            if verbose && !examined.failed() {
                text.push_str(&costs::text(&Costs::of(network), terminal::table_columns()));
                text.push_str(&read(network));
                text.push_str(&phases(network));
            }
            terminal::print(&text)?;
            printed = true;
            let fit = &network.network().fit;
            if !examined.failed()
                && !verbose
                && fit.data.is_some()
                && fit.loading.is_none()
                && entering::scaling(network).is_some()
            {
                terminal::say(&format!("note: the first layer gets {}", entering::line(network)));
            }
        }
        report(&examined);
        sound &= !examined.failed();
    }
    Ok(sound)
}

/// How the data reach the first layer, and what the data sets of loaders become, a line each.
fn read(network: &CheckedNetwork) -> String {
    let loading = network.network().fit.loading.as_ref();
    let parts = loading.map(|loading| {
        [
            Some(("Trains on", &loading.train)),
            loading.validation.as_ref().map(|files| ("Validates with", files)),
        ]
    });
    let lines = parts.into_iter().flatten().flatten();
    let lines: String = lines
        .map(|(what, files)| format!("{what} {}: {}\n", files.directory, files.words()))
        .collect();
    format!("\nThe first layer gets {}\n{lines}", entering::line(network))
}

/// What each phase trains, a line each; empty where there is only one.
fn phases(network: &CheckedNetwork) -> String {
    let count = network.phase_count();
    if count == 1 {
        return String::new();
    }
    let line = |index: usize| {
        let phase = network.phase(index);
        let (trained, all) = (phase.trainable_params(), phase.total_params());
        format!(
            "Phase {}/{count}: {} of {} parameters train\n",
            index + 1,
            thousands(trained),
            thousands(all)
        )
    };
    std::iter::once("\n".to_owned()).chain((0..count).map(line)).collect()
}

/// The results of checking a file, as JSON or YAML has them.
#[derive(Serialize)]
struct Document<'a> {
    /// The name of the file; only where there are several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    model: Option<&'a str>,
    layers: Vec<ReportLayer>,
    total_params: Option<usize>,
    trainable_params: Option<usize>,
    non_trainable_params: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    costs: Option<Costs>,
    diagnostics: Vec<Located<'a>>,
}

fn document(examined: &Examined, several: bool, verbose: bool) -> Document<'_> {
    let network = examined.network.as_ref();
    let report = examined.summary();
    // The totals of a part of a network would be taken for the whole's.
    let whole = report.as_ref().filter(|_| !examined.failed());
    let locate = |diagnostic| locate(&examined.source, diagnostic);
    Document {
        file: several.then_some(examined.source.name.as_str()),
        model: network.map(|network| network.network().name.as_str()),
        total_params: whole.map(|report| report.total_params),
        trainable_params: whole.map(|report| report.trainable_params),
        non_trainable_params: whole.map(|report| report.non_trainable_params),
        costs: network.filter(|_| verbose && !examined.failed()).map(Costs::of),
        layers: report.map(|report| report.layers).unwrap_or_default(),
        diagnostics: examined.diagnostics.iter().map(locate).collect(),
    }
}

/// Prints one document for one file and a list for several, always as a single text that parses.
fn data(all: &[Examined], args: &CheckArgs) -> Result<bool, Failure> {
    let several = all.len() > 1;
    let documents: Vec<Document<'_>> = all
        .iter()
        .map(|examined| document(examined, several, args.verbose))
        .collect();
    let text = match documents.as_slice() {
        [one] => terminal::serialized(one, args.format)?,
        many => terminal::serialized(&many, args.format)?,
    };
    terminal::print(&text)?;
    all.iter().for_each(report);
    hint::forget();
    Ok(!all.iter().any(Examined::failed))
}
