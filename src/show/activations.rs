//! Draws the output of each layer for one image.

use super::data::{self, SplitName};
use crate::pictures::activations::{self, Class, Output, Row};
use crate::pictures::drawing::Drawing;
use crate::session::answer::probabilities;
use crate::session::error::{Error, Result};
use crate::session::predict::class_names;
use crate::session::{Description, samples};
use compiler::entering::Entering;
use compiler::network::{Answer, Node, NodeId};
use compiler::plan::memory::Sharing;
use compiler::shape::Shape;
use runtime::checkpoint::{self, Tensor};
use runtime::data::{Pixels, Split, load_inputs};
use runtime::executor::Executor;
use runtime::executor::cpu::CpuExecutor;
use runtime::train;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where an image comes from.
#[derive(Debug, Clone, Copy)]
pub enum Image<'a> {
    /// A file with a picture, or with an array of samples.
    File(&'a Path),
    /// A sample of a data set: its name or path, and the split.
    Data(&'a str, SplitName),
}

/// Draws the output of each layer for the sample `index`, counted from 0, with the weights in a file.
///
/// # Errors
/// When there is no such image, or the image or the weights do not suit the network.
pub fn activations(description: &Description, weights: &Path, image: Image<'_>, index: usize) -> Result<Drawing> {
    if let [_, _, ..] = description.network.inputs() {
        let message = "the layers of a network with several inputs cannot be shown for one image";
        return Err(Error::message(message));
    }
    // A file of other variables, or of more, is not read.
    train::load_parameters(&description.plan(), weights)?;
    let weights = checkpoint::load(weights)?;
    let names = class_names(description);
    let (mut image, from) = read(image, index, description.network.input_shape())?;
    image.pixels = image.pixels.entering(Entering::of(&description.network));
    let image = Arc::new(image);
    let mut rows = Vec::new();
    for (id, node, shape, _) in description.network.nodes() {
        let values = output_of(description, id, &weights, &image)?;
        rows.push(Row {
            name: node.name.clone(),
            facts: format!("{}, {}", node.layer.class(), data::sizes(shape)),
            output: drawn(description, (id, node, shape), values, &names),
        });
    }
    let title = format!(
        "{}: what each layer makes of one image",
        description.network.network().name
    );
    Ok(activations::activations(&title, &from, &rows))
}

/// The image, and where it comes from, in words.
fn read(image: Image<'_>, index: usize, shape: &Shape) -> Result<(Split, String)> {
    let (name, wanted) = match image {
        Image::File(input) => {
            let inputs = load_inputs(input, shape)?;
            let from = match inputs.count {
                1 => input.display().to_string(),
                count => format!("sample {index} of the {count} in {}", input.display()),
            };
            return Ok((sample(&inputs.pixels, inputs.count, index, shape, 0)?, from));
        }
        Image::Data(name, wanted) => (name, wanted),
    };
    let dataset = data::load(name)?;
    let (split, which) = data::split(&dataset, wanted)?;
    if split.shape != *shape {
        let message = format!(
            "the network takes {shape}, and the samples of {name} are {}",
            split.shape
        );
        return Err(Error::message(message));
    }
    let label = split.labels.get(index).copied().unwrap_or(0);
    let image = sample(&split.pixels, split.len(), index, shape, label)?;
    let class = data::class_name(&dataset, label);
    let title = samples::title(&dataset.name);
    Ok((image, format!("image {index} of the {which} split of {title}: {class}")))
}

/// One sample out of many.
fn sample(pixels: &Pixels, count: usize, index: usize, shape: &Shape, label: u32) -> Result<Split> {
    if index >= count {
        let plural = if count == 1 { "" } else { "s" };
        let message = format!(
            "there is no sample {index}: there {} {count}",
            if count == 1 { "is" } else { "are" }
        );
        return Err(Error::message(message).with_help(format!("--index counts the sample{plural} from 0")));
    }
    Ok(Split {
        shape: shape.clone(),
        pixels: pixels.samples(&[index as u32], shape.elements())?,
        labels: vec![label],
        targets: None,
    })
}

/// A layer's output for the image, in Keras's order: the prediction of a network that ends with this layer.
fn output_of(
    description: &Description,
    layer: NodeId,
    weights: &BTreeMap<String, Tensor>,
    image: &Arc<Split>,
) -> Result<Vec<f32>> {
    let plan = Arc::new(compiler::plan_until(&description.network, layer, Sharing::Shared));
    let mut executor = CpuExecutor::new(Arc::clone(&plan), 1, 1, None)?;
    executor.set_parameters(&train::parameters_from(&plan, weights.clone(), "")?)?;
    Ok(executor.predict(image)?)
}

/// How an output is drawn: by its rank; the network's last output as classes.
fn drawn(
    description: &Description,
    (id, node, shape): (NodeId, &Node, &Shape),
    values: Vec<f32>,
    names: &[String],
) -> Output {
    let is_last = id == description.network.network().output;
    let answer = description.network.answer();
    match *shape.sizes() {
        [height, width, channels @ (1 | 3)] if node.layer.is_input() => {
            Output::Image([height, width, channels], values)
        }
        [height, width, channels] => Output::Maps([height, width, channels], values),
        [height, width] => Output::Maps([height, width, 1], values),
        [count] if is_last && (2..=MOST_CLASSES).contains(&count) && !matches!(answer, Answer::Values) => {
            let probabilities = probabilities(answer, &values).unwrap_or_default();
            let class = |(index, (&output, &probability)): (usize, (&f32, &f32))| Class {
                name: names.get(index).cloned().unwrap_or_else(|| index.to_string()),
                output,
                probability,
            };
            Output::Classes(values.iter().zip(&probabilities).enumerate().map(class).collect())
        }
        _ => Output::Values(values),
    }
}

/// The most classes that are drawn as bars; for more, a strip of colours tells as much.
const MOST_CLASSES: usize = 40;
