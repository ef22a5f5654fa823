//! `cnnc show data`: images of a data set.

use super::super::{Failure, Outcome};
use super::deliver;
use crate::cli::{ShowDataArgs, SplitName};
use crate::pictures::samples::{self, ImageShape, Sample};
use compiler::numbers::thousands;
use compiler::shape::Shape;
use runtime::data::{self, Dataset, Split};
use std::path::Path;

/// Draws them.
pub fn run(args: &ShowDataArgs) -> Outcome {
    let dataset = load(&args.data)?;
    let (split, name) = split(&dataset, args.split)?;
    let shape = image_shape(&split.shape)?;
    let samples = take(&dataset, split, args.start, args.count)?;
    let last = args.start + samples.len() - 1;
    let start = args.start;
    let title = format!(
        "{}: images {start} to {last} of the {name} split",
        self::title(&dataset)
    );
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

/// `count` images from `start` on, with their classes' names.
pub fn take(dataset: &Dataset, split: &Split, start: usize, count: usize) -> Result<Vec<Sample>, Failure> {
    let samples = split.len();
    if start >= samples {
        return Err(
            Failure::message(format!("there is no image {start}: the split has {samples}"))
                .with_help("images are counted from 0"),
        );
    }
    let size = split.shape.elements();
    let sample = |index: usize| Sample {
        values: (index * size..(index + 1) * size)
            .filter_map(|at| split.pixels.get(at))
            .collect(),
        label: class_name(dataset, split.labels.get(index).copied().unwrap_or(0)),
    };
    Ok((start..samples.min(start + count)).map(sample).collect())
}

/// A class's name, or its number where it has none.
pub fn class_name(dataset: &Dataset, class: u32) -> String {
    let names = dataset.class_names.as_ref();
    let name = names.and_then(|names| names.get(class as usize));
    name.cloned().unwrap_or_else(|| class.to_string())
}

/// How many samples there are, of which shape, in how many classes.
fn facts(dataset: &Dataset, split: &Split) -> String {
    let count = thousands(split.len());
    format!("{count} images of {}, {} classes", sizes(&split.shape), dataset.classes)
}

/// What a data set is called in titles: as its authors write it, or the last part of its path.
pub fn title(dataset: &Dataset) -> String {
    named(&dataset.name)
}

/// The same of its name or path.
pub fn named(name: &str) -> String {
    match name {
        "mnist" => "MNIST".to_owned(),
        "fashion-mnist" => "Fashion-MNIST".to_owned(),
        "cifar10" => "CIFAR-10".to_owned(),
        path => Path::new(path)
            .file_name()
            .map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned()),
    }
}

/// `28×28×1`.
pub fn sizes(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.sizes().iter().map(usize::to_string).collect();
    sizes.join("\u{d7}")
}
