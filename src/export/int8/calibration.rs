//! The samples that the ranges of tensors are measured with.

use crate::session::samples::Samples as Splits;
use crate::session::{Data, Description, Listener, Result, samples};
use runtime::data::Split;

/// How many samples of the training split are used.
const CALIBRATED: usize = 256;

/// Samples of the training split, at even distances, to calibrate a network in integers on.
///
/// # Errors
/// When the data set cannot be read, or does not fit the description.
pub fn calibration(description: &Description, data: Data, listener: &dyn Listener) -> Result<Vec<f32>> {
    let fit = &description.network.network().fit;
    let dataset = samples::load(description, data, fit.seed, listener)?;
    let splits = Splits::of(dataset.train, dataset.validation, dataset.test, fit.validation_split)?;
    Ok(spread(&splits.train))
}

/// Samples of a split at even distances, one after another.
pub(super) fn spread(split: &Split) -> Vec<f32> {
    let size = split.shape.elements();
    let count = split.len().min(CALIBRATED);
    (0..count)
        .flat_map(|index| sample(split, index * split.len() / count.max(1), size))
        .collect()
}

/// The values of a sample as the network takes them.
pub(super) fn sample(split: &Split, index: usize, size: usize) -> Vec<f32> {
    (index * size..(index + 1) * size)
        .filter_map(|index| split.pixels.get(index))
        .collect()
}
