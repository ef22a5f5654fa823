//! What `predict` takes: an `.npy` array or a picture.

use super::Pixels;
use super::npy::{self, Values};
use super::npz::tuple;
use super::source::Source;
use crate::error::{Result, RuntimeError};
use compiler::shape::Shape;
use image::{ImageReader, Limits, RgbaImage, imageops};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};
use std::path::Path;

/// Samples without labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Inputs {
    /// All samples, one after another, row-major; bytes are to be scaled by 1/255.
    pub pixels: Pixels,
    /// How many samples there are.
    pub count: usize,
}

/// The longest side that a picture may have, and the most memory that reading it may take.
const MAX_SIDE: u32 = 1 << 15;
const MAX_PICTURE_BYTES: u64 = 1 << 30;

/// Reads the samples of a file for a network whose input has this shape.
///
/// An `.npy` file holds `uint8` (scaled by 1/255), `float32` or `float64` (as they are) in the shape of one sample or
/// with the number of samples before it; where the network takes one channel, the last axis may be left out.
///
/// A PNG or JPEG picture is one sample. Transparent parts show white, as on paper. One channel takes the luma of
/// ITU-R BT.601, as Keras's `color_mode="grayscale"` does, three channels take red, green and blue. A picture of
/// another size is resized, both sides by themselves, with a triangle filter (bilinear, widened where it shrinks).
/// Nothing is inverted: MNIST's digits are white on black, and so must be the picture of a digit. A photograph's EXIF
/// orientation is not applied, as in Keras.
///
/// # Errors
/// When the file cannot be read, is neither, or does not hold samples of this shape.
pub fn load_inputs(path: &Path, shape: &Shape) -> Result<Inputs> {
    let refused = |cause| RuntimeError::file("read", path, cause);
    let mut file = BufReader::new(File::open(path).map_err(refused)?);
    if path.is_dir() {
        return Err(RuntimeError::mismatch(path.display().to_string(), "a file", "a folder"));
    }
    let is_npy = file.fill_buf().map_err(refused)?.starts_with(b"\x93NUMPY");
    if is_npy
        || path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("npy"))
    {
        return read_array(Source::open(path)?, shape);
    }
    file.rewind().map_err(refused)?;
    read_picture(&path.display().to_string(), file, shape)
}

/// The samples of an `.npy` file.
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

/// The one sample that a picture is.
pub(super) fn read_picture(file: &str, reader: impl BufRead + Seek, shape: &Shape) -> Result<Inputs> {
    let (height, width, channels) = match *shape.sizes() {
        [height, width] => (height, width, 1),
        [height, width, channels @ (1 | 3)] => (height, width, channels),
        _ => {
            let expected = format!(
                "an .npy file, as the network takes {} and pictures have 1 or 3 channels",
                tuple(shape.sizes())
            );
            return Err(RuntimeError::mismatch(file, expected, "another file"));
        }
    };
    let side = |size: usize| u32::try_from(size).ok().filter(|&size| (1..=MAX_SIDE).contains(&size));
    let (Some(height), Some(width)) = (side(height), side(width)) else {
        let expected = format!("an .npy file, as the network takes {}", tuple(shape.sizes()));
        return Err(RuntimeError::mismatch(file, expected, "another file"));
    };
    let broken = |cause: &dyn std::fmt::Display| {
        RuntimeError::mismatch(file, "a whole .npy, PNG or JPEG file", format!("\"{cause}\""))
    };
    let mut reader = ImageReader::new(reader)
        .with_guessed_format()
        .map_err(|cause| broken(&cause))?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_PICTURE_BYTES);
    reader.limits(limits);
    let mut picture = reader.decode().map_err(|cause| broken(&cause))?.into_rgba8();
    lay_on_white(&mut picture);
    if picture.dimensions() != (width, height) {
        picture = imageops::resize(&picture, width, height, imageops::FilterType::Triangle);
    }
    let colours = picture.pixels().map(|pixel| [pixel.0[0], pixel.0[1], pixel.0[2]]);
    let bytes = if channels == 1 {
        colours.map(luma).collect()
    } else {
        colours.flatten().collect()
    };
    Ok(Inputs {
        pixels: Pixels::Bytes(bytes),
        count: 1,
    })
}

/// Composes every pixel over white and makes it opaque.
fn lay_on_white(picture: &mut RgbaImage) {
    for pixel in picture.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        if alpha < u8::MAX {
            let over = |colour: u8| {
                let alpha = u32::from(alpha);
                ((u32::from(colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8
            };
            pixel.0 = [over(red), over(green), over(blue), u8::MAX];
        }
    }
}

/// The luma of ITU-R BT.601 in Pillow's fixed point (src/libImaging/Convert.c, `L24`), so that bytes are equal.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000) >> 16) as u8
}
