//! Writes variables to safetensors files.

use super::tensor::{Lent, NamedTensor};
use crate::data::words::hex;
use crate::error::{Result, RuntimeError};
use crate::files;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

/// How many bytes are collected before they are written.
const BLOCK: usize = 32 << 10;

/// Writes variables to a file that appears whole or not at all, and returns the sha256 of the file in hex. The same variables and
/// metadata give the same bytes, in whatever order they come.
///
/// # Errors
/// When a name comes twice, a shape does not match the number of values, or the file cannot be written.
pub fn save(path: &Path, tensors: &[NamedTensor], metadata: &BTreeMap<String, String>) -> Result<String> {
    let tensors = tensors.iter().map(Lent::from).collect();
    let encoded = Encoded::new(&path.display().to_string(), tensors, metadata)?;
    let mut sum = String::new();
    files::write_atomically(path, |out| {
        sum = encoded.write(out)?;
        Ok(())
    })?;
    Ok(sum)
}

/// Variables in the order in which a file holds them, with that file's header.
///
/// The header is written here and not by the safetensors crate, which keeps metadata in a `HashMap`: two entries
/// would come in any order.
pub(crate) struct Encoded<'a> {
    header: String,
    tensors: Vec<Lent<'a>>,
}

impl<'a> Encoded<'a> {
    /// Sorts the variables and builds the header; error messages call the file `file`.
    ///
    /// # Errors
    /// When a name comes twice, or a shape does not match the number of values.
    pub fn new(file: &str, mut tensors: Vec<Lent<'a>>, metadata: &BTreeMap<String, String>) -> Result<Self> {
        tensors.sort_by(|left, right| left.name.cmp(&right.name));
        let mut entries = Vec::with_capacity(tensors.len() + 1);
        if !metadata.is_empty() {
            entries.push(format!("\"__metadata__\":{}", serde_json::json!(metadata)));
        }
        let mut offset = 0;
        let mut previous = None;
        for Lent { name, shape, values } in &tensors {
            let count = values.count();
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
                != Some(count)
            {
                return Err(RuntimeError::mismatch(
                    file,
                    format!("values for {name} {shape:?}"),
                    count.to_string(),
                ));
            }
            let end = offset + count * 4;
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
        Ok(Self { header, tensors })
    }

    /// Writes the file's bytes and returns their sha256 in hex.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<String> {
        let mut hash = Sha256::new();
        let mut put = |bytes: &[u8]| {
            hash.update(bytes);
            out.write_all(bytes)
        };
        put(&(self.header.len() as u64).to_le_bytes())?;
        put(self.header.as_bytes())?;
        let mut block = Vec::with_capacity(BLOCK);
        for tensor in &self.tensors {
            tensor.values.each(|values| {
                for values in values.chunks(BLOCK / 8) {
                    if block.len() > BLOCK / 2 {
                        put(&block)?;
                        block.clear();
                    }
                    block.extend(values.iter().flat_map(|value| value.to_le_bytes()));
                }
                Ok::<_, io::Error>(())
            })?;
        }
        put(&block)?;
        Ok(hex(&hash.finalize()))
    }

    /// The sha256 of the file's bytes in hex, without writing them.
    pub fn sha256(&self) -> io::Result<String> {
        self.write(&mut io::sink())
    }
}
