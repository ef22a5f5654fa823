//! `cnnc predict`: what a trained network says of pictures.

use super::session::Purpose;
use super::source::Description;
use super::{Outcome, session, source};
use crate::cli::PredictArgs;
use crate::render::terminal;
use compiler::network::{DataName, KnownData};
use runtime::data::{self, Split};
use std::sync::Arc;

/// Predicts.
pub fn run(args: &PredictArgs) -> Outcome {
    let description = source::open(&args.file)?;
    let network = description.network.network();
    let plan = session::plan(&description);
    let weights = session::weights(&plan, &args.weights)?;
    let shape = description.network.input_shape().clone();
    let inputs = data::load_inputs(&args.input, &shape)?;
    let n_samples = inputs.count;
    let split = Arc::new(Split {
        shape,
        pixels: inputs.pixels,
        labels: vec![0; n_samples],
    });
    let mut executor = session::executor(&args.device, &plan, &network.fit, Purpose::Infer, true)?;
    executor.set_parameters(&weights)?;
    let outputs = executor.predict(&split)?;
    let sizes = description.network.output_shape().sizes();
    if let Some(path) = &args.output {
        let shape: Vec<usize> = std::iter::once(n_samples).chain(sizes.iter().copied()).collect();
        data::save_npy(path, &shape, &outputs)?;
        terminal::say(&format!("wrote {}", path.display()));
    }
    let &[classes] = sizes else {
        if args.output.is_none() {
            terminal::say("the output is no row of classes; --output FILE.npy writes it as it is");
        }
        return Ok(());
    };
    let names = class_names(&description);
    let mut text = String::new();
    for (sample, row) in outputs.chunks(classes.max(1)).enumerate() {
        let probabilities = if description.network.ends_in_softmax() {
            row.to_vec()
        } else {
            softmax(row)
        };
        let (class, probability) = best(&probabilities);
        let name = names.get(class).map_or(String::new(), |name| format!(" ({name})"));
        text.push_str(&format!(
            "{sample}: class {class}{name}, probability {probability:.4}\n"
        ));
    }
    terminal::print(&text)
}

/// What the classes of the description's data set are called; nothing where they are known by their numbers.
pub fn class_names(description: &Description) -> Vec<String> {
    match &description.network.network().fit.data {
        // A digit's name is its number; saying it twice helps nobody.
        Some(DataName::Known(known)) if *known != KnownData::Mnist => data::class_names(*known),
        _ => Vec::new(),
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
