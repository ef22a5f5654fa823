//! `cnnc predict`: what a trained network says of pictures.

mod folder;

use super::console::Console;
use super::{Outcome, open};
use crate::cli::conflict;
use crate::cli::predict::PredictArgs;
use crate::render::terminal;
use cnnc::session::predict::{Predictor, best};
use runtime::data;

/// Predicts.
pub fn run(args: &PredictArgs) -> Outcome {
    let is_folder = args.input.is_dir();
    see_that_they_match(args, is_folder);
    let description = open(&args.file)?;
    let console = Console::new(false);
    let mut predictor = Predictor::open(&description, &args.weights, &args.device, &console)?;
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
    let Some(n_classes) = predictor.classes() else {
        if args.output.is_none() {
            terminal::say("the output is not one number for each class; --output FILE.npy writes it as it is");
        }
        return Ok(());
    };
    let mut text = String::new();
    for (sample, row) in outputs.chunks(n_classes.max(1)).enumerate() {
        let (class, probability) = best(&predictor.probabilities(row));
        let name = predictor.names().get(class);
        let name = name.map_or_else(String::new, |name| format!(" ({name})"));
        text.push_str(&format!(
            "{sample}: class {class}{name}, probability {probability:.4}\n"
        ));
    }
    terminal::print(&text)
}

/// What is asked for one kind of input alone; ends the process where it is asked for another.
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
    if !is_folder && args.all {
        conflict("--all is for a folder of pictures; for a file, --output FILE.npy has every class's output");
    }
}
