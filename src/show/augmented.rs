//! Draws what training sees of pictures: those of the first step, above what the layers make of them that change pictures at
//! random, and below them the same of masks.

use crate::pictures::drawing::Drawing;
use crate::pictures::samples::{self, ImageShape, Row, Sample};
use crate::pictures::text::number;
use crate::session::error::{Error, Result};
use crate::session::listener::Listener;
use crate::session::samples::{self as sets, Data, Samples, image_shape, title};
use crate::session::{Description, Overrides};
use compiler::network::{CheckedNetwork, Node};
use compiler::ops::Op;
use compiler::plan::memory::Sharing;
use compiler::plan::{Plan, TensorId};
use compiler::shape::Shape;
use runtime::data::Targets;
use runtime::executor::cpu::{CpuExecutor, Options};
use runtime::executor::streaming::Streaming;
use runtime::executor::{Executor, Flow, Set};
use runtime::random::permutation;
use runtime::train;

/// The most values of a target that are written above a picture.
const MOST_NUMBERS: usize = 3;

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
    let batch = fit.batch_size.min(train.len());
    let count = count.min(batch);
    // Whoever is mixed with others is so with all of a batch.
    let mixes = network.nodes().any(|(_, node, ..)| node.layer.mixes_samples());
    let samples = if mixes { batch } else { count };
    let order: Vec<u32> = if fit.shuffle {
        permutation(fit.seed, fit.initial_epoch as u64, train.len() as u32)
    } else {
        (0..train.len() as u32).collect()
    };
    let order = order.get(..samples).unwrap_or_default();
    let plan = compiler::plan_of(network, Sharing::Separate);
    let mut records = train::steps(&compile.optimizer, &fit, fit.initial_epoch as u64, 0, samples);
    records.truncate(1);
    let options = Options {
        inspect: true,
        ..Options::default()
    };
    let executor = CpuExecutor::with(plan.clone(), samples, samples, options)?;
    let mut executor = Streaming::new(Box::new(executor), samples, samples);
    executor.load(Set::Train, &train)?;
    executor.set_parameters(&train::initial_parameters(&plan, fit.seed))?;
    executor.train(order, &records, &mut |_| Flow::Continue)?;
    let label = |sample: usize| {
        let at = order.get(sample).map_or(0, |&at| at as usize);
        match &train.targets {
            Some(targets) => numbers(targets, at),
            None => labelled(train.labels.get(at).copied().unwrap_or(0)),
        }
    };
    let mut row = |tensor: TensorId, shape: ImageShape, label: &dyn Fn(usize) -> String| -> Result<Row> {
        let values = executor.tensor(tensor)?;
        let sample = |sample: usize| Sample {
            values: keras_order(&values, shape, (sample, samples)),
            label: label(sample),
        };
        Ok((shape, (0..count).map(sample).collect()))
    };
    let unlabelled = |_: usize| String::new();
    let above = row(tensor_of(&plan, &before.0.name)?, shapes[0], &label)?;
    let mut below = row(tensor_of(&plan, &after.0.name)?, shapes[1], &unlabelled)?;
    let mut targets = Vec::new();
    match Seen::of(network, &plan) {
        Seen::Maps(maps) => {
            for (tensor, shape) in maps {
                targets.push(row(tensor, shape, &unlabelled)?);
            }
        }
        Seen::Shares(tensor, classes) if train.targets.is_none() => {
            let shares = executor.tensor(tensor)?;
            for (sample, drawn) in below.1.iter_mut().enumerate() {
                let of = |class: usize| shares.get(class * samples + sample).copied().unwrap_or(0.0);
                drawn.label = mixed_label(&(0..classes).map(of).collect::<Vec<_>>(), &labelled);
            }
        }
        Seen::Nothing | Seen::Shares(..) => (),
    }
    let last = &after.0.name;
    let pictures = if targets.is_empty() {
        format!("the first {count} pictures of training, and below them the output of {last}")
    } else {
        format!("{count} pictures, and below them the output of {last}; then the targets of each")
    };
    let line = format!("{pictures}; seed {}", fit.seed);
    let pictures = [above, below];
    targets.iter_mut().for_each(flatten_classes);
    Ok(samples::rows(&title, &line, &pictures, &targets))
}

/// What a step of training compares outputs with.
enum Seen {
    /// Nothing that can be looked at, or nothing that the layers change.
    Nothing,
    /// Maps: as they were read, and as they are moved and mixed.
    Maps(Vec<(TensorId, ImageShape)>),
    /// Shares of so many classes.
    Shares(TensorId, usize),
}

impl Seen {
    fn of(network: &CheckedNetwork, plan: &Plan) -> Self {
        let operations = plan.training.operations.iter().map(|instruction| &instruction.op);
        let read = operations.clone().find_map(|op| {
            if let Op::Target(target) = op {
                Some(target.output)
            } else {
                None
            }
        });
        let Some(read) = read else { return Self::Nothing };
        // Each change takes what the one before it has made.
        let (mut last, mut from) = (read, None);
        for op in operations {
            if let Op::Affine(affine) = op
                && affine.input == last
            {
                from = from.or(Some(affine.from));
                last = affine.output;
            } else if let Op::Mix(mix) = op
                && mix.input == last
            {
                last = mix.output;
            }
        }
        let Some((height, width, channels)) = network.output_shape().as_map() else {
            return if last == read {
                Self::Nothing
            } else {
                Self::Shares(last, network.output_shape().channels())
            };
        };
        let (rows, columns) = from.unwrap_or((height, width));
        Self::Maps(vec![
            (read, [rows, columns, channels]),
            (last, [height, width, channels]),
        ])
    }
}

/// `0.7 cat, 0.3 dog`; a class alone without its share, one value as it is.
fn mixed_label(shares: &[f32], labelled: &dyn Fn(u32) -> String) -> String {
    if let [value] = shares {
        return format!("{value:.2}");
    }
    let mut found: Vec<(u32, f32)> = (0..)
        .zip(shares.iter().copied())
        .filter(|(_, share)| *share >= 0.005)
        .collect();
    found.sort_by(|one, other| other.1.total_cmp(&one.1));
    match found.as_slice() {
        [(class, _)] => labelled(*class),
        several => {
            let parts = several
                .iter()
                .map(|(class, share)| format!("{share:.2} {}", labelled(*class)));
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}

/// The values that a sample's output is compared with, where they are few; nothing of a map and the like.
fn numbers(targets: &Targets, sample: usize) -> String {
    let size = targets.shape.elements();
    let values = targets.values.get(sample * size..(sample + 1) * size);
    let few = values.filter(|values| values.len() <= MOST_NUMBERS).unwrap_or_default();
    let shown: Vec<String> = few.iter().map(|value| number(f64::from(*value))).collect();
    shown.join(", ")
}

/// Of maps with other than one or three channels the number of the largest one, as a shade of gray.
fn flatten_classes((shape, row): &mut Row) {
    let channels = shape[2];
    if matches!(channels, 0 | 1 | 3) {
        return;
    }
    for sample in row {
        let place = |values: &[f32]| {
            let largest = values.iter().enumerate().max_by(|one, other| one.1.total_cmp(other.1));
            largest.map_or(0.0, |(class, _)| class as f32 / (channels - 1) as f32)
        };
        sample.values = sample.values.chunks(channels).map(place).collect();
    }
    shape[2] = 1;
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
fn keras_order(values: &[f32], [height, width, channels]: ImageShape, (sample, samples): (usize, usize)) -> Vec<f32> {
    let positions = height * width;
    (0..positions)
        .flat_map(|position| (0..channels).map(move |channel| channel * positions + position))
        .map(|element| values.get(element * samples + sample).copied().unwrap_or(f32::NAN))
        .collect()
}
