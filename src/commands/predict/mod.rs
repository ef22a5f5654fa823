//! `cnnc predict`: what a trained network says of pictures.

mod folder;
mod several;

use super::console::Console;
use super::{Outcome, open};
use crate::cli::conflict;
use crate::cli::predict::PredictArgs;
use crate::render::terminal;
use cnnc::session::answer::best;
use cnnc::session::predict::Predictor;
use runtime::data;
use several::MOST_VALUES;

/// Predicts the samples of a file or of all pictures in a folder, and prints or writes what the network says.
pub fn run(args: &PredictArgs) -> Outcome {
    let is_folder = args.input.is_dir();
    let description = open(&args.file)?;
    if let [_] = description.network.outputs() {
        see_that_they_match(args, is_folder);
    }
    let console = Console::new(false);
    let mut predictor = Predictor::open(&description, &args.weights, &args.device, &console)?;
    if let [_, _, ..] = description.network.outputs() {
        return several::run(args, &mut predictor);
    }
    if is_folder {
        return folder::run(args, &mut predictor, &console);
    }
    let inputs = predictor.read(&args.input)?;
    let n_samples = inputs.count;
    let outputs = predictor.outputs(inputs.pixels, n_samples)?;
    if let Some(path) = &args.output {
        let sizes = description.network.output_shape().sizes();
        let shape: Vec<usize> = std::iter::once(n_samples).chain(sizes.iter().copied()).collect();
        data::save_npy(path, &shape, &outputs)?;
        terminal::say(&format!("wrote {}", path.display()));
    }
    let width = predictor.width().max(1);
    if predictor.classes().is_none() {
        if args.output.is_none() && width <= MOST_VALUES {
            return terminal::print(&values(&outputs, width));
        }
        if args.output.is_none() {
            terminal::say("the output is not one number for each class; --output FILE.npy writes it as it is");
        }
        return Ok(());
    }
    let mut text = String::new();
    for (sample, row) in outputs.chunks(width).enumerate() {
        let Some((class, probability)) = best(&predictor.probabilities(row)) else {
            text.push_str(&format!(
                "{sample}: no class, because the outputs are not numbers (NaN)\n"
            ));
            continue;
        };
        let name = predictor.names().get(class);
        let name = name.map_or_else(String::new, |name| format!(" ({name})"));
        text.push_str(&format!(
            "{sample}: class {class}{name}, probability {probability:.4}\n"
        ));
    }
    terminal::print(&text)
}

/// The outputs with four decimals, a line for each sample of `width` values.
fn values(outputs: &[f32], width: usize) -> String {
    let mut text = String::new();
    for (sample, row) in outputs.chunks(width).enumerate() {
        let row: Vec<String> = row.iter().map(|value| format!("{value:.4}")).collect();
        text.push_str(&format!("{sample}: {}\n", row.join(", ")));
    }
    text
}

/// Ends the process where an option is for another kind of input than the one that was given.
fn see_that_they_match(args: &PredictArgs, is_folder: bool) {
    let ends_in = |wanted: &str| {
        let ending = args.output.as_deref().and_then(|output| output.extension());
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case(wanted))
    };
    if is_folder && ends_in("npy") {
        conflict("for a folder, --output is a table: --output FILE.csv");
    }
    if !is_folder && ends_in("csv") {
        conflict("for a file, --output is an array: --output FILE.npy; a table is written for a folder");
    }
    if ends_in("npz") {
        conflict("--output FILE.npz is for a network with several outputs; with one it is FILE.npy");
    }
    if !is_folder && args.all {
        conflict("--all is for a folder of pictures; for a file, --output FILE.npy has every class's output");
    }
}
