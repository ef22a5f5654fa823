//! What an array of labels says of samples: their classes, or values that outputs are compared with.

use compiler::shape::Shape;

/// The labels or the targets of samples, as they were read.
pub(super) struct Read {
    /// The number of each sample's class; zeros where there are targets instead.
    pub(super) labels: Vec<u32>,
    /// Where samples have no classes: the shape of a sample's target, and the values of all targets, one after another.
    pub(super) targets: Option<(Shape, Vec<f32>)>,
}

/// An array of labels for a number of samples.
pub(super) struct Labels {
    shape: Shape,
    values: Vec<f32>,
    count: usize,
    /// The class numbers that the array can be read as; `None` where it cannot.
    classes: Option<Vec<u32>>,
}

impl Labels {
    /// An array of `shape` for `count` samples; `None` where its shape does not match. Whole numbers below `most_classes` can be
    /// class numbers, of whatever type they were; so can one-hot rows.
    pub(super) fn new(values: Vec<f32>, shape: &[usize], count: usize, most_classes: usize) -> Option<Self> {
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
        Some(Self {
            shape,
            values,
            count,
            classes,
        })
    }

    /// Whether the array can be read as class numbers.
    pub(super) fn can_be_classes(&self) -> bool {
        self.classes.is_some()
    }

    /// The array as class numbers where `as_classes` says that all labels of the data set are, else as values that outputs are
    /// compared with as they are.
    pub(super) fn read(self, as_classes: bool) -> Read {
        match self.classes.filter(|_| as_classes) {
            Some(labels) => Read { labels, targets: None },
            None => Read {
                labels: vec![0; self.count],
                targets: Some((self.shape, self.values)),
            },
        }
    }
}

/// The values as class numbers; `None` unless all of them are whole numbers below `most`.
fn class_numbers(values: &[f32], most: usize) -> Option<Vec<u32>> {
    let number = |&value: &f32| {
        let can_be = value >= 0.0 && value.fract() == 0.0 && (value as usize) < most;
        can_be.then_some(value as u32)
    };
    values.iter().map(number).collect()
}

/// The position of the one in each row; `None` unless every row of `size` values has a single one and is else zero.
fn one_hot(values: &[f32], size: usize) -> Option<Vec<u32>> {
    let place = |row: &[f32]| {
        let one = row.iter().position(|&value| value.to_bits() == 1.0_f32.to_bits())?;
        let zeros = row.iter().filter(|value| **value == 0.0).count();
        (zeros + 1 == size).then_some(one as u32)
    };
    values.chunks(size).map(place).collect()
}
