//! `cnnc export`: writes a trained network for other programs.

use super::console::Console;
use super::{Outcome, open};
use crate::cli::export::ExportArgs;
use crate::render::terminal;
use cnnc::export::model::Model;
use cnnc::export::verify::{INT8_TOLERANCE, Replay, TOLERANCE, replay};
use cnnc::export::{self, files, int8};
use cnnc::session::Data;

/// Exports, and replays the samples where that is asked for.
pub fn run(args: &ExportArgs) -> Outcome {
    let description = open(&args.file)?;
    let console = Console::new(true);
    let mut model = Model::open(&description, &args.weights, &console)?;
    let format = args.to.0;
    if args.int8 {
        let data = Data::given(args.data.as_deref());
        model.quantize(&int8::calibration(&description, data, &console)?)?;
    }
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
        let tolerance = if args.int8 { INT8_TOLERANCE } else { TOLERANCE };
        terminal::say(&match replay(format, &written, (largest, tolerance), &args.python)? {
            Replay::Difference(difference) => format!("verified: {count} samples, largest difference {difference:.1e}"),
            Replay::Missing(what) => format!("not verified: {what}"),
        });
    }
    Ok(())
}
