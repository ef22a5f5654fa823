//! Weights in safetensors files: every variable as `LAYER.VARIABLE`, float32, in Keras's shape. Optimizer state uses
//! the same functions.

use crate::data::hex;
use crate::error::{Result, RuntimeError};
use crate::{files, open};
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// The most bytes that a file of weights may have.
const MAX_BYTES: u64 = 1 << 36;

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
            return Err(RuntimeError::mismatch(
                file,
                "each variable once",
                format!("another {name}"),
            ));
        }
        previous = Some(name);
        if shape
            .iter()
            .try_fold(1_usize, |product, &size| product.checked_mul(size))
            != Some(values.len())
        {
            return Err(RuntimeError::mismatch(
                file,
                format!("values for {name} {shape:?}"),
                values.len().to_string(),
            ));
        }
        let end = offset + values.len() * 4;
        let (name, shape) = (serde_json::json!(name), serde_json::json!(shape));
        entries.push(format!(
            "{name}:{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{offset},{end}]}}"
        ));
        offset = end;
    }
    let mut header = format!("{{{}}}", entries.join(","));
    // The values begin at a multiple of 8 bytes.
    header.extend(std::iter::repeat_n(
        ' ',
        header.len().next_multiple_of(8) - header.len(),
    ));

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
    let bytes = open::bytes(path, MAX_BYTES).map_err(|cause| RuntimeError::file("read", path, cause))?;
    parse(&path.display().to_string(), &bytes)
}

/// As `load`, from memory; messages call it `file`.
pub(crate) fn parse(file: &str, bytes: &[u8]) -> Result<BTreeMap<String, Tensor>> {
    check_header(file, bytes)?;
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
        return wrong(
            0,
            "the 8 bytes of a safetensors header's length",
            format!("{} bytes", bytes.len()),
        );
    };
    let length = u64::from_le_bytes(*length);
    let Some((header, values)) = usize::try_from(length)
        .ok()
        .and_then(|length| rest.split_at_checked(length))
    else {
        return wrong(
            0,
            &format!("a header of at most {} bytes, the rest of the file", rest.len()),
            length.to_string(),
        );
    };
    let entries: BTreeMap<String, &RawValue> = match serde_json::from_slice(header) {
        Ok(entries) => entries,
        Err(error) => return wrong(8, "a JSON header", format!("\"{error}\"")),
    };
    for (name, entry) in entries.iter().filter(|(name, _)| *name != "__metadata__") {
        let Place {
            data_offsets: [start, end],
        } = match serde_json::from_str(entry.get()) {
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
    let mut mismatch = VariableMismatch {
        missing: Vec::new(),
        surplus: Vec::new(),
        differing: Vec::new(),
    };
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use safetensors::tensor::TensorView;
    use std::fs;

    fn tensors() -> Vec<NamedTensor> {
        vec![
            (
                "dense.kernel".to_owned(),
                vec![2, 3],
                vec![0.5, -1.0, 2.0, f32::MIN_POSITIVE, 4.0, 5.0],
            ),
            ("conv2d.bias".to_owned(), vec![1], vec![-0.0]),
            ("scalar".to_owned(), vec![], vec![7.0]),
        ]
    }

    fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|&(key, value)| (key.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn variables_come_back_and_the_bytes_are_the_same_in_any_order() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (folder.path().join("1.safetensors"), folder.path().join("2.safetensors"));
        let facts = metadata(&[("epoch", "3"), ("cnnc", "0.1 \"quoted\""), ("a", ""), ("z", "é")]);
        let sum = save(&one, &tensors(), &facts).unwrap();
        let mut backwards = tensors();
        backwards.reverse();
        assert_eq!(save(&other, &backwards, &facts).unwrap(), sum);
        let bytes = fs::read(&one).unwrap();
        assert_eq!(bytes, fs::read(&other).unwrap());
        assert_eq!(hex(&Sha256::digest(&bytes)), sum);
        let loaded = load(&one).unwrap();
        assert_eq!(loaded.len(), 3);
        for (name, shape, values) in tensors() {
            assert_eq!(loaded[&name], Tensor { shape, values });
        }
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let read: BTreeMap<_, _> = header.metadata().clone().unwrap().into_iter().collect();
        assert_eq!(read, facts);
    }

    #[test]
    fn the_bytes_are_those_of_the_reference_library() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        let data: Vec<_> = tensors()
            .into_iter()
            .map(|(name, shape, values)| {
                (
                    name,
                    shape,
                    values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>(),
                )
            })
            .collect();
        for facts in [metadata(&[]), metadata(&[("format", "pt")])] {
            save(&path, &tensors(), &facts).unwrap();
            let info = (!facts.is_empty()).then(|| facts.into_iter().collect());
            let reference = data
                .iter()
                .map(|(name, shape, bytes)| (name.clone(), TensorView::new(Dtype::F32, shape.clone(), bytes).unwrap()));
            assert_eq!(
                fs::read(&path).unwrap(),
                safetensors::serialize(reference, info).unwrap()
            );
        }
    }

    #[test]
    fn what_cannot_be_written_is_refused_and_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        save(&path, &tensors(), &metadata(&[])).unwrap();
        let before = fs::read(&path).unwrap();
        let twice = [tensors(), tensors()].concat();
        let error = save(&path, &twice, &metadata(&[])).unwrap_err().to_string();
        assert!(
            error.ends_with("expected each variable once, found another conv2d.bias"),
            "{error}"
        );
        let short = [("a".to_owned(), vec![2, 2], vec![0.0; 3])];
        let error = save(&path, &short, &metadata(&[])).unwrap_err().to_string();
        assert!(error.ends_with("expected values for a [2, 2], found 3"), "{error}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }

    fn file(header: &str, values: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), values].concat()
    }

    #[test]
    fn hostile_files_are_refused() {
        // Offsets that add up to 2^64 with the header, for which the library's own sum overflows.
        let parts: Vec<String> = (0..8)
            .map(|part: u64| {
                let (start, end) = (part << 61, ((part + 1) << 61).wrapping_sub(u64::from(part == 7)));
                format!(
                    "\"{part}\":{{\"dtype\":\"U8\",\"shape\":[{}],\"data_offsets\":[{start},{end}]}}",
                    end.wrapping_sub(start)
                )
            })
            .collect();
        let overflow = format!("{{{}}}", parts.join(","));
        let cases = [
            (
                vec![1, 2],
                "w: byte 0: expected the 8 bytes of a safetensors header's length, found 2 bytes",
            ),
            (
                u64::MAX.to_le_bytes().to_vec(),
                "w: byte 0: expected a header of at most 0 bytes, the rest of the file, found 18446744073709551615",
            ),
            (file("{}", &[0]), "w: expected a whole safetensors file, found "),
            (file("[", &[]), "w: byte 8: expected a JSON header, found "),
            (
                file(&"[".repeat(100_000), &[]),
                "w: byte 8: expected a JSON header, found ",
            ),
            (
                file(&format!("{{\"a\":{}", "[".repeat(100_000)), &[]),
                "w: byte 8: expected a JSON header, found ",
            ),
            (file("{\"a\":{}}", &[]), "w: byte 8: expected where a lies, found "),
            (
                file(
                    "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
                    &[0; 4],
                ),
                "w: byte 8: expected a within the 4 bytes of values, found 0 to 8",
            ),
            (
                file(
                    "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                    &[0; 8],
                ),
                "w: expected a whole safetensors file, found ",
            ),
            (
                file(
                    "{\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]}}",
                    &[0; 4],
                ),
                "w: expected float32 in a, found F16",
            ),
            (
                file(&overflow, &[]),
                "w: byte 8: expected 0 within the 0 bytes of values, found 0 to 2305843009213693952",
            ),
        ];
        for (bytes, expected) in cases {
            let found = parse("w", &bytes).unwrap_err().to_string();
            assert!(found.starts_with(expected), "{found}");
        }
    }

    #[test]
    fn another_networks_weights_are_listed_in_full() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.safetensors");
        save(&path, &tensors(), &metadata(&[])).unwrap();
        let expected = [
            ("dense.kernel".to_owned(), vec![2, 3]),
            ("scalar".to_owned(), vec![]),
            ("conv2d.bias".to_owned(), vec![1]),
        ];
        let values = match_variables(load(&path).unwrap(), &expected).unwrap();
        assert_eq!(values[1..], [vec![7.0], vec![-0.0]]);
        let other = [
            ("dense.kernel".to_owned(), vec![3, 2]),
            ("dense.bias".to_owned(), vec![3]),
            ("conv2d.bias".to_owned(), vec![1]),
        ];
        let error = match_variables(load(&path).unwrap(), &other).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the weights are of another network\n  dense.kernel has the shape [2, 3], the network needs [3, 2]\n  \
             dense.bias [3] is missing\n  scalar [] is not in the network"
        );
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(
            any in prop::collection::vec(any::<u8>(), 0..64),
            changes in prop::collection::vec((0_usize..96, any::<u8>()), 0..4),
        ) {
            let _ = parse("w", &any);
            let mut bytes = file("{\"a\":{\"dtype\":\"F32\",\"shape\":[2,2],\"data_offsets\":[0,16]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20]}}", &[1; 20]);
            for (at, byte) in changes {
                bytes[at] = byte;
            }
            if let Ok(tensors) = parse("w", &bytes) {
                prop_assert!(tensors.values().all(|tensor| tensor.values.len() == tensor.shape.iter().product::<usize>()));
            }
        }
    }
}
