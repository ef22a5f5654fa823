//! Predictions of a network with several outputs, each by its name.

use crate::cli::conflict;
use crate::cli::predict::PredictArgs;
use crate::commands::Outcome;
use crate::render::terminal;
use cnnc::session::answer::best;
use cnnc::session::predict::Predictor;
use compiler::network::Port;
use runtime::data;

/// The most values of an output that are printed for a sample.
pub const MOST_VALUES: usize = 16;

/// Predicts the samples of a file, and prints the outputs or writes them to an `.npz` archive.
pub fn run(args: &PredictArgs, predictor: &mut Predictor<'_>) -> Outcome {
    if args.input.is_dir() || args.all {
        conflict("a network with several outputs takes one file of samples: --input FILE");
    }
    let is_archive = |path: &std::path::Path| {
        path.extension()
            .is_some_and(|ending| ending.eq_ignore_ascii_case("npz"))
    };
    if args.output.as_deref().is_some_and(|path| !is_archive(path)) {
        conflict("a network with several outputs writes an array for each: --output FILE.npz");
    }
    let inputs = predictor.read(&args.input)?;
    let count = inputs.count;
    let outputs = predictor.outputs(inputs.pixels, count)?;
    let width = predictor.width().max(1);
    let ports = predictor.network().outputs();
    let of = |row: &[f32], port: &Port| {
        let numbers = row.get(port.offset..port.offset + port.shape.elements());
        numbers.map(<[f32]>::to_vec).unwrap_or_default()
    };
    if let Some(path) = &args.output {
        let arrays: Vec<(&str, Vec<usize>, Vec<f32>)> = ports
            .iter()
            .map(|port| {
                let sizes = std::iter::once(count).chain(port.shape.sizes().iter().copied());
                let values = outputs.chunks(width).flat_map(|row| of(row, port)).collect();
                (port.name.as_str(), sizes.collect(), values)
            })
            .collect();
        data::save_npz(path, &arrays)?;
        terminal::say(&format!("wrote {}", path.display()));
    }
    let mut text = String::new();
    for (sample, row) in outputs.chunks(width).enumerate() {
        let parts: Vec<String> = (ports.iter().enumerate())
            .map(|(output, port)| format!("{} {}", port.name, said(predictor, output, &of(row, port))))
            .collect();
        text.push_str(&format!("{sample}: {}\n", parts.join("; ")));
    }
    terminal::print(&text)
}

/// What an output says of a sample: its class, or its values.
fn said(predictor: &Predictor<'_>, output: usize, row: &[f32]) -> String {
    if predictor.classes_of(output).is_some() {
        return match best(&predictor.probabilities_of(output, row)) {
            Some((class, probability)) => format!("class {class}, probability {probability:.4}"),
            None => "no class, because the outputs are not numbers (NaN)".to_owned(),
        };
    }
    if row.len() > MOST_VALUES {
        return format!("{} numbers", row.len());
    }
    let row: Vec<String> = row.iter().map(|value| format!("{value:.4}")).collect();
    row.join(", ")
}
