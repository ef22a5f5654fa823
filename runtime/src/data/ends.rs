//! Archives for networks with several inputs or outputs: an array for each of them, by its name (`left_train`). They become one
//! row of values for each sample, with all inputs or all targets in the order of the network.

use super::archive::Archive;
use super::arrays::Arrays;
use super::limits::MAX_CLASSES;
use super::npy::{Array, Values, tuple};
use super::samples::{Pixels, Split, Targets};
use super::targets::Labels;
use crate::error::{Result, RuntimeError};
use compiler::check::takes;
use compiler::network::{CheckedNetwork, Port};
use compiler::shape::Shape;
use std::collections::BTreeMap;
use std::path::Path;

/// An array of numbers: its sizes, and its values in row-major order.
pub type Numbers = (Vec<usize>, Vec<f32>);

/// The inputs and outputs of a network that has several of one of them.
#[derive(Debug, Clone)]
pub struct Ends {
    inputs: Vec<Port>,
    outputs: Vec<Port>,
}

impl Ends {
    /// The inputs and outputs of a network; `None` where it has one of each.
    pub fn of(network: &CheckedNetwork) -> Option<Self> {
        network.network().has_several_ends().then(|| Self {
            inputs: network.inputs().to_vec(),
            outputs: network.outputs().to_vec(),
        })
    }

    /// The inputs and outputs of any network.
    pub fn all_of(network: &CheckedNetwork) -> Self {
        Self {
            inputs: network.inputs().to_vec(),
            outputs: network.outputs().to_vec(),
        }
    }

    /// What an array for each input is called where it stands by itself: by the input's name, a single one `input`.
    pub fn input_names(&self) -> Vec<&str> {
        name_of(&self.inputs, "input")
    }

    /// Samples of numbers: for each input, by its name, the sizes of an array and its values in row-major order. An array with the
    /// sizes of one sample is one. `file` is what messages call them.
    ///
    /// # Errors
    /// When an input has no array, or a name is no input's, or the sizes are others.
    pub fn of_numbers(&self, file: &str, mut numbers: BTreeMap<String, Numbers>) -> Result<(Pixels, usize)> {
        let names = self.input_names();
        if names.len() != numbers.len() || !names.iter().all(|name| numbers.contains_key(*name)) {
            let found: Vec<&str> = numbers.keys().take(10).map(String::as_str).collect();
            let found = if found.is_empty() {
                "none".to_owned()
            } else {
                found.join(", ")
            };
            return Err(RuntimeError::mismatch(
                file,
                format!("numbers for {}", names.join(", ")),
                found,
            ));
        }
        let mut arrays = Vec::new();
        let mut count = None;
        for (port, name) in self.inputs.iter().zip(names) {
            let Some((sizes, values)) = numbers.remove(name) else {
                continue;
            };
            let label = format!("{file}: {name}");
            let array = |shape: Vec<usize>| Array {
                shape,
                values: Values::Floats(values.clone()),
                kind: "<f4".to_owned(),
            };
            let (several, one) = (array(sizes.clone()), array([&[1], sizes.as_slice()].concat()));
            let (found, array) = match samples(&label, &several, &port.shape) {
                Ok(found) => (found, several),
                Err(error) => (samples(&label, &one, &port.shape).map_err(|_| error)?, one),
            };
            let wanted = *count.get_or_insert(found);
            same_count(&label, wanted, found)?;
            arrays.push(array);
        }
        let count = count.unwrap_or_default();
        Ok((rows(arrays, &self.inputs, count)?, count))
    }

    /// The names of a split's arrays, without `_train` and `_test`.
    fn names(&self) -> Vec<&str> {
        name_of(&self.inputs, "x")
            .into_iter()
            .chain(name_of(&self.outputs, "y"))
            .collect()
    }

    /// The arrays that a data set must have, for error messages.
    pub(super) fn words(&self) -> String {
        let names = self.names();
        let of = |split: &str| {
            names
                .iter()
                .map(|name| format!("{name}_{split}"))
                .collect::<Vec<_>>()
                .join(", ")
        };
        format!(
            "an .npz file, or a folder of .npy files, with the arrays {}; and {} or none of these",
            of("train"),
            of("test")
        )
    }

    /// Reads the training split from an archive and, where it has one, the test split.
    pub(super) fn load(&self, path: &Path) -> Result<(Split, Option<Split>)> {
        self.read(&mut Archive::open(path)?)
    }

    /// As `load`, of arrays wherever they lie.
    pub(super) fn read(&self, archive: &mut impl Arrays) -> Result<(Split, Option<Split>)> {
        let names = self.names();
        let has = |split: &str| {
            names
                .iter()
                .filter(|name| archive.has(&format!("{name}_{split}")))
                .count()
        };
        let (train, test) = (has("train"), has("test"));
        if train < names.len() || (1..names.len()).contains(&test) {
            return Err(RuntimeError::mismatch(archive.file(), self.words(), archive.listed()));
        }
        let train = self.split(archive, "train")?;
        let test = (test > 0).then(|| self.split(archive, "test")).transpose()?;
        let Some(test) = test else {
            let as_classes = train.labels.as_ref().is_some_and(Labels::can_be_classes);
            return Ok((train.read(as_classes), None));
        };
        let can_be = |half: &Half| half.labels.as_ref().is_some_and(Labels::can_be_classes);
        let as_classes = can_be(&train) && can_be(&test);
        Ok((train.read(as_classes), Some(test.read(as_classes))))
    }

    fn split(&self, archive: &mut impl Arrays, split: &str) -> Result<Half> {
        let mut arrays = Vec::new();
        let mut count = None;
        for (port, name) in self.inputs.iter().zip(name_of(&self.inputs, "x")) {
            let (label, array) = archive.array(&format!("{name}_{split}"))?;
            let found = samples(&label, &array, &port.shape)?;
            let wanted = *count.get_or_insert(found);
            same_count(&label, wanted, found)?;
            arrays.push(array);
        }
        let count = count.unwrap_or_default();
        let pixels = rows(arrays, &self.inputs, count)?;
        let shape = sample_shape(&self.inputs);
        if let [_] = self.outputs.as_slice() {
            let (label, y) = archive.array(&format!("y_{split}"))?;
            let sizes = y.shape.clone();
            let Some(labels) = Labels::new(floats(y.values), &sizes, count, MAX_CLASSES) else {
                let expected = format!("{count} labels, one for each sample");
                return Err(RuntimeError::mismatch(
                    label,
                    expected,
                    format!("the shape {}", tuple(&sizes)),
                ));
            };
            return Ok(Half {
                shape,
                pixels,
                labels: Some(labels),
                targets: None,
                count,
            });
        }
        let mut targets = Vec::new();
        for port in &self.outputs {
            let (label, array) = archive.array(&format!("{}_{split}", port.name))?;
            same_count(&label, count, array.shape.first().copied().unwrap_or_default())?;
            targets.push(target(&label, array, &port.shape, count)?);
        }
        let values = interleaved(&targets, &self.outputs, count)?;
        Ok(Half {
            shape,
            pixels,
            labels: None,
            targets: Some(Targets {
                shape: sample_shape(&self.outputs),
                values,
            }),
            count,
        })
    }

    /// The targets of all outputs, of a table that has a column for each, in order: numbers, or the numbers of classes where an
    /// output tells classes apart.
    ///
    /// # Errors
    /// When a number is of no class, or there is no memory for them.
    pub fn of_columns(&self, columns: &[String], targets: &Targets) -> Result<Targets> {
        let width = columns.len().max(1);
        let count = targets.values.len() / width;
        let mut made = Vec::new();
        for ((place, column), port) in columns.iter().enumerate().zip(&self.outputs) {
            let values = targets.values.iter().skip(place).step_by(width).copied().collect();
            let array = Array {
                shape: vec![count],
                values: Values::Floats(values),
                kind: "<f4".to_owned(),
            };
            made.push(target(&format!("column {column}"), array, &port.shape, count)?);
        }
        Ok(Targets {
            shape: sample_shape(&self.outputs),
            values: interleaved(&made, &self.outputs, count)?,
        })
    }

    /// Reads samples without labels from an archive with an array for each input.
    pub(super) fn read_inputs(&self, archive: &mut impl Arrays) -> Result<(Pixels, usize)> {
        let mut arrays = Vec::new();
        let mut count = None;
        for (port, name) in self.inputs.iter().zip(self.input_names()) {
            if !archive.has(name) {
                let expected = format!("the arrays {}", self.input_names().join(", "));
                return Err(RuntimeError::mismatch(archive.file(), expected, archive.listed()));
            }
            let (label, array) = archive.array(name)?;
            let found = samples(&label, &array, &port.shape)?;
            let wanted = *count.get_or_insert(found);
            same_count(&label, wanted, found)?;
            arrays.push(array);
        }
        let count = count.unwrap_or_default();
        Ok((rows(arrays, &self.inputs, count)?, count))
    }
}

/// The names of the arrays of ports: `only` where there is a single port.
fn name_of<'a>(ports: &'a [Port], only: &'static str) -> Vec<&'a str> {
    match ports {
        [_] | [] => vec![only],
        several => several.iter().map(|port| port.name.as_str()).collect(),
    }
}

/// A split whose labels have been read but may still be class numbers or targets.
struct Half {
    shape: Shape,
    pixels: Pixels,
    labels: Option<Labels>,
    targets: Option<Targets>,
    count: usize,
}

impl Half {
    fn read(self, as_classes: bool) -> Split {
        let (labels, targets) = match self.labels {
            Some(labels) => {
                let of = labels.read(as_classes);
                (of.labels, of.targets.map(|(shape, values)| Targets { shape, values }))
            }
            None => (vec![0; self.count], self.targets),
        };
        Split {
            shape: self.shape,
            pixels: self.pixels,
            labels,
            targets,
        }
    }
}

/// The shape of a sample: that of a single port, else a row with the values of all ports.
fn sample_shape(ports: &[Port]) -> Shape {
    match ports {
        [only] => only.shape.clone(),
        several => Shape::flat(several.iter().map(|port| port.shape.elements()).sum()),
    }
}

fn same_count(label: &str, wanted: usize, found: usize) -> Result<()> {
    if wanted == found {
        return Ok(());
    }
    Err(RuntimeError::mismatch(
        label,
        format!("{wanted} samples, as in the other arrays"),
        found.to_string(),
    ))
}

/// How many samples of this shape an array holds; an error where it holds something else.
fn samples(label: &str, array: &Array, shape: &Shape) -> Result<usize> {
    let found = array
        .shape
        .split_first()
        .filter(|(count, sizes)| **count > 0 && is_of(sizes, shape));
    found.map(|(&count, _)| count).ok_or_else(|| {
        let expected = format!("samples of {}, as the network takes them", tuple(shape.sizes()));
        RuntimeError::mismatch(label, expected, format!("the shape {}", tuple(&array.shape)))
    })
}

/// Whether `sizes`, an array's without the first, suit a shape: the same sizes, a row of as many values, or a picture without its
/// axis of one channel.
fn is_of(sizes: &[usize], shape: &Shape) -> bool {
    let grey = shape.sizes().split_last().filter(|(channels, _)| **channels == 1);
    let single = shape.elements() == 1 && sizes.is_empty();
    single
        || (!sizes.is_empty() && takes(shape, &Shape::new(sizes.to_vec())))
        || grey.is_some_and(|(_, rest)| rest == sizes)
}

/// The values of all inputs, sample after sample; as bytes where all arrays are.
fn rows(arrays: Vec<Array>, ports: &[Port], count: usize) -> Result<Pixels> {
    if let [_] = ports {
        let only = arrays.into_iter().next().map(|array| array.values);
        return Ok(match only {
            Some(Values::Bytes(bytes)) => Pixels::Bytes(bytes),
            Some(values) => Pixels::Floats(floats(values)),
            None => Pixels::Floats(Vec::new()),
        });
    }
    let bytes: Option<Vec<&[u8]>> = (arrays.iter())
        .map(|array| match &array.values {
            Values::Bytes(bytes) => Some(bytes.as_slice()),
            Values::Floats(_) | Values::Integers(_) => None,
        })
        .collect();
    if let Some(bytes) = bytes {
        return Ok(Pixels::Bytes(interleaved(&bytes, ports, count)?));
    }
    let scaled = |array: Array| match array.values {
        Values::Bytes(bytes) => bytes.into_iter().map(|byte| f32::from(byte) / 255.0).collect(),
        values @ (Values::Floats(_) | Values::Integers(_)) => floats(values),
    };
    let arrays: Vec<Vec<f32>> = arrays.into_iter().map(scaled).collect();
    Ok(Pixels::Floats(interleaved(&arrays, ports, count)?))
}

/// The values as floats, without scaling: only pixels are scaled.
fn floats(values: Values) -> Vec<f32> {
    match values {
        Values::Bytes(bytes) => bytes.into_iter().map(f32::from).collect(),
        Values::Integers(integers) => integers.into_iter().map(|value| value as f32).collect(),
        Values::Floats(floats) => floats,
    }
}

/// The values of each port, sample after sample.
fn interleaved<T: Copy, A: AsRef<[T]>>(arrays: &[A], ports: &[Port], count: usize) -> Result<Vec<T>> {
    let width: usize = ports.iter().map(|port| port.shape.elements()).sum();
    let mut values = Vec::new();
    reserve(&mut values, width.saturating_mul(count))?;
    for sample in 0..count {
        for (array, port) in arrays.iter().zip(ports) {
            let each = port.shape.elements();
            let row = array.as_ref().get(sample * each..(sample + 1) * each);
            values.extend_from_slice(row.unwrap_or_default());
        }
    }
    Ok(values)
}

fn reserve<T>(values: &mut Vec<T>, count: usize) -> Result<()> {
    let bytes = (count as u64).saturating_mul(size_of::<T>() as u64);
    let fits = crate::memory::available().is_none_or(|available| bytes <= available);
    if fits && values.try_reserve_exact(count).is_ok() {
        return Ok(());
    }
    Err(RuntimeError::mismatch(
        "the data set",
        "samples that memory has room for",
        format!("{count} numbers"),
    ))
}

/// The targets of an output: values of its shape, or a class number for each position, which becomes a one-hot row.
fn target(label: &str, array: Array, shape: &Shape, count: usize) -> Result<Vec<f32>> {
    let sizes = array.shape.get(1..).unwrap_or_default().to_vec();
    let (channels, positions) = (shape.channels(), shape.positions());
    if is_of(&sizes, shape) {
        return Ok(floats(array.values));
    }
    let expected = || format!("targets of {}, or the numbers of classes", tuple(shape.sizes()));
    let places: &[usize] = shape.sizes().split_last().map_or(&[], |(_, places)| places);
    let one_each = sizes.iter().product::<usize>() == positions
        && (sizes == places || sizes.strip_suffix(&[1]).is_some_and(|sizes| sizes == places));
    if !one_each {
        return Err(RuntimeError::mismatch(
            label,
            expected(),
            format!("the shape {}", tuple(&array.shape)),
        ));
    }
    let mut values = Vec::new();
    reserve(&mut values, shape.elements().saturating_mul(count))?;
    for number in floats(array.values) {
        if number < 0.0 || number.fract() != 0.0 || number >= channels as f32 {
            let expected = format!(
                "numbers of classes from 0 to {}, as the network has {channels} outputs",
                channels - 1
            );
            return Err(RuntimeError::mismatch(label, expected, number.to_string()));
        }
        let class = number as usize;
        values.extend((0..channels).map(|channel| f32::from(u8::from(channel == class))));
    }
    Ok(values)
}
