//! `cnnc bench`: how fast a network trains and predicts here.

use super::console::Console;
use super::{Outcome, open};
use crate::cli::bench::BenchArgs;
use crate::cli::values::Format;
use crate::render::{bench, terminal};
use cnnc::session::Data;
use cnnc::session::bench::{Limit, Options};

/// Measures one device after another and prints or writes the results.
pub fn run(args: &BenchArgs) -> Outcome {
    let description = open(&args.file)?;
    let options = Options {
        devices: args.device.clone(),
        batch_sizes: args.batch_size.clone(),
        limit: args.epochs.map_or(Limit::Seconds(args.seconds), Limit::Epochs),
        data: Data::given(args.data.as_deref()),
        samples: args.samples,
    };
    let report = cnnc::session::bench::bench(&description, options, &Console::new(false))?;
    let text = match args.format {
        Format::Text => bench::text(&report, terminal::table_columns()),
        Format::Json | Format::Yaml => terminal::serialized(&report, args.format)?,
    };
    terminal::print(&text)
}
