//! Pictures: from a file's bytes to a sample's.

mod resize;
#[cfg(test)]
mod tests;

use compiler::shape::Shape;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbaImage, imageops};
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::fs::File;
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

/// The endings of pictures' names, in any case. What a picture is, its content decides.
pub const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "webp", "bmp"];

/// The longest side that a picture may have, and the most memory that its pixels may take.
const MAX_SIDE: u32 = 1 << 15;
const MAX_PIXEL_BYTES: u64 = 1 << 30;
/// The largest file that is read: no picture within the limits above needs more.
const MAX_FILE_BYTES: u64 = 1 << 28;
/// Pictures with more bytes of pixels than this are decoded one at a time, so that many cores do not need the memory of
/// many of them.
const LARGE: u64 = 1 << 26;
static ONE_LARGE: Mutex<()> = Mutex::new(());

/// How a picture becomes a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// As Keras's `image_dataset_from_directory` reads it (`keras/src/utils/image_dataset_utils.py`, `_load_image_tf`):
    /// transparency is dropped, and both sides are resized by themselves by `tf.image.resize`'s bilinear filter, which
    /// is not widened where it shrinks. Values are rounded to bytes, where Keras keeps fractions.
    Keras,
    /// As a drawing on white paper: transparent parts show white, and a triangle filter resizes, widened where it
    /// shrinks, so that no thin stroke is lost. For networks whose samples were no picture files.
    Paper,
}

impl Reading {
    /// The resizing, for messages.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::Keras => "bilinear as Keras does it",
            Self::Paper => "triangle, widened where it shrinks",
        }
    }
}

/// What a picture is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Form {
    /// Rows.
    pub height: u32,
    /// Columns.
    pub width: u32,
    /// 1 for grey (the luma of ITU-R BT.601), 3 for red, green and blue, 4 with opacity.
    pub channels: usize,
}

impl Form {
    /// The form that a network's input has, if pictures can have it.
    pub fn of(shape: &Shape) -> Option<Self> {
        let (height, width, channels) = match *shape.sizes() {
            [height, width] => (height, width, 1),
            [height, width, channels @ (1 | 3 | 4)] => (height, width, channels),
            _ => return None,
        };
        let side = |size: usize| u32::try_from(size).ok().filter(|size| (1..=MAX_SIDE).contains(size));
        Some(Self {
            height: side(height)?,
            width: side(width)?,
            channels,
        })
    }

    /// The bytes of a sample.
    pub fn bytes(self) -> usize {
        self.height as usize * self.width as usize * self.channels
    }
}

/// Whether a file is called as pictures are.
pub(super) fn is_named_so(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// A file's bytes.
///
/// # Errors
/// Why not, in a line: the system's refusal, something else than a file, or one too large for a picture.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    // Before it is opened: opening a pipe would wait for its other end.
    let facts = path.metadata().map_err(|cause| cause.to_string())?;
    if !facts.is_file() {
        return Err("no file, but a folder, a device or a pipe".to_owned());
    }
    if facts.len() > MAX_FILE_BYTES {
        return Err(format!("{} bytes; the most is {MAX_FILE_BYTES}", facts.len()));
    }
    let mut bytes = Vec::with_capacity(facts.len() as usize);
    let file = File::open(path).map_err(|cause| cause.to_string())?;
    let read = file.take(MAX_FILE_BYTES).read_to_end(&mut bytes);
    read.map_err(|cause| cause.to_string())?;
    Ok(bytes)
}

/// The sample that a picture's bytes become, row-major. The first frame of an animation is the picture; 16 bits of a
/// channel become 8, a palette its colours, ink (CMYK) light. An EXIF orientation is not applied, as in Keras.
///
/// # Errors
/// Why not, in a line: no picture of a known format, a broken or cut one, or one beyond the limits.
pub(super) fn sample(bytes: &[u8], form: Form, reading: Reading) -> Result<Vec<u8>, String> {
    let picture = decode(bytes)?;
    Ok(match reading {
        Reading::Keras => {
            let from = (picture.height(), picture.width());
            let pixels = channels(picture, form.channels);
            resize::bilinear(pixels, from, (form.height, form.width), form.channels)
        }
        Reading::Paper => {
            let mut picture = picture.into_rgba8();
            if form.channels < 4 {
                lay_on_white(&mut picture);
            }
            if picture.dimensions() != (form.width, form.height) {
                picture = imageops::resize(&picture, form.width, form.height, imageops::FilterType::Triangle);
            }
            channels(picture.into(), form.channels)
        }
    })
}

fn decode(bytes: &[u8]) -> Result<DynamicImage, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|cause| line(&cause))?;
    match reader.format() {
        None => return Err("no PNG, JPEG, WebP or BMP file".to_owned()),
        Some(ImageFormat::Jpeg) if !is_whole_jpeg(bytes) => return Err("the picture is cut off".to_owned()),
        Some(_) => {}
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_PIXEL_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|cause| line(&cause))?;
    let needed = decoder.total_bytes();
    if needed > MAX_PIXEL_BYTES {
        let (width, height) = decoder.dimensions();
        return Err(format!("{width}x{height} pixels are more than are decoded"));
    }
    let _turn = (needed > LARGE).then(|| ONE_LARGE.lock().unwrap_or_else(PoisonError::into_inner));
    DynamicImage::from_decoder(decoder).map_err(|cause| line(&cause))
}

fn line(cause: &dyn Display) -> String {
    let text = cause.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

/// Whether the end marker follows the compressed data. The decoder takes what there is of a cut file and leaves the rest
/// grey; Keras refuses it.
fn is_whole_jpeg(bytes: &[u8]) -> bool {
    const START_OF_SCAN: u8 = 0xda;
    // Segments come first, each with its length: a thumbnail in one of them has markers of its own.
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let &[0xff, marker, high, low, ..] = rest {
        let skipped = match marker {
            START_OF_SCAN => return rest.windows(2).any(|pair| pair == [0xff, 0xd9]),
            // Fill bytes.
            0xff => 1,
            _ => 2 + usize::from(u16::from_be_bytes([high, low])),
        };
        rest = rest.get(skipped..).unwrap_or_default();
    }
    // Whatever this is, the decoder says what is wrong with it.
    true
}

/// A picture's bytes with so many channels each pixel.
fn channels(picture: DynamicImage, channels: usize) -> Vec<u8> {
    match channels {
        1 if !picture.color().has_color() => picture.into_luma8().into_raw(),
        1 => picture.into_rgb8().pixels().map(|pixel| luma(pixel.0)).collect(),
        3 => picture.into_rgb8().into_raw(),
        _ => picture.into_rgba8().into_raw(),
    }
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
