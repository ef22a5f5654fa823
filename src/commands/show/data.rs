//! `cnnc show data`: images of a data set.

use super::super::{Failure, Outcome};
use super::deliver;
use crate::cli::{ShowDataArgs, SplitName};
use crate::pictures::samples::{self, ImageShape, Sample};
use compiler::shape::Shape;
use runtime::data::{self, Dataset, Pixels, Split};
use std::path::Path;

/// Draws them.
pub fn run(args: &ShowDataArgs) -> Outcome {
    let dataset = load(&args.data)?;
    let (split, name) = split(&dataset, args.split)?;
    let shape = image_shape(&split.shape)?;
    let samples = take(&dataset, split, args.start, args.count)?;
    let last = args.start + samples.len() - 1;
    let title = format!("{}: images {} to {last} of the {name} split", dataset.name, args.start);
    let line = facts(&dataset, split);
    deliver(&samples::samples(&title, &line, shape, &samples), "data", &args.picture)
}

/// A data set by the name or the path that was typed.
pub fn load(name: &str) -> Result<Dataset, Failure> {
    Ok(data::load(
        &data::named(name),
        Path::new(""),
        data::cache_folder().as_deref(),
    )?)
}

/// One of its splits, and what that is called.
pub fn split(dataset: &Dataset, wanted: SplitName) -> Result<(&Split, &'static str), Failure> {
    match (wanted, &dataset.test) {
        (SplitName::Train, _) => Ok((&dataset.train, "training")),
        (SplitName::Test, Some(test)) => Ok((test, "test")),
        (SplitName::Test, None) => Err(Failure::message(format!("{} has no test split", dataset.name))
            .with_help("--split train shows what it has")),
    }
}

/// Height, width and channels of what can be seen.
pub fn image_shape(shape: &Shape) -> Result<ImageShape, Failure> {
    match *shape.sizes() {
        [height, width] if height * width > 0 => Ok([height, width, 1]),
        [height, width, channels @ (1 | 3)] if height * width > 0 => Ok([height, width, channels]),
        _ => Err(Failure::message(format!(
            "samples of {shape} are no images: those are of height x width, with 1 or 3 channels"
        ))),
    }
}

/// `count` images from `start` on, from black (0) to white (1), with their classes' names. Values beyond 0 to 1 are
/// brought into it, all by one scale.
pub fn take(dataset: &Dataset, split: &Split, start: usize, count: usize) -> Result<Vec<Sample>, Failure> {
    let samples = split.len();
    if start >= samples {
        return Err(
            Failure::message(format!("there is no image {start}: the split has {samples}"))
                .with_help("images are counted from 0"),
        );
    }
    let count = count.min(samples - start);
    let size = split.shape.elements();
    let [low, high] = value_range(split, start * size..(start + count) * size);
    let value = |index: usize| (split.pixels.get(index).unwrap_or(low) - low) / (high - low);
    let sample = |index: usize| Sample {
        values: (index * size..(index + 1) * size).map(value).collect(),
        label: class_name(dataset, split.labels.get(index).copied().unwrap_or(0)),
    };
    Ok((start..start + count).map(sample).collect())
}

/// What is black and what is white: 0 and 1, unless values lie beyond them.
pub fn value_range(split: &Split, range: std::ops::Range<usize>) -> [f32; 2] {
    match &split.pixels {
        Pixels::Bytes(_) => [0.0, 1.0],
        Pixels::Floats(floats) => floats[range].iter().fold([0.0, 1.0], |[low, high]: [f32; 2], &value| {
            [low.min(value), high.max(value)]
        }),
    }
}

/// A class's name, or its number where it has none.
pub fn class_name(dataset: &Dataset, class: u32) -> String {
    let names = dataset.class_names.as_ref();
    let name = names.and_then(|names| names.get(class as usize));
    name.cloned().unwrap_or_else(|| class.to_string())
}

/// How many samples there are, of which shape, in how many classes.
fn facts(dataset: &Dataset, split: &Split) -> String {
    format!(
        "{} images of {} in {} classes",
        split.len(),
        split.shape,
        dataset.classes
    )
}
