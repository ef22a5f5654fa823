//! Draws images of a data set with their classes.

use crate::pictures::drawing::Drawing;
use crate::pictures::samples::{self, Sample};
use crate::session::error::{Error, Result};
use crate::session::samples::{image_shape, title};
use compiler::numbers::thousands;
use compiler::shape::Shape;
use runtime::data::{self, Dataset, Split};
use std::path::Path;

/// The splits of a data set that can be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitName {
    /// The samples to train on.
    Train,
    /// The samples to test on.
    Test,
}

/// Draws `count` images of a split from index `start` on, counted from 0; fewer where the split ends before.
///
/// # Errors
/// When there is no such data set, split or image, or samples are not images.
pub fn data(name: &str, wanted: SplitName, start: usize, count: usize) -> Result<Drawing> {
    let dataset = load(name)?;
    let (split, split_name) = split(&dataset, wanted)?;
    let shape = image_shape(&split.shape)?;
    let samples = take(&dataset, split, start, count)?;
    let last = start + samples.len() - 1;
    let title = format!(
        "{}: images {start} to {last} of the {split_name} split",
        title(&dataset.name)
    );
    let line = facts(&dataset, split);
    Ok(samples::samples(&title, &line, shape, &samples))
}

/// The data set with this name or at this path.
pub(crate) fn load(name: &str) -> Result<Dataset> {
    Ok(data::load(
        &data::named(name),
        Path::new(""),
        data::cache_folder().as_deref(),
    )?)
}

/// One of its splits, and the split's name.
pub(crate) fn split(dataset: &Dataset, wanted: SplitName) -> Result<(&Split, &'static str)> {
    match (wanted, &dataset.test) {
        (SplitName::Train, _) => Ok((&dataset.train, "training")),
        (SplitName::Test, Some(test)) => Ok((test, "test")),
        (SplitName::Test, None) => {
            Err(Error::message(format!("{} has no test split", dataset.name))
                .with_help("--split train shows what it has"))
        }
    }
}

/// `count` images from `start` on, with the names of their classes.
pub(crate) fn take(dataset: &Dataset, split: &Split, start: usize, count: usize) -> Result<Vec<Sample>> {
    let samples = split.len();
    if start >= samples {
        return Err(
            Error::message(format!("there is no image {start}: the split has {samples}"))
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

/// The name of a class, or its number where it has none.
pub(crate) fn class_name(dataset: &Dataset, class: u32) -> String {
    let names = dataset.class_names.as_ref();
    let name = names.and_then(|names| names.get(class as usize));
    name.cloned().unwrap_or_else(|| class.to_string())
}

/// How many samples there are, of which shape and in how many classes, in words.
fn facts(dataset: &Dataset, split: &Split) -> String {
    let count = thousands(split.len());
    format!("{count} images of {}, {} classes", sizes(&split.shape), dataset.classes)
}

/// The sizes of a shape as captions have them: `28×28×1`.
pub(crate) fn sizes(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.sizes().iter().map(usize::to_string).collect();
    sizes.join("\u{d7}")
}
