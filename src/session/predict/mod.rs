//! Predicts samples whose classes are not known.

pub mod folder;

use super::answer::probabilities;
use super::error::Result;
use super::examine::Description;
use super::executor::{self, Purpose};
use super::listener::Listener;
use compiler::entering::Entering;
use compiler::network::{Answer, CheckedNetwork};
use compiler::plan::Plan;
use runtime::data::{self, Ends, Inputs, Keeping, Pixels, Reading, Split};
use runtime::executor::Executor;
use runtime::loading::Places;
use runtime::run_directory::Manifest;
use std::path::Path;
use std::sync::Arc;

/// A trained network that makes predictions.
pub struct Predictor<'a> {
    network: &'a CheckedNetwork,
    plan: Arc<Plan>,
    parameters: Vec<f32>,
    device: String,
    names: Vec<String>,
    reading: Reading,
    executor: Option<Box<dyn Executor>>,
}

impl<'a> Predictor<'a> {
    /// Opens a network with the weights in a file. The names of classes and the way of reading pictures are those in the
    /// `run.yaml` beside the weights, else those of the description's data set. The device is opened when it is first needed.
    ///
    /// # Errors
    /// When the weights cannot be read or are not the network's.
    pub fn open(description: &'a Description, weights: &Path, device: &str, listener: &dyn Listener) -> Result<Self> {
        let plan = description.plan_to_infer();
        let parameters = executor::weights(&description.network, &plan, weights)?;
        let manifest = executor::manifest_beside(weights, listener);
        let (names, reading) = classes(description, manifest);
        Ok(Self {
            network: &description.network,
            plan,
            parameters,
            device: device.to_owned(),
            names,
            reading,
            executor: None,
        })
    }

    /// The network, as the description has it.
    pub fn network(&self) -> &'a CheckedNetwork {
        self.network
    }

    /// The names of the classes, in the order of the outputs; fewer where they are not all known, empty where classes are known
    /// by their numbers.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How pictures become samples.
    pub fn reading(&self) -> Reading {
        self.reading
    }

    /// How many classes it tells apart; `None` where its output does not tell classes.
    pub fn classes(&self) -> Option<usize> {
        match self.network.outputs() {
            [_] => self.classes_of(0),
            _ => None,
        }
    }

    /// How many classes one of its outputs tells apart; `None` where it does not tell classes.
    pub fn classes_of(&self, output: usize) -> Option<usize> {
        let shape = self.network.outputs().get(output).map(|port| port.shape.sizes());
        match (self.network.answer_of(output), shape) {
            (Answer::Binary { .. }, _) => Some(2),
            (Answer::Logits | Answer::Shares, Some(&[classes])) => Some(classes),
            (Answer::Logits | Answer::Shares | Answer::Values, _) => None,
        }
    }

    /// How many values the output of a sample has, over all outputs together.
    pub fn width(&self) -> usize {
        self.network.output_shape().elements()
    }

    /// Reads the samples in a picture or an array; for a network with several inputs, in an archive with an array for each.
    ///
    /// # Errors
    /// When the file cannot be read or holds samples of another shape.
    pub fn read(&self, path: &Path) -> Result<Inputs> {
        if let (Some(ends), [_, _, ..]) = (Ends::of(self.network), self.network.inputs()) {
            return Ok(data::load_inputs_of(path, &ends)?);
        }
        Ok(data::load_inputs_as(path, self.network.input_shape(), self.reading)?)
    }

    /// Opens the device, unless it is already open.
    ///
    /// # Errors
    /// When there is no such device, or it fails.
    pub fn ready(&mut self) -> Result<&mut dyn Executor> {
        let executor = if let Some(executor) = self.executor.take() {
            executor
        } else {
            let fit = &self.network.network().fit;
            let mut executor = executor::executor(&self.device, &self.plan, fit, Purpose::Infer, &())?;
            executor.set_parameters(&self.parameters)?;
            executor
        };
        Ok(self.executor.insert(executor).as_mut())
    }

    /// The outputs of the network for `count` samples, row after row.
    ///
    /// # Errors
    /// When the device cannot be opened or fails.
    pub fn outputs(&mut self, pixels: Pixels, count: usize) -> Result<Vec<f32>> {
        let split = Split {
            shape: self.network.input_shape().clone(),
            pixels: pixels.entering(Entering::of(self.network)),
            labels: vec![0; count],
            targets: None,
        };
        Ok(self.ready()?.predict(&Arc::new(split))?)
    }

    /// The probabilities of the classes for a row of outputs; empty where it does not tell classes.
    pub fn probabilities(&self, row: &[f32]) -> Vec<f32> {
        probabilities(self.network.answer(), row).unwrap_or_default()
    }

    /// As `probabilities`, for a row of one of several outputs.
    pub fn probabilities_of(&self, output: usize, row: &[f32]) -> Vec<f32> {
        probabilities(self.network.answer_of(output), row).unwrap_or_default()
    }
}

/// The names of the classes, and how pictures are read: as in the run, else as the description's data set has them.
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

/// The names of the classes of the description's data set; empty where they are not known, or where classes are known by their
/// numbers.
pub fn class_names(description: &Description) -> Vec<String> {
    let names = described(description).and_then(|(names, _)| names);
    names.map(unless_numbers).unwrap_or_default()
}

/// What is known of the description's data set without reading it.
fn described(description: &Description) -> Option<(Option<Vec<String>>, Reading)> {
    let fit = &description.network.network().fit;
    if let Some(loading) = &fit.loading {
        let places = Places {
            folder: description.folder().join(&loading.train.directory),
            base: description.folder().to_owned(),
            keeping: Keeping::usual(),
        };
        let names = runtime::loading::class_names(&loading.train, &places);
        let names = names.ok().flatten().filter(|_| loading.train.label_mode.are_classes());
        return Some((names, Reading::Loaded((&loading.train).into())));
    }
    let name = fit.data.as_ref()?;
    Some(data::classes_of(name, description.folder()))
}

/// The names, or nothing where they are just the numbers, which need not be said twice.
fn unless_numbers(names: Vec<String>) -> Vec<String> {
    let are_numbers = names.iter().enumerate().all(|(class, name)| *name == class.to_string());
    if are_numbers { Vec::new() } else { names }
}
