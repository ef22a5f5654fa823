//! What an array of labels says of samples: classes, or what else outputs are compared with.

use compiler::shape::Shape;

/// What samples are.
pub(super) struct Read {
    /// The number of each sample's class; zeros where there are targets.
    pub(super) labels: Vec<u32>,
    /// What each is, where that is no class: a sample's shape, and the values of all of them.
    pub(super) targets: Option<(Shape, Vec<f32>)>,
}

/// An array of labels that belongs to so many samples.
pub(super) struct Labels {
    shape: Shape,
    values: Vec<f32>,
    count: usize,
    /// The numbers of classes that they can be read as.
    classes: Option<Vec<u32>>,
}

impl Labels {
    /// An array of `shape` that belongs to `count` samples; nothing where its shape cannot. Whole numbers below `most_classes`
    /// can be class numbers, of whichever type they were; so can one-hot rows.
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

    /// Whether they can be numbers of classes.
    pub(super) fn can_be_classes(&self) -> bool {
        self.classes.is_some()
    }

    /// As numbers of classes where all labels of a data set can be that, else as values that are compared with outputs as
    /// they are.
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
