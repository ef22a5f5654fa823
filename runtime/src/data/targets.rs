//! What an array of labels says of samples: classes, or what else outputs are compared with.

use super::npy::{Array, Values};
use super::npz::tuple;
use super::{MAX_CLASSES, Targets};
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;

/// What samples are.
pub(super) struct Read {
    /// The number of each sample's class; zeros where there are targets.
    pub(super) labels: Vec<u32>,
    /// What they are, where that is no class.
    pub(super) targets: Option<Targets>,
}

/// Reads an array that belongs to the `count` samples of `x_{split}`. Whole numbers that can be classes are class numbers,
/// of whichever type; so are one-hot rows. Everything else is compared with outputs as it is.
pub(super) fn read(name: &str, y: Array, count: usize, split: &str) -> Result<Read> {
    let Some((&samples, sizes)) = y.shape.split_first() else {
        return Err(misshapen(name, &y.shape, count, split));
    };
    if samples != count || sizes.len() > 3 || sizes.contains(&0) {
        return Err(misshapen(name, &y.shape, count, split));
    }
    let values: Vec<f32> = match y.values {
        Values::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
        Values::Integers(integers) => integers.into_iter().map(|value| value as f32).collect(),
        Values::Floats(floats) => floats,
    };
    let shape = match *sizes {
        [] | [1] => Shape::flat(1),
        _ => Shape::new(sizes.to_vec()),
    };
    let classes = match *shape.sizes() {
        [1] => class_numbers(&values),
        [size] => one_hot(&values, size),
        _ => None,
    };
    Ok(match classes {
        Some(labels) => Read { labels, targets: None },
        None => Read {
            labels: vec![0; count],
            targets: Some(Targets { shape, values }),
        },
    })
}

fn misshapen(name: &str, shape: &[usize], count: usize, split: &str) -> RuntimeError {
    let expected = format!("{count} labels, one for each sample of x_{split}");
    RuntimeError::mismatch(name, expected, format!("the shape {}", tuple(shape)))
}

/// The values as numbers of classes, if all of them can be.
fn class_numbers(values: &[f32]) -> Option<Vec<u32>> {
    let number = |&value: &f32| {
        let can_be = value >= 0.0 && value.fract() == 0.0 && (value as usize) < MAX_CLASSES;
        can_be.then_some(value as u32)
    };
    values.iter().map(number).collect()
}

/// The place of the one of each row, if every row has a single one and else zeros.
fn one_hot(values: &[f32], size: usize) -> Option<Vec<u32>> {
    let place = |row: &[f32]| {
        let one = row.iter().position(|&value| value.to_bits() == 1.0_f32.to_bits())?;
        let zeros = row.iter().filter(|value| **value == 0.0).count();
        (zeros + 1 == size).then_some(one as u32)
    };
    values.chunks(size).map(place).collect()
}
