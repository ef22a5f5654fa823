//! What `predict` takes: an `.npy` array or a picture.

use super::archive::Archive;
use super::ends::Ends;
use super::npy::tuple;
use super::npy::{self, Values};
use super::picture::{self, Form, Reading};
use super::samples::Pixels;
use super::source::Source;
use crate::error::{Result, RuntimeError};
use crate::open;
use compiler::shape::Shape;
use std::io::{BufRead, BufReader, Cursor};
use std::path::Path;

/// Samples to predict, which have no labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// All samples, one after another, row-major; [`Pixels::Bytes`] are still to be divided by 255.
    pub pixels: Pixels,
    /// The number of samples.
    pub count: usize,
}

/// Reads the samples of a file for a network whose input has this shape.
///
/// An `.npy` file holds `uint8` (scaled by 1/255), `float32` or `float64` (as they are) in the shape of one sample or
/// with the number of samples before it; where the network takes one channel, the last axis may be left out.
///
/// A PNG, JPEG, WebP or BMP picture is one sample, read as on paper ([`Reading::Paper`]). One channel takes the luma of
/// ITU-R BT.601, as Keras's `color_mode="grayscale"` does, three channels take red, green and blue, four opacity too.
/// Nothing is inverted: MNIST's digits are white on black, and so must be the picture of a digit. A photograph's EXIF
/// orientation is not applied, as in Keras.
///
/// # Errors
/// When the file cannot be read, is of neither kind, or does not hold samples of this shape.
pub fn load_inputs(path: &Path, shape: &Shape) -> Result<Inputs> {
    load_inputs_as(path, shape, Reading::Paper)
}

/// As [`load_inputs`], with pictures read in the same way as the network's training pictures.
///
/// # Errors
/// As [`load_inputs`].
pub fn load_inputs_as(path: &Path, shape: &Shape, reading: Reading) -> Result<Inputs> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    if path.is_dir() {
        return Err(RuntimeError::mismatch(path.display().to_string(), "a file", "a folder"));
    }
    let (file, _) = open::file(path).map_err(refused)?;
    let mut file = BufReader::new(file);
    let is_npy = file.fill_buf().map_err(refused)?.starts_with(b"\x93NUMPY");
    if is_npy
        || path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
    {
        return read_array(Source::open(path)?, shape);
    }
    let file = path.display().to_string();
    let bytes = picture::read_file(path).map_err(|cause| not_whole(&file, &cause))?;
    picture_inputs(&file, &bytes, shape, reading)
}

/// Reads an `.npz` archive that holds an array for each input of a network, by the input's name.
///
/// # Errors
/// When the file cannot be read, or an array does not have its input's shape or the same number of samples as the others.
pub fn load_inputs_of(path: &Path, ends: &Ends) -> Result<Inputs> {
    let (pixels, count) = ends.read_inputs(&mut Archive::open(path)?)?;
    Ok(Inputs { pixels, count })
}

/// As [`load_inputs_of`], from an archive in memory, which messages call `file` and which unpacks to at most `most` bytes.
///
/// # Errors
/// As [`load_inputs_of`], and when there is more in it.
pub fn archive_inputs(file: &str, bytes: &[u8], ends: &Ends, most: u64) -> Result<Inputs> {
    let mut archive = Archive::new(file, Cursor::new(bytes))?;
    let unpacked = archive.unpacked();
    if unpacked > most {
        let expected = format!("an archive that unpacks to at most {most} bytes");
        return Err(RuntimeError::mismatch(file, expected, unpacked.to_string()));
    }
    let (pixels, count) = ends.read_inputs(&mut archive)?;
    Ok(Inputs { pixels, count })
}

/// The samples of an `.npy` array in memory, which messages call `file`.
///
/// # Errors
/// When the bytes are no such array, or it has samples of another shape.
pub fn array_inputs(file: &str, bytes: &[u8], shape: &Shape) -> Result<Inputs> {
    read_array(
        Source::entry(file, bytes, bytes.len() as u64, bytes.len() as u64),
        shape,
    )
}

/// Reads the samples in an `.npy` file.
pub(super) fn read_array(source: Source, shape: &Shape) -> Result<Inputs> {
    let file = source.file().to_owned();
    let array = npy::read(source)?;
    let sizes = shape.sizes();
    // The forms of one sample: its own, and without the channel axis where that is 1.
    let bare = sizes
        .split_last()
        .filter(|(channels, rest)| **channels == 1 && !rest.is_empty())
        .map(|(_, rest)| rest);
    let forms = [Some(sizes), bare];
    let mut forms = forms.into_iter().flatten();
    let count = forms.find_map(|form| match array.shape.split_first() {
        _ if array.shape == form => Some(1),
        Some((&count, rest)) if rest == form => Some(count),
        Some(_) | None => None,
    });
    let Some(count) = count else {
        let expected = format!("samples of {}, as the network takes them", tuple(sizes));
        return Err(RuntimeError::mismatch(
            file,
            expected,
            format!("the shape {}", tuple(&array.shape)),
        ));
    };
    if count == 0 {
        return Err(RuntimeError::mismatch(
            file,
            "at least one sample",
            format!("the shape {}", tuple(&array.shape)),
        ));
    }
    let pixels = match array.values {
        Values::Bytes(bytes) => Pixels::Bytes(bytes),
        Values::Floats(floats) => Pixels::Floats(floats),
        Values::Integers(_) => {
            return Err(RuntimeError::mismatch(
                file,
                "uint8, float32 or float64",
                format!("'{}'", array.kind),
            ));
        }
    };
    Ok(Inputs { pixels, count })
}

/// The one sample that a picture in memory is; error messages call it `file`.
///
/// # Errors
/// When the bytes are not a picture, or the network does not take pictures.
pub fn picture_inputs(file: &str, bytes: &[u8], shape: &Shape, reading: Reading) -> Result<Inputs> {
    let Some(form) = Form::of(shape) else {
        let expected = format!(
            "an .npy file, as the network takes {} and pictures have 1, 3 or 4 channels",
            tuple(shape.sizes())
        );
        return Err(RuntimeError::mismatch(file, expected, "another file"));
    };
    let sample = picture::sample(bytes, form, reading).map_err(|cause| not_whole(file, &cause))?;
    Ok(Inputs {
        pixels: sample,
        count: 1,
    })
}

fn not_whole(file: &str, cause: &str) -> RuntimeError {
    RuntimeError::mismatch(
        file,
        "a whole .npy, PNG, JPEG, WebP or BMP file",
        format!("\"{cause}\""),
    )
}
