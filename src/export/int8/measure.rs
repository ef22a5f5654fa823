//! Measures what quantization costs, by running the same samples through both networks.

use super::calibration::{sample, spread};
use super::network::Quantized;
use super::run::run;
use crate::export::ports::one_of_each;
use crate::session::answer::{best, probabilities};
use crate::session::samples::Samples as Splits;
use crate::session::{Data, Description, Error, Listener, Result, executor, samples};
use compiler::network::Answer;
use compiler::portable::lower::lower;
use compiler::training::fit::TargetSource;
use rayon::prelude::*;
use runtime::data::Split;
use std::path::Path;

/// How a network in 8-bit integers compares with the one in float32.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The name of the samples' split.
    pub which: &'static str,
    /// The number of samples.
    pub samples: usize,
    /// The share of samples that float32 classifies correctly, from 0 to 1; `None` where samples have no classes.
    pub accuracy: Option<f64>,
    /// The same share in integers.
    pub accuracy_int8: Option<f64>,
    /// The share of samples for which both name the same class.
    pub agreement: Option<f64>,
    /// The mean absolute difference between the outputs of both.
    pub mean_difference: f64,
    /// The largest absolute difference between the outputs of both.
    pub largest_difference: f64,
    /// How many bytes the weights take in float32.
    pub bytes: usize,
    /// How many bytes the weights take in integers, scales and biases included.
    pub bytes_int8: usize,
}

/// Evaluates a network in integers on the samples that `cnnc eval` evaluates the one in floats on.
///
/// # Errors
/// When the data set or the weights cannot be read, or do not fit the description.
pub fn measure(description: &Description, weights: &Path, data: Data, listener: &dyn Listener) -> Result<Measured> {
    one_of_each(description, "--int8")?;
    let plan = description.plan();
    let parameters = executor::weights(&description.network, &plan, weights)?;
    let graph = lower(&description.network, &plan, &parameters).map_err(|refused| {
        Error::message(format!(
            "layer {} ({}) cannot be computed in integers",
            refused.layer, refused.class
        ))
    })?;
    let mut fit = description.network.network().fit.clone();
    fit.seed = executor::manifest_beside(weights, listener).map_or(fit.seed, |manifest| manifest.seed);
    let dataset = samples::load(description, data, fit.seed, listener)?;
    let Splits {
        train, judged, which, ..
    } = Splits::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    let quantized = Quantized::of(&graph, &spread(&train))?;
    let size = judged.shape.elements();
    let about = description.network.answer();
    let has_classes = judged.targets.is_none()
        && fit.targets == TargetSource::Labels
        && !matches!(about, Answer::Values)
        && description.network.output_shape().rank() == 1;
    let class = |outputs: &[f32]| {
        probabilities(about, outputs)
            .and_then(|shares| best(&shares))
            .map(|(class, _)| class)
    };
    let one = |index: usize| {
        let input = sample(&judged, index, size);
        let float = run(&graph, &input, &mut |_, _| {});
        let rounded = quantized.predict(&input);
        let distances = float.iter().zip(&rounded).map(|(a, b)| f64::from((a - b).abs()));
        let (sum, most) = distances.fold((0.0, 0.0_f64), |(sum, most), distance| {
            (sum + distance, most.max(distance))
        });
        (class(&float), class(&rounded), sum / float.len().max(1) as f64, most)
    };
    let found: Vec<_> = (0..judged.len()).into_par_iter().map(one).collect();
    let count = found.len().max(1) as f64;
    let label = |index: usize| label_of(&judged, index);
    let share = |is: &dyn Fn(usize) -> bool| {
        has_classes.then(|| (0..found.len()).filter(|&index| is(index)).count() as f64 / count)
    };
    let at = |index: usize| {
        found
            .get(index)
            .map(|(float, rounded, _, _)| (*float, *rounded))
            .unwrap_or_default()
    };
    let floats: usize = quantized
        .graph
        .nodes
        .iter()
        .flat_map(weights_of)
        .map(|weight| quantized.graph.weight(weight).values.len())
        .sum();
    // A byte for each number of a kernel; a scale and a bias for each output.
    let integers: usize = quantized
        .kernels
        .values()
        .map(|kernel| kernel.values.len() + kernel.scales.len() * 8)
        .sum();
    let rounded: usize = quantized
        .graph
        .nodes
        .iter()
        .enumerate()
        .filter(|(place, _)| quantized.is_integer(*place))
        .flat_map(|(_, node)| weights_of(node))
        .map(|weight| quantized.graph.weight(weight).values.len())
        .sum();
    Ok(Measured {
        which,
        samples: found.len(),
        accuracy: share(&|index| at(index).0.is_some() && at(index).0 == label(index)),
        accuracy_int8: share(&|index| at(index).1.is_some() && at(index).1 == label(index)),
        agreement: share(&|index| at(index).0 == at(index).1),
        mean_difference: found.iter().map(|(_, _, mean, _)| mean).sum::<f64>() / count,
        largest_difference: found.iter().map(|(_, _, _, most)| *most).fold(0.0, f64::max),
        bytes: floats * 4,
        bytes_int8: (floats - rounded) * 4 + integers,
    })
}

fn label_of(split: &Split, index: usize) -> Option<usize> {
    split.labels.get(index).map(|&label| label as usize)
}

/// The weights that a node uses.
fn weights_of(node: &compiler::portable::Node) -> Vec<compiler::portable::WeightId> {
    use compiler::portable::Op;
    match &node.op {
        Op::Convolution(op) => std::iter::once(op.kernel).chain(op.bias).collect(),
        Op::ConvolutionTranspose(op) => std::iter::once(op.kernel).chain(op.bias).collect(),
        Op::Dense(op) => std::iter::once(op.kernel).chain(op.bias).collect(),
        Op::Affine { scale, shift } => vec![*scale, *shift],
        Op::Normalize { gamma, beta, .. } => vec![*gamma, *beta],
        Op::Prelu { alpha } => vec![*alpha],
        Op::Pool(_)
        | Op::GlobalPool(_)
        | Op::Activation(_)
        | Op::Softmax
        | Op::Pad(_)
        | Op::Crop(_)
        | Op::Reshape
        | Op::Permute(_)
        | Op::Concatenate(_)
        | Op::Merge(_)
        | Op::Resize(_) => Vec::new(),
    }
}
