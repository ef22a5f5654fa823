//! What is asked of an HDF5 file here: texts in attributes, groups, arrays of float32. Sizes are compared with what is expected
//! before anything of that size is made.

use crate::session::{Error, Result};
use hdf5_pure::{AttrValue, DType, Dataset, File, Group, ReadSeekSource};
use std::io::{Read, Seek};

/// A group, and what messages call it.
pub struct Node {
    group: Group,
    path: String,
}

/// Opens a file at its root.
pub fn open(file: impl Read + Seek + Send + Sync + 'static) -> Result<Node> {
    let source = ReadSeekSource::new(file).map_err(|error| broken("", &error))?;
    let file = File::from_source(source).map_err(|error| broken("", &error))?;
    Ok(Node {
        group: file.root(),
        path: String::new(),
    })
}

impl Node {
    /// What messages call it.
    pub fn label(&self) -> &str {
        if self.path.is_empty() {
            "the file's root"
        } else {
            &self.path
        }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.path)
        }
    }

    /// The names of the groups in it.
    pub fn groups(&self) -> Result<Vec<String>> {
        self.group.groups().map_err(|error| broken(&self.path, &error))
    }

    /// The names of the arrays in it.
    pub fn arrays(&self) -> Result<Vec<String>> {
        self.group.datasets().map_err(|error| broken(&self.path, &error))
    }

    /// The group behind a path of names.
    pub fn group(&self, name: &str) -> Result<Self> {
        let path = self.below(name);
        let mut group = self.group.clone();
        for part in name.split('/').filter(|part| !part.is_empty()) {
            group = group.group(part).map_err(|error| broken(&path, &error))?;
        }
        Ok(Self { group, path })
    }

    /// The texts of an attribute; where they are many, Keras splits them over `NAME0`, `NAME1`. None where there is none.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let attributes = self.group.attrs().map_err(|error| broken(&self.path, &error))?;
        if let Some(value) = attributes.get(name) {
            return self.as_texts(name, value).map(Some);
        }
        let mut all = Vec::new();
        for part in 0.. {
            let Some(value) = attributes.get(&format!("{name}{part}")) else {
                break;
            };
            all.extend(self.as_texts(name, value)?);
        }
        Ok((!all.is_empty()).then_some(all))
    }

    fn as_texts(&self, name: &str, value: &AttrValue) -> Result<Vec<String>> {
        // An empty list of texts is written as one of numbers.
        if matches!(value, AttrValue::F64Array(numbers) if numbers.is_empty()) {
            return Ok(Vec::new());
        }
        if let Some(text) = value.as_str() {
            return Ok(vec![text.to_owned()]);
        }
        let texts = value.as_strings().map(<[String]>::to_vec);
        texts.ok_or_else(|| Error::message(format!("{}: the attribute {name} holds no texts", self.label())))
    }

    /// The numbers of an array of this shape.
    pub fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let label = self.below(name);
        let (inner, own) = name.rsplit_once('/').unwrap_or(("", name));
        let node = self.group(inner)?;
        let array = node.group.dataset(own).map_err(|error| broken(&label, &error))?;
        let found = array.shape().map_err(|error| broken(&label, &error))?;
        let wanted: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
        if found != wanted {
            return Err(Error::message(format!(
                "{label} has the shape {found:?}; the network's variable has {wanted:?}"
            )));
        }
        if !fits(&array, &wanted).map_err(|error| broken(&label, &error))? {
            return Err(Error::message(format!(
                "{label} does not hold float32 numbers as Keras writes them"
            )));
        }
        let values = array.read_f32().map_err(|error| broken(&label, &error))?;
        if values.len() == shape.iter().product::<usize>() {
            return Ok(values);
        }
        Err(Error::message(format!(
            "{label} holds {} numbers; {} are needed",
            values.len(),
            shape.iter().product::<usize>()
        )))
    }
}

/// Whether it is of float32, and none of its pieces, which are unpacked as a whole, is larger than it is.
fn fits(array: &Dataset, shape: &[u64]) -> std::result::Result<bool, hdf5_pure::Error> {
    let pieces = array.chunk_shape()?;
    let small = pieces.is_none_or(|piece| piece.iter().zip(shape).all(|(piece, whole)| piece <= whole));
    Ok(small && array.dtype()? == DType::F32)
}

fn broken(path: &str, error: &impl std::fmt::Display) -> Error {
    let place = if path.is_empty() {
        String::new()
    } else {
        format!("{path}: ")
    };
    Error::message(format!("{place}this is no whole HDF5 file: {error}"))
}
