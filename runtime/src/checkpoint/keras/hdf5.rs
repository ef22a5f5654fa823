//! What is asked of an HDF5 file here: groups by path, texts in attributes, arrays of float32. The file is read where it is
//! asked, not as a whole; sizes are compared with what is expected before anything of that size is made.

use crate::error::{Result, RuntimeError};
use crate::open;
use hdf5_pure::{AttrValue, DType, Dataset, File, Group, ReadSeekSource};
use std::io::{Read, Seek};
use std::path::Path;

/// An HDF5 file that is open for reading.
pub struct Hdf5 {
    name: String,
    root: Group,
}

impl Hdf5 {
    /// Opens a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no HDF5 file.
    pub fn open(path: &Path) -> Result<Self> {
        let (file, _) = open::file(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
        Self::read(path.display().to_string(), file)
    }

    /// Reads a file that is open, or in memory; error messages call it `name`.
    ///
    /// # Errors
    /// When it is no HDF5 file.
    pub fn read(name: String, from: impl Read + Seek + Send + Sync + 'static) -> Result<Self> {
        let source = ReadSeekSource::new(from).map_err(|error| broken(&name, &error))?;
        let opened = File::from_source(source).map_err(|error| broken(&name, &error))?;
        Ok(Self {
            root: opened.root(),
            name,
        })
    }

    /// The strings in an attribute of the root group; `None` where the file has no such attribute.
    ///
    /// # Errors
    /// When the attribute holds something other than strings.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        self.group("")?.texts(name)
    }

    /// What error messages call the file.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The group at this path from the root; the root itself where the path is empty.
    pub(super) fn group(&self, path: &str) -> Result<Node> {
        let group = if path.is_empty() {
            self.root.clone()
        } else {
            self.root
                .group(path)
                .map_err(|error| broken(&format!("{}: {path}", self.name), &error))?
        };
        Ok(Node {
            file: self.name.clone(),
            path: path.to_owned(),
            group,
        })
    }
}

/// A group of a file.
pub(super) struct Node {
    file: String,
    path: String,
    group: Group,
}

impl Node {
    /// What error messages call the group: the file's name and the path.
    pub(super) fn label(&self) -> String {
        if self.path.is_empty() {
            self.file.clone()
        } else {
            format!("{}: {}", self.file, self.path)
        }
    }

    fn below(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}/{name}", self.path)
        }
    }

    /// The names of the groups directly in it.
    pub(super) fn groups(&self) -> Result<Vec<String>> {
        self.group.groups().map_err(|error| broken(&self.label(), &error))
    }

    /// The names of the arrays directly in it.
    pub(super) fn arrays(&self) -> Result<Vec<String>> {
        self.group.datasets().map_err(|error| broken(&self.label(), &error))
    }

    /// A group directly in it.
    pub(super) fn group(&self, name: &str) -> Result<Self> {
        let path = self.below(name);
        let group = self
            .group
            .group(name)
            .map_err(|error| broken(&format!("{}: {path}", self.file), &error))?;
        Ok(Self {
            file: self.file.clone(),
            path,
            group,
        })
    }

    /// The strings in an attribute, which Keras splits over `NAME0`, `NAME1` where they are many; `None` without such an
    /// attribute.
    pub(super) fn texts(&self, name: &str) -> Result<Option<Vec<String>>> {
        let attributes = self.group.attrs().map_err(|error| broken(&self.label(), &error))?;
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
        if let Some(texts) = texts(value) {
            return Ok(texts);
        }
        let file = format!("{} @{name}", self.label());
        Err(RuntimeError::mismatch(file, "texts", "values of another type"))
    }

    /// The values of an array, row-major; an error where it has another shape.
    pub(super) fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let label = format!("{}: {}", self.file, self.below(name));
        let array = self.group.dataset(name).map_err(|error| broken(&label, &error))?;
        let found = array.shape().map_err(|error| broken(&label, &error))?;
        let wanted: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
        if found != wanted {
            return Err(RuntimeError::mismatch(
                label,
                format!("the shape {shape:?}"),
                format!("{found:?}"),
            ));
        }
        if !fits(&array, &wanted).map_err(|error| broken(&label, &error))? {
            let expected = "float32 numbers, in pieces no larger than the array";
            return Err(RuntimeError::mismatch(label, expected, "others"));
        }
        let values = array.read_f32().map_err(|error| broken(&label, &error))?;
        if values.len() == shape.iter().product::<usize>() {
            return Ok(values);
        }
        let found = values.len().to_string();
        Err(RuntimeError::mismatch(
            label,
            format!("as many numbers as {shape:?}"),
            found,
        ))
    }
}

/// Whether it is of float32, or one whole number as Normalization counts, and none of its pieces, which are unpacked as a whole, is larger than it is.
fn fits(array: &Dataset, shape: &[u64]) -> std::result::Result<bool, hdf5_pure::Error> {
    let pieces = array.chunk_shape()?;
    let small = pieces.is_none_or(|piece| piece.iter().zip(shape).all(|(piece, whole)| piece <= whole));
    let kind = array.dtype()?;
    let counts = shape.is_empty() && matches!(kind, DType::I32 | DType::I64);
    Ok(small && (kind == DType::F32 || counts))
}

/// An attribute's texts. An empty list of them is written as one of numbers.
fn texts(value: &AttrValue) -> Option<Vec<String>> {
    if let AttrValue::F64Array(numbers) = value {
        return numbers.is_empty().then(Vec::new);
    }
    if let Some(text) = value.as_str() {
        return Some(vec![text.to_owned()]);
    }
    value.as_strings().map(<[String]>::to_vec)
}

fn broken(label: &str, error: &impl std::fmt::Display) -> RuntimeError {
    RuntimeError::mismatch(label, "a whole HDF5 file of Keras's", format!("\"{error}\""))
}
