//! `.npz`, NumPy's archive of arrays, with the names that Keras's own data sets use: `x_train`, `y_train`, `x_test`, `y_test`.

use super::archive::Archive;
use super::arrays::Arrays;
use super::limits::MAX_CLASSES;
use super::npy::{Array, Values, tuple};
use super::samples::{Pixels, Split, Targets};
use super::targets::Labels;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
#[cfg(test)]
use std::io::{Read, Seek};
use std::path::Path;

/// The type of truth values as arrays declare it.
const BOOL: &str = "|b1";

/// Reads the training split and, where the archive has one, the test split.
pub(super) fn load(path: &Path) -> Result<(Split, Option<Split>)> {
    split(&mut Archive::open(path)?)
}

/// As `load`, from any reader; error messages call it `file`.
#[cfg(test)]
pub(super) fn read(file: &str, reader: impl Read + Seek) -> Result<(Split, Option<Split>)> {
    split(&mut Archive::new(file, reader)?)
}

/// As `load`, of arrays wherever they lie.
pub(super) fn split(archive: &mut impl Arrays) -> Result<(Split, Option<Split>)> {
    let file = archive.file().to_owned();
    if !(archive.has("x_train") && archive.has("y_train")) || archive.has("x_test") != archive.has("y_test") {
        return Err(RuntimeError::mismatch(
            file,
            "the arrays x_train and y_train, and x_test and y_test or neither",
            archive.listed(),
        ));
    }
    let mut train = read_split(archive, "train")?;
    if !archive.has("x_test") {
        let as_classes = train.labels.can_be_classes();
        return Ok((train.read(as_classes), None));
    }
    let mut test = read_split(archive, "test")?;
    // Whether whole numbers are levels of pixels is decided for both, too.
    if train.pixels.is_whole() != test.pixels.is_whole() {
        train.take_integers_as_they_are();
        test.take_integers_as_they_are();
    }
    // A few numbers may happen to be whole: what labels are is decided for both.
    let as_classes = train.labels.can_be_classes() && test.labels.can_be_classes();
    let (train, test) = (train.read(as_classes), test.read(as_classes));
    let (train_facts, test_facts) = (train.facts(), test.facts());
    if train_facts != test_facts {
        return Err(RuntimeError::mismatch(
            format!("{file} (x_test)"),
            format!("{train_facts}, as in x_train"),
            test_facts,
        ));
    }
    Ok((train, Some(test)))
}

/// A split whose labels have been read but may still be class numbers or targets.
struct Undecided {
    shape: Shape,
    pixels: Pixels,
    /// Whether the pixels were whole numbers of a type that holds others than bytes.
    integers: bool,
    labels: Labels,
}

impl Undecided {
    fn take_integers_as_they_are(&mut self) {
        if let (true, Pixels::Bytes(bytes)) = (self.integers, &self.pixels) {
            self.pixels = Pixels::Floats(bytes.iter().copied().map(f32::from).collect());
        }
    }

    fn read(self, as_classes: bool) -> Split {
        let of = self.labels.read(as_classes);
        Split {
            shape: self.shape,
            pixels: self.pixels,
            labels: of.labels,
            targets: of.targets.map(|(shape, values)| Targets { shape, values }),
        }
    }
}

fn read_split(archive: &mut impl Arrays, split: &str) -> Result<Undecided> {
    let (x_name, x) = archive.array(&format!("x_{split}"))?;
    let (shape, count) = sample_shape(&x_name, &x)?;
    let integers = matches!(x.values, Values::Integers(_));
    let pixels = match x.values {
        Values::Bytes(bytes) => Pixels::Bytes(bytes),
        Values::Floats(floats) => Pixels::Floats(floats),
        Values::Integers(integers) => whole(&integers, x.kind == BOOL),
    };
    let (y_name, y) = archive.array(&format!("y_{split}"))?;
    let values: Vec<f32> = match y.values {
        Values::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
        Values::Integers(integers) => integers.into_iter().map(|value| value as f32).collect(),
        Values::Floats(floats) => floats,
    };
    let Some(labels) = Labels::new(values, &y.shape, count, MAX_CLASSES) else {
        let expected = format!("{count} labels, one for each sample of x_{split}");
        let found = format!("the shape {}", tuple(&y.shape));
        return Err(RuntimeError::mismatch(y_name, expected, found));
    };
    Ok(Undecided {
        shape,
        pixels,
        integers,
        labels,
    })
}

/// Whole numbers as pixels: those that are all levels of 0 to 255 are bytes, as they would be in an array of these. Truth values, and
/// numbers of which some are no levels, are taken as they are.
fn whole(integers: &[i64], are_truths: bool) -> Pixels {
    let levels = || {
        integers
            .iter()
            .map(|&value| u8::try_from(value).ok())
            .collect::<Option<Vec<u8>>>()
    };
    match levels().filter(|_| !are_truths) {
        Some(levels) => Pixels::Bytes(levels),
        None => Pixels::Floats(integers.iter().map(|&value| value as f32).collect()),
    }
}

/// The shape of a sample and the number of samples: arrays are `[n, d]`, `[n, h, w]` (one channel) or `[n, h, w, c]`.
fn sample_shape(name: &str, x: &Array) -> Result<(Shape, usize)> {
    let (count, shape) = match *x.shape {
        [count, size] => (count, Shape::flat(size)),
        [count, height, width] => (count, Shape::map(height, width, 1)),
        [count, height, width, channels] => (count, Shape::map(height, width, channels)),
        _ => {
            let expected = "the shape (n, h, w, c), (n, h, w) or (n, d)";
            return Err(RuntimeError::mismatch(name, expected, tuple(&x.shape)));
        }
    };
    if count == 0 || shape.elements() == 0 {
        return Err(RuntimeError::mismatch(
            name,
            "at least one sample of one value",
            format!("the shape {}", tuple(&x.shape)),
        ));
    }
    Ok((shape, count))
}
