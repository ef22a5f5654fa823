//! `cnnc export`: a trained network for other programs.

use super::console::Console;
use super::{Outcome, open};
use crate::cli::export::ExportArgs;
use crate::render::terminal;
use cnnc::export::model::Model;
use cnnc::export::verify::{Replay, replay};
use cnnc::export::{self, files};

/// Exports, and replays the samples where that is asked for.
pub fn run(args: &ExportArgs) -> Outcome {
    let description = open(&args.file)?;
    let console = Console::new(true);
    let model = Model::open(&description, &args.weights, &console)?;
    let format = args.to.0;
    let files = files(&model, format)?;
    let written = export::write(&files, &args.out)?;
    for (path, file) in written.iter().zip(&files) {
        terminal::say(&format!("wrote {}, {} bytes", path.display(), file.bytes.len()));
    }
    if args.verify {
        let largest = model
            .samples
            .outputs
            .iter()
            .fold(0.0_f32, |most, output| most.max(output.abs()));
        let count = model.samples.count;
        terminal::say(&match replay(format, &written, largest, &args.python)? {
            Replay::Difference(difference) => format!("verified: {count} samples, largest difference {difference:.1e}"),
            Replay::Missing(what) => format!("not verified: {what}"),
        });
    }
    Ok(())
}
