//! What an array of labels says of samples: classes, or what else outputs are compared with.

use compiler::shape::Shape;

/// What samples are.
pub(super) struct Read {
    /// The number of each sample's class; zeros where there are targets.
    pub(super) labels: Vec<u32>,
    /// What each is, where that is no class: a sample's shape, and the values of all of them.
    pub(super) targets: Option<(Shape, Vec<f32>)>,
}

/// Reads an array of `shape` that belongs to `count` samples; nothing where its shape cannot. Whole numbers below
/// `most_classes` are class numbers, of whichever type they were; so are one-hot rows. Everything else is compared with
/// outputs as it is.
pub(super) fn read(values: Vec<f32>, shape: &[usize], count: usize, most_classes: usize) -> Option<Read> {
    let (&samples, sizes) = shape.split_first()?;
    if samples != count || sizes.len() > 3 || sizes.contains(&0) {
        return None;
    }
    let shape = match *sizes {
        [] | [1] => Shape::flat(1),
        _ => Shape::new(sizes.to_vec()),
    };
    let classes = match *shape.sizes() {
        [1] => class_numbers(&values, most_classes),
        [size] => one_hot(&values, size),
        _ => None,
    };
    Some(match classes {
        Some(labels) => Read { labels, targets: None },
        None => Read {
            labels: vec![0; count],
            targets: Some((shape, values)),
        },
    })
}

/// The values as numbers of classes, if all of them can be.
fn class_numbers(values: &[f32], most: usize) -> Option<Vec<u32>> {
    let number = |&value: &f32| {
        let can_be = value >= 0.0 && value.fract() == 0.0 && (value as usize) < most;
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
