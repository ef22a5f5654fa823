//! Draws what training sees of pictures: those of the first step, above what the layers make of them that change pictures at
//! random.

use crate::pictures::drawing::Drawing;
use crate::pictures::samples::{self, Sample};
use crate::session::error::{Error, Result};
use crate::session::listener::Listener;
use crate::session::samples::{self as sets, Data, Samples, image_shape, title};
use crate::session::{Description, Overrides};
use compiler::network::Node;
use compiler::plan::memory::Sharing;
use compiler::plan::{Plan, TensorId};
use compiler::shape::Shape;
use runtime::executor::cpu::{CpuExecutor, Options};
use runtime::executor::streaming::Streaming;
use runtime::executor::{Executor, Flow, Set};
use runtime::random::permutation;
use runtime::train;

/// Draws `count` pictures of the first step, at most a batch, before the first layer that changes pictures at random and after
/// the last one. With the same seed they are those that a run trains on.
///
/// # Errors
/// When the network does not compile or has no such layer, the data set cannot be read or does not fit, or these tensors are not
/// pictures.
pub fn augmented(
    description: &Description,
    data: Option<&str>,
    seed: Option<u64>,
    count: usize,
    listener: &dyn Listener,
) -> Result<Drawing> {
    let network = &description.network;
    let compile = network.training().map_err(|error| description.reject(*error))?;
    let overrides = Overrides {
        seed,
        ..Overrides::default()
    };
    let fit = overrides.apply(&network.network().fit)?;
    let (before, after) = ends(description)?;
    let shapes = [image_shape(before.1)?, image_shape(after.1)?];
    let dataset = sets::load(description, Data::given(data), fit.seed, listener)?;
    let names = dataset.class_names.clone();
    let title = format!(
        "{}: what training sees of {}",
        network.network().name,
        title(&dataset.name)
    );
    let labelled = |label: u32| match &names {
        Some(names) => names.get(label as usize).cloned().unwrap_or_else(|| label.to_string()),
        None => label.to_string(),
    };
    let train = Samples::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?.train;
    let count = count.min(fit.batch_size).min(train.len());
    let order: Vec<u32> = if fit.shuffle {
        permutation(fit.seed, fit.initial_epoch as u64, train.len() as u32)
    } else {
        (0..train.len() as u32).collect()
    };
    let order = order.get(..count).unwrap_or_default();
    let plan = compiler::plan_of(network, Sharing::Separate);
    let mut records = train::steps(&compile.optimizer, &fit, fit.initial_epoch as u64, 0, count);
    records.truncate(1);
    let options = Options {
        inspect: true,
        ..Options::default()
    };
    let executor = CpuExecutor::with(plan.clone(), count, count, options)?;
    let mut executor = Streaming::new(Box::new(executor), count, count);
    executor.load(Set::Train, &train)?;
    executor.set_parameters(&train::initial_parameters(&plan, fit.seed))?;
    executor.train(order, &records, &mut |_| Flow::Continue)?;
    let label = |sample: usize| {
        let at = order.get(sample).map_or(0, |&at| at as usize);
        labelled(train.labels.get(at).copied().unwrap_or(0))
    };
    let mut row = |node: &Node, shape: &Shape, labelled: bool| -> Result<Vec<Sample>> {
        let values = executor.tensor(tensor_of(&plan, &node.name)?)?;
        let sample = |sample: usize| Sample {
            values: keras_order(&values, shape, (sample, count)),
            label: if labelled { label(sample) } else { String::new() },
        };
        Ok((0..count).map(sample).collect())
    };
    let (above, below) = (row(before.0, before.1, true)?, row(after.0, after.1, false)?);
    let line = format!(
        "the first {count} pictures of training, and below them the output of {}; seed {}",
        after.0.name, fit.seed
    );
    Ok(samples::pairs(&title, &line, (shapes[0], &above), (shapes[1], &below)))
}

/// A layer and the shape of its output.
type Shaped<'a> = (&'a Node, &'a Shape);

/// The layer before the first one that changes pictures at random, and the last one that does.
fn ends(description: &Description) -> Result<(Shaped<'_>, Shaped<'_>)> {
    let nodes: Vec<Shaped<'_>> = (description.network.nodes())
        .map(|(_, node, shape, _)| (node, shape))
        .collect();
    let mut changing = nodes.iter().filter(|(node, _)| node.layer.blocks_gradients());
    let first = changing.next();
    let last = changing.next_back().or(first);
    let before = first
        .and_then(|(node, _)| node.inputs.first())
        .and_then(|input| nodes.get(input.0));
    before.copied().zip(last.copied()).ok_or_else(|| {
        Error::message("no layer of this network changes pictures at random")
            .with_help("RandomFlip, RandomRotation, RandomZoom and the like do")
    })
}

/// The tensor that holds a layer's output in training.
fn tensor_of(plan: &Plan, layer: &str) -> Result<TensorId> {
    let found = plan.training.tensors.iter().position(|tensor| tensor.name == layer);
    let missing = || Error::message(format!("{layer} makes nothing of its own in training"));
    found.map(TensorId).ok_or_else(missing)
}

/// A sample of a tensor `[channel][position][sample]`, with the channels of a pixel side by side.
fn keras_order(values: &[f32], shape: &Shape, (sample, samples): (usize, usize)) -> Vec<f32> {
    let (channels, positions) = (shape.channels(), shape.positions());
    (0..positions)
        .flat_map(|position| (0..channels).map(move |channel| channel * positions + position))
        .map(|element| values.get(element * samples + sample).copied().unwrap_or(f32::NAN))
        .collect()
}
