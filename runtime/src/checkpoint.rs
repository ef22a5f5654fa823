//! Weights in safetensors files: every variable as `LAYER.VARIABLE`, float32, in Keras's shape. Optimizer state uses
//! the same functions.

use crate::data::hex;
use crate::error::{Result, RuntimeError};
use crate::files;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

/// A named variable on its way to or from a file: name, shape, values.
pub type NamedTensor = (String, Vec<usize>, Vec<f32>);

/// A variable's values.
#[derive(Debug, Clone, PartialEq)]
pub struct Tensor {
    /// Its sizes.
    pub shape: Vec<usize>,
    /// Its values, row-major.
    pub values: Vec<f32>,
}

/// What a file of weights has otherwise than a network needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VariableMismatch {
    /// The network's, that the file lacks: name and shape.
    pub missing: Vec<(String, Vec<usize>)>,
    /// The file's, that the network lacks: name and shape.
    pub surplus: Vec<(String, Vec<usize>)>,
    /// Those of another shape: name, the network's shape, the file's.
    pub differing: Vec<(String, Vec<usize>, Vec<usize>)>,
}

/// Writes variables, whole or not at all, and returns the sha256 of the file in hex. The same variables and metadata
/// give the same bytes, in whatever order they come.
///
/// The header is written here and not by the safetensors crate, which keeps metadata in a `HashMap`: two entries
/// would come in any order.
///
/// # Errors
/// When a name comes twice, a shape does not hold as many values, or the file cannot be written.
pub fn save(path: &Path, tensors: &[NamedTensor], metadata: &BTreeMap<String, String>) -> Result<String> {
    let mut sorted: Vec<&NamedTensor> = tensors.iter().collect();
    sorted.sort_by(|(left, ..), (right, ..)| left.cmp(right));
    let file = path.display().to_string();
    let mut entries = Vec::with_capacity(sorted.len() + 1);
    if !metadata.is_empty() {
        entries.push(format!("\"__metadata__\":{}", serde_json::json!(metadata)));
    }
    let mut offset = 0;
    let mut previous = None;
    for (name, shape, values) in &sorted {
        if previous == Some(name) || name == "__metadata__" {
            return Err(RuntimeError::mismatch(file, "each variable once", format!("another {name}")));
        }
        previous = Some(name);
        if shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size)) != Some(values.len()) {
            return Err(RuntimeError::mismatch(file, format!("values for {name} {shape:?}"), values.len().to_string()));
        }
        let end = offset + values.len() * 4;
        let name = serde_json::json!(name);
        entries.push(format!("{name}:{}", serde_json::json!({"dtype": "F32", "shape": shape, "data_offsets": [offset, end]})));
        offset = end;
    }
    let mut header = format!("{{{}}}", entries.join(","));
    // The values begin at a multiple of 8 bytes.
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));

    let mut hash = Sha256::new();
    files::write_atomically(path, |out| {
        let mut put = |bytes: &[u8]| {
            hash.update(bytes);
            out.write_all(bytes)
        };
        put(&(header.len() as u64).to_le_bytes())?;
        put(header.as_bytes())?;
        let mut block = Vec::with_capacity(4 * 4096);
        for values in sorted.iter().flat_map(|(_, _, values)| values.chunks(4096)) {
            block.clear();
            block.extend(values.iter().flat_map(|value| value.to_le_bytes()));
            put(&block)?;
        }
        Ok(())
    })?;
    Ok(hex(&hash.finalize()))
}

/// Reads all variables of a file by their names.
///
/// # Errors
/// When the file cannot be read, is not a safetensors file, or holds something else than float32.
pub fn load(path: &Path) -> Result<BTreeMap<String, Tensor>> {
    let bytes = fs::read(path).map_err(|cause| RuntimeError::file("read", path, cause))?;
    parse(&path.display().to_string(), &bytes)
}

/// As `load`, from memory; messages call it `file`.
pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    check_header(file, bytes)?;
    let broken = |error| RuntimeError::mismatch(file, "a whole safetensors file", format!("\"{error}\""));
    let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
    let read = tensors.iter().map(|(name, view)| {
        if view.dtype() != Dtype::F32 {
            return Err(RuntimeError::mismatch(file, format!("float32 in {name}"), view.dtype().to_string()));
        }
        let values = view.data().as_chunks().0.iter().map(|&word| f32::from_le_bytes(word)).collect();
        Ok((name.to_owned(), Tensor { shape: view.shape().to_vec(), values }))
    });
    read.collect()
}

/// Checks what the safetensors crate adds up unchecked: the header lies in the file, and so does every variable.
fn check_header(file: &str, bytes: &[u8]) -> Result<()> {
    #[derive(Deserialize)]
    struct Place {
        data_offsets: [u64; 2],
    }
    let wrong = |offset, expected: &str, found: String| Err(RuntimeError::malformed(file, offset, expected, found));
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return wrong(0, "the 8 bytes of a safetensors header's length", format!("{} bytes", bytes.len()));
    };
    let length = u64::from_le_bytes(*length);
    let Some((header, values)) = usize::try_from(length).ok().and_then(|length| rest.split_at_checked(length)) else {
        return wrong(0, &format!("a header of at most {} bytes, the rest of the file", rest.len()), length.to_string());
    };
    let entries: BTreeMap<String, &RawValue> = match serde_json::from_slice(header) {
        Ok(entries) => entries,
        Err(error) => return wrong(8, "a JSON header", format!("\"{error}\"")),
    };
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "__metadata__") {
        let Place { data_offsets: [start, end] } = match serde_json::from_str(entry.get()) {
            Ok(place) => place,
            Err(error) => return wrong(8, &format!("where {name} lies"), format!("\"{error}\"")),
        };
        if start > end || end > values.len() as u64 {
            let expected = format!("{name} within the {} bytes of values", values.len());
            return wrong(8, &expected, format!("{start} to {end}"));
        }
    }
    Ok(())
}

/// The values of `expected` (names and shapes) in its order.
///
/// # Errors
/// One that lists all that is missing, surplus and of another shape.
pub fn match_variables(
    mut tensors: BTreeMap<String, Tensor>,
    expected: &[(String, Vec<usize>)],
) -> Result<Vec<Vec<f32>>> {
    let mut mismatch = VariableMismatch { missing: Vec::new(), surplus: Vec::new(), differing: Vec::new() };
    let mut values = Vec::with_capacity(expected.len());
    for (name, shape) in expected {
        match tensors.remove(name) {
            Some(tensor) if tensor.shape == *shape => values.push(tensor.values),
            Some(tensor) => mismatch.differing.push((name.clone(), shape.clone(), tensor.shape)),
            None => mismatch.missing.push((name.clone(), shape.clone())),
        }
    }
    mismatch.surplus = tensors.into_iter().map(|(name, tensor)| (name, tensor.shape)).collect();
    if mismatch.missing.is_empty() && mismatch.surplus.is_empty() && mismatch.differing.is_empty() {
        Ok(values)
    } else {
        Err(RuntimeError::Variables(mismatch))
    }
}

/// A line for each variable.
impl fmt::Display for VariableMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the weights are of another network")?;
        for (name, network, file) in &self.differing {
            write!(f, "\n  {name} has the shape {file:?}, the network needs {network:?}")?;
        }
        for (name, shape) in &self.missing {
            write!(f, "\n  {name} {shape:?} is missing")?;
        }
        for (name, shape) in &self.surplus {
            write!(f, "\n  {name} {shape:?} is not in the network")?;
        }
        Ok(())
    }
}
