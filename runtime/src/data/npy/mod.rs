//! NumPy's array files, `.npy` (`numpy/lib/_format_impl.py` has the specification): versions 1 to 3, either byte order,
//! either axis order.
//!
//! npyz writes them. It does not read them here, because it multiplies a header's sizes unchecked and parses headers as any
//! Python literal, recursively: a stranger's file could overflow either. The header that NumPy writes is a dictionary with three
//! known keys, and nothing else is accepted.

mod header;

use super::source::Source;
use crate::error::{Result, RuntimeError};
use crate::files;
use header::Parser;
use npyz::WriterBuilder;
use std::io::{self, Write};
use std::path::Path;

/// An array that was read from a file, turned to row-major order.
pub(crate) struct Array {
    /// The length of each axis; empty for a single number.
    pub(crate) shape: Vec<usize>,
    /// Its elements in row-major order, whatever the order in the file: as many as the product of `shape`.
    pub(crate) values: Values,
    /// The element type as the file declares it, such as `<f4`.
    pub(crate) kind: String,
}

/// The elements, by what they can be used as.
pub(crate) enum Values {
    /// `uint8`: pixels, or labels.
    Bytes(Vec<u8>),
    /// `float32` and `float16`, and `float64` rounded to `float32`; all finite.
    Floats(Vec<f32>),
    /// Every other integer type, and `bool`.
    Integers(Vec<i64>),
}

/// The longest header, in bytes, that NumPy's own loader accepts (`max_header_size`).
const MAX_HEADER: u32 = 10_000;

/// Reads an array; an error where anything follows it.
pub(crate) fn read(mut source: Source) -> Result<Array> {
    let magic: [u8; 6] = source.array("the magic number of .npy files")?;
    if &magic != b"\x93NUMPY" {
        let found = format!("\"{}\"", magic.escape_ascii());
        return Err(RuntimeError::malformed(
            source.file(),
            0,
            "\"\\x93NUMPY\", as .npy files begin",
            found,
        ));
    }
    let [major, minor] = source.array("format version")?;
    let length = match (major, minor) {
        (1, 0) => u32::from(u16::from_le_bytes(source.array("header length")?)),
        (2 | 3, 0) => u32::from_le_bytes(source.array("header length")?),
        _ => {
            return Err(RuntimeError::malformed(
                source.file(),
                6,
                "format version 1.0, 2.0 or 3.0",
                format!("{major}.{minor}"),
            ));
        }
    };
    if length > MAX_HEADER {
        return Err(source.wrong(format!("a header of at most {MAX_HEADER} bytes"), format!("{length}")));
    }
    let start = source.offset();
    let text = source.vec(u64::from(length), "header")?;
    let header = Parser::new(source.file(), start, &text).header()?;
    let element = Element::of(&header.kind).ok_or_else(|| {
        let expected = "elements of an integer type, bool, float16, float32 or float64";
        RuntimeError::malformed(source.file(), start, expected, format!("'{}'", header.kind))
    })?;
    let bytes = header.shape.iter().try_fold(u64::from(element.size), |product, &size| {
        product.checked_mul(size as u64)
    });
    let bytes = bytes.ok_or_else(|| {
        RuntimeError::malformed(
            source.file(),
            start,
            "a shape that fits memory",
            format!("{:?}", header.shape),
        )
    })?;
    let first = source.offset();
    let file = source.file().to_owned();
    let raw = source.vec(bytes, "elements")?;
    source.end()?;
    let values = decode(&file, first, raw, element)?;
    let values = if header.fortran && header.shape.len() > 1 {
        match values {
            Values::Bytes(values) => Values::Bytes(to_row_major(&values, &header.shape)),
            Values::Floats(values) => Values::Floats(to_row_major(&values, &header.shape)),
            Values::Integers(values) => Values::Integers(to_row_major(&values, &header.shape)),
        }
    } else {
        values
    };
    Ok(Array {
        shape: header.shape,
        values,
        kind: header.kind,
    })
}

/// Writes `values` as a little-endian float32 array to a file that appears whole or not at all.
///
/// # Errors
/// When the shape does not match the number of values, or the file cannot be written.
pub fn save_npy(path: &Path, shape: &[usize], values: &[f32]) -> Result<()> {
    fitting(path, shape, values)?;
    files::write_atomically(path, |out| write(out, shape, values))
}

/// Writes named float32 arrays to an `.npz` file that appears whole or not at all.
///
/// # Errors
/// When a shape does not match the number of values, or the file cannot be written.
pub fn save_npz(path: &Path, arrays: &[(&str, Vec<usize>, Vec<f32>)]) -> Result<()> {
    for (_, shape, values) in arrays {
        fitting(path, shape, values)?;
    }
    files::write_atomically(path, |out| {
        let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for (name, shape, values) in arrays {
            archive.start_file(format!("{name}.npy"), options)?;
            let mut bytes = Vec::new();
            write(&mut bytes, shape, values)?;
            archive.write_all(&bytes)?;
        }
        out.write_all(archive.finish()?.get_ref())
    })
}

fn fitting(path: &Path, shape: &[usize], values: &[f32]) -> Result<()> {
    let mut sizes = shape.iter();
    if sizes.try_fold(1_usize, |product, &size| product.checked_mul(size)) == Some(values.len()) {
        return Ok(());
    }
    let expected = format!("values for the shape {shape:?}");
    let found = values.len().to_string();
    Err(RuntimeError::mismatch(path.display().to_string(), expected, found))
}

fn write(out: impl io::Write, shape: &[usize], values: &[f32]) -> io::Result<()> {
    let sizes: Vec<u64> = shape.iter().map(|&size| size as u64).collect();
    let kind = npyz::DType::Plain("<f4".parse().map_err(|_| io::Error::other("no float32"))?);
    let options = npyz::WriteOptions::<f32>::new().dtype(kind).shape(&sizes);
    let mut writer = options.writer(out).begin_nd()?;
    writer.extend(values.iter().copied())?;
    writer.finish()
}

/// How one element is stored in the file.
#[derive(Clone, Copy)]
struct Element {
    /// NumPy's letter for the kind of number: `u`, `i`, `f` or `b`.
    class: u8,
    /// The length of an element in bytes.
    size: u8,
    big_endian: bool,
}

impl Element {
    fn of(kind: &str) -> Option<Self> {
        let &[order, class, size] = kind.as_bytes() else {
            return None;
        };
        let size = size.wrapping_sub(b'0');
        let fits = match class {
            b'u' | b'i' => matches!(size, 1 | 2 | 4 | 8),
            b'f' => matches!(size, 2 | 4 | 8),
            b'b' => size == 1,
            _ => false,
        };
        let big_endian = match order {
            b'<' => false,
            b'>' => true,
            b'|' if size == 1 => false,
            _ => return None,
        };
        fits.then_some(Self {
            class,
            size,
            big_endian,
        })
    }
}

/// A float16 as a float32, which is exact (IEEE 754-2019, binary16).
fn half(bits: u16) -> f32 {
    let sign = if bits & 0x8000 == 0 { 1.0 } else { -1.0 };
    let (exponent, fraction) = (i32::from(bits >> 10 & 0x1F), f32::from(bits & 0x3FF) / 1024.0);
    let magnitude = match exponent {
        0 => fraction * 2.0_f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction) * 2.0_f32.powi(exponent - 15),
    };
    sign * magnitude
}

fn decode(file: &str, first: u64, raw: Vec<u8>, element: Element) -> Result<Values> {
    let Element {
        class,
        size,
        big_endian,
    } = element;
    let at = |index: usize| first + index as u64 * u64::from(size);
    Ok(match (class, size) {
        (b'u', 1) => Values::Bytes(raw),
        (b'b', _) => Values::Integers(raw.into_iter().map(|value| i64::from(value != 0)).collect()),
        (b'f', 2) => {
            let values: Vec<f32> = words(&raw, big_endian, |bytes| half(u16::from_le_bytes(bytes))).collect();
            if let Some((index, value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(RuntimeError::malformed(
                    file,
                    at(index),
                    "a finite number",
                    value.to_string(),
                ));
            }
            Values::Floats(values)
        }
        (b'f', 4) => {
            let values: Vec<f32> = words(&raw, big_endian, f32::from_le_bytes).collect();
            if let Some((index, value)) = values.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                return Err(RuntimeError::malformed(
                    file,
                    at(index),
                    "a finite number",
                    value.to_string(),
                ));
            }
            Values::Floats(values)
        }
        (b'f', _) => {
            let values: Vec<f32> = words(&raw, big_endian, f64::from_le_bytes)
                .map(|value| value as f32)
                .collect();
            if let Some(index) = values.iter().position(|value| !value.is_finite()) {
                let found = words(&raw, big_endian, f64::from_le_bytes)
                    .nth(index)
                    .unwrap_or_default();
                return Err(RuntimeError::malformed(
                    file,
                    at(index),
                    "a finite number that fits float32",
                    format!("{found:e}"),
                ));
            }
            Values::Floats(values)
        }
        (b'u', 8) => {
            let values = words(&raw, big_endian, u64::from_le_bytes)
                .enumerate()
                .map(|(index, value)| {
                    let too_large =
                        |_| RuntimeError::malformed(file, at(index), "a number below 2^63", value.to_string());
                    i64::try_from(value).map_err(too_large)
                });
            Values::Integers(values.collect::<Result<_>>()?)
        }
        (b'u', 2) => Values::Integers(words(&raw, big_endian, u16::from_le_bytes).map(i64::from).collect()),
        (b'u', _) => Values::Integers(words(&raw, big_endian, u32::from_le_bytes).map(i64::from).collect()),
        (_, 1) => Values::Integers(words(&raw, big_endian, i8::from_le_bytes).map(i64::from).collect()),
        (_, 2) => Values::Integers(words(&raw, big_endian, i16::from_le_bytes).map(i64::from).collect()),
        (_, 4) => Values::Integers(words(&raw, big_endian, i32::from_le_bytes).map(i64::from).collect()),
        (_, _) => Values::Integers(words(&raw, big_endian, i64::from_le_bytes).collect()),
    })
}

fn words<const N: usize, T>(raw: &[u8], big_endian: bool, from: fn([u8; N]) -> T) -> impl Iterator<Item = T> {
    raw.as_chunks::<N>().0.iter().map(move |&word| {
        let mut word = word;
        if big_endian {
            word.reverse();
        }
        from(word)
    })
}

/// The elements of a column-major array in row-major order.
fn to_row_major<T: Copy>(values: &[T], shape: &[usize]) -> Vec<T> {
    let mut strides = Vec::with_capacity(shape.len());
    let mut stride = 1;
    for &size in shape {
        strides.push(stride);
        stride *= size;
    }
    let mut result = Vec::with_capacity(values.len());
    let mut index = vec![0; shape.len()];
    let mut at = 0;
    while let Some(&value) = values.get(at) {
        result.push(value);
        if result.len() == values.len() {
            break;
        }
        // Count up, the last axis fastest.
        for ((digit, &size), &stride) in index.iter_mut().zip(shape).zip(&strides).rev() {
            *digit += 1;
            at += stride;
            if *digit < size {
                break;
            }
            at -= stride * size;
            *digit = 0;
        }
    }
    result
}

/// A shape as Python writes it: `(3,)`, `(3, 4)`.
pub(crate) fn tuple(shape: &[usize]) -> String {
    match shape {
        [size] => format!("({size},)"),
        _ => format!(
            "({})",
            shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
        ),
    }
}
