//! `cnnc predict`: what a trained network says of pictures.

mod folder;

use super::session::Purpose;
use super::source::Description;
use super::{Failure, Outcome, session, source};
use crate::cli::{PredictArgs, conflict};
use crate::render::terminal;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use runtime::data::{self, Pixels, Reading, Split};
use runtime::executor::Executor;
use runtime::run_directory::Manifest;
use std::sync::Arc;

/// Predicts.
pub fn run(args: &PredictArgs) -> Outcome {
    let is_folder = args.input.is_dir();
    see_that_they_match(args, is_folder);
    let description = source::open(&args.file)?;
    let plan = session::plan(&description);
    let weights = session::weights(&plan, &args.weights)?;
    let manifest = session::manifest_beside(&args.weights);
    let (names, reading) = classes(&description, manifest);
    if is_folder {
        let job = folder::Job::new(args, &description.network, names, reading)?;
        let mut executor = executor(args, &description, &plan, &weights)?;
        return job.run(executor.as_mut());
    }
    let shape = description.network.input_shape();
    let inputs = data::load_inputs_as(&args.input, shape, reading)?;
    let n_samples = inputs.count;
    let mut executor = executor(args, &description, &plan, &weights)?;
    let outputs = outputs_of(executor.as_mut(), &description.network, inputs.pixels, n_samples)?;
    let sizes = description.network.output_shape().sizes();
    if let Some(path) = &args.output {
        let shape: Vec<usize> = std::iter::once(n_samples).chain(sizes.iter().copied()).collect();
        data::save_npy(path, &shape, &outputs)?;
        terminal::say(&format!("wrote {}", path.display()));
    }
    let &[n_classes] = sizes else {
        if args.output.is_none() {
            terminal::say("the output is no row of classes; --output FILE.npy writes it as it is");
        }
        return Ok(());
    };
    let mut text = String::new();
    for (sample, row) in outputs.chunks(n_classes.max(1)).enumerate() {
        let (class, probability) = best(&probabilities(&description.network, row));
        let name = names.get(class).map_or_else(String::new, |name| format!(" ({name})"));
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

/// The classes' names, and how pictures are read: as the run had them, else as the description's data set has.
fn classes(description: &Description, manifest: Option<Manifest>) -> (Vec<String>, Reading) {
    let Some(manifest) = manifest else {
        let reading = described(description).map_or(Reading::Paper, |(_, reading)| reading);
        return (class_names(description), reading);
    };
    let names = manifest.class_names.map(unless_numbers);
    (
        names.unwrap_or_else(|| class_names(description)),
        manifest.pictures.unwrap_or(Reading::Paper),
    )
}

/// What the classes of the description's data set are called; nothing where that is not known, or where they are known by
/// their numbers.
pub fn class_names(description: &Description) -> Vec<String> {
    let names = described(description).and_then(|(names, _)| names);
    names.map(unless_numbers).unwrap_or_default()
}

/// What is known of the description's data set without reading it.
fn described(description: &Description) -> Option<(Option<Vec<String>>, Reading)> {
    let name = description.network.network().fit.data.as_ref()?;
    Some(data::classes_of(name, description.folder()))
}

/// A digit's name is its number; saying it twice helps nobody.
fn unless_numbers(names: Vec<String>) -> Vec<String> {
    let are_numbers = names.iter().enumerate().all(|(class, name)| *name == class.to_string());
    if are_numbers { Vec::new() } else { names }
}

fn executor(
    args: &PredictArgs,
    description: &Description,
    plan: &Arc<Plan>,
    weights: &[f32],
) -> Result<Box<dyn Executor>, Failure> {
    let fit = &description.network.network().fit;
    let mut executor = session::executor(&args.device, plan, fit, Purpose::Infer, true)?;
    executor.set_parameters(weights)?;
    Ok(executor)
}

/// The network's outputs, row after row.
fn outputs_of(
    executor: &mut dyn Executor,
    network: &CheckedNetwork,
    pixels: Pixels,
    n_samples: usize,
) -> Result<Vec<f32>, Failure> {
    let split = Split {
        shape: network.input_shape().clone(),
        pixels,
        labels: vec![0; n_samples],
    };
    Ok(executor.predict(&Arc::new(split))?)
}

/// A row of outputs as probabilities.
fn probabilities(network: &CheckedNetwork, row: &[f32]) -> Vec<f32> {
    if network.ends_in_softmax() {
        row.to_vec()
    } else {
        softmax(row)
    }
}

/// The first maximum, as everywhere.
pub fn best(row: &[f32]) -> (usize, f32) {
    let start = (0, f32::NEG_INFINITY);
    row.iter().enumerate().fold(
        start,
        |best, (class, &value)| if value > best.1 { (class, value) } else { best },
    )
}

/// Probabilities from raw outputs.
pub fn softmax(row: &[f32]) -> Vec<f32> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = row.iter().map(|value| (value - top).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_the_first_of_equals_wins() {
        let row = softmax(&[1000.0, 0.0, 1000.0]);
        assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert_eq!(best(&row), (0, 0.5));
    }
}
