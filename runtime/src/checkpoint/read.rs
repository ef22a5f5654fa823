//! Reads variables from safetensors files.

use super::matching::match_variables;
use super::mismatch::VariableMismatch;
use super::tensor::Tensor;
use crate::error::{Result, RuntimeError};
use crate::files;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The longest header, in bytes; the safetensors crate's own limit.
const MOST_HEADER: u64 = 100_000_000;

/// Reads all variables of a file, by name.
///
/// # Errors
/// When the file cannot be read, is not a safetensors file, or holds values other than float32.
pub fn load(path: &Path) -> Result<BTreeMap<String, Tensor>> {
    let bytes = files::read_bounded(path, u64::MAX)?;
    parse(&path.display().to_string(), &bytes)
}

/// Reads the variables `expected` (names and shapes), in that order. What the file declares is compared with them before any
/// values are read.
///
/// # Errors
/// As [`load`], and when the file does not hold exactly these variables: that error lists all that are missing, surplus or of
/// another shape.
pub fn load_matching(path: &Path, expected: &[(String, Vec<usize>)]) -> Result<Vec<Vec<f32>>> {
    let file = path.display().to_string();
    let (mut opened, length) = files::open_file(path)?;
    let head = Head::read(&file, &mut opened, length)?;
    let found = head
        .places
        .iter()
        .map(|(name, place)| (name.clone(), place.shape.clone()));
    if let Some(mismatch) = VariableMismatch::of(&found.collect(), expected) {
        return Err(RuntimeError::Variables(mismatch));
    }
    let floats = expected.iter().map(|(_, shape)| shape.iter().product::<usize>() as u64);
    let most = 8 + head.length + 4 * floats.sum::<u64>();
    if length > most {
        return Err(RuntimeError::mismatch(
            file,
            format!("{most} bytes"),
            length.to_string(),
        ));
    }
    match_variables(parse(&file, &files::read_bounded(path, most)?)?, expected)
}

/// As `load`, from bytes in memory; error messages call them `file`.
pub(super) fn parse(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    Ok(parse_with_metadata(file, bytes)?.0)
}

/// As `parse`, with the file's metadata.
pub(crate) fn parse_with_metadata(
    file: &str,
    bytes: &[u8],
) -> Result<(BTreeMap<String, Tensor>, BTreeMap<String, String>)> {
    let head = Head::read(file, &mut &*bytes, bytes.len() as u64)?;
    let broken = |error| RuntimeError::mismatch(file, "a whole safetensors file", format!("\"{error}\""));
    let tensors = SafeTensors::deserialize(bytes).map_err(broken)?;
    let read = tensors.iter().map(|(name, view)| {
        if view.dtype() != Dtype::F32 {
            return Err(RuntimeError::mismatch(
                file,
                format!("float32 in {name}"),
                view.dtype().to_string(),
            ));
        }
        let values = view
            .data()
            .as_chunks()
            .0
            .iter()
            .map(|&word| f32::from_le_bytes(word))
            .collect();
        Ok((
            name.to_owned(),
            Tensor {
                shape: view.shape().to_vec(),
                values,
            },
        ))
    });
    Ok((read.collect::<Result<_>>()?, head.metadata))
}

/// What a file's header declares. It is read here, since the safetensors crate adds up sizes unchecked.
struct Head {
    /// The length of the header itself, in bytes.
    length: u64,
    /// Where each variable's bytes lie; all are within the file.
    places: BTreeMap<String, Place>,
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Place {
    shape: Vec<usize>,
    data_offsets: [u64; 2],
}

impl Head {
    /// Reads the header of a file of `total` bytes.
    fn read(file: &str, from: &mut impl Read, total: u64) -> Result<Self> {
        let wrong = |offset, expected: &str, found: String| Err(RuntimeError::malformed(file, offset, expected, found));
        let mut word = [0; 8];
        if total < 8 || from.read_exact(&mut word).is_err() {
            return wrong(
                0,
                "the 8 bytes of a safetensors header's length",
                format!("{total} bytes"),
            );
        }
        let (length, rest) = (u64::from_le_bytes(word), total - 8);
        if length > rest {
            let expected = format!("a header of at most {rest} bytes, the rest of the file");
            return wrong(0, &expected, length.to_string());
        }
        if length > MOST_HEADER {
            let expected = format!("a header of at most {MOST_HEADER} bytes");
            return wrong(0, &expected, length.to_string());
        }
        let mut header = vec![0; length as usize];
        if let Err(error) = from.read_exact(&mut header) {
            return wrong(8, "a JSON header", format!("\"{error}\""));
        }
        let entries: BTreeMap<String, &RawValue> = match serde_json::from_slice(&header) {
            Ok(entries) => entries,
            Err(error) => return wrong(8, "a JSON header", format!("\"{error}\"")),
        };
        let mut head = Self {
            length,
            places: BTreeMap::new(),
            metadata: BTreeMap::new(),
        };
        for (name, entry) in entries {
            if name == "__metadata__" {
                head.metadata = match serde_json::from_str(entry.get()) {
                    Ok(metadata) => metadata,
                    Err(error) => return wrong(8, "metadata of names and texts", format!("\"{error}\"")),
                };
                continue;
            }
            let place: Place = match serde_json::from_str(entry.get()) {
                Ok(place) => place,
                Err(error) => return wrong(8, &format!("where {name} lies"), format!("\"{error}\"")),
            };
            let [start, end] = place.data_offsets;
            let values = rest - length;
            if start > end || end > values {
                let expected = format!("{name} within the {values} bytes of values");
                return wrong(8, &expected, format!("{start} to {end}"));
            }
            head.places.insert(name, place);
        }
        Ok(head)
    }
}
