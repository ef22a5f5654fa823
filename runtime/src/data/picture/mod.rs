//! Pictures: from a file's bytes to a sample's.

mod decode;
mod jpeg;
mod limits;
mod line;
mod png;
mod resize;
#[cfg(test)]
mod tests;

use crate::open;
use compiler::shape::Shape;
use decode::{Decoded, decode};
use image::{DynamicImage, RgbaImage, imageops};
use limits::MAX_SIDE;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The endings of pictures' names, in any case. What a picture is, its content decides.
pub const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "webp", "bmp"];

/// The largest file that is read: no picture within the limits needs more.
const MAX_FILE_BYTES: u64 = 1 << 28;

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
    open::bytes(path, MAX_FILE_BYTES).map_err(|cause| cause.to_string())
}

/// The sample that a picture's bytes become, row-major. The first frame of an animation is the picture; 16 bits of a
/// channel become 8, a palette its colours, ink (CMYK) light. An EXIF orientation is not applied, as in Keras.
///
/// # Errors
/// Why not, in a line: no picture of a known format, a broken or cut one, or one beyond the limits.
pub(super) fn sample(bytes: &[u8], form: Form, reading: Reading) -> Result<Vec<u8>, String> {
    let Decoded { picture, permit } = decode(bytes)?;
    let sample = match reading {
        Reading::Keras => {
            let from = (picture.height(), picture.width());
            let pixels = channels(picture, form.channels);
            resize::bilinear(pixels, from, (form.height, form.width), form.channels)
        }
        Reading::Paper => on_paper(picture, form),
    };
    drop(permit);
    Ok(sample)
}

/// Resizes each channel by itself, so that a picture without opacity or without colours is not given them first.
fn on_paper(picture: DynamicImage, form: Form) -> Vec<u8> {
    let colour = picture.color();
    let picture = if colour.has_alpha() || form.channels == 4 {
        let mut picture = picture.into_rgba8();
        if form.channels < 4 {
            lay_on_white(&mut picture);
        }
        resized(picture, form).into()
    } else if colour.has_color() {
        resized(picture.into_rgb8(), form).into()
    } else {
        resized(picture.into_luma8(), form).into()
    };
    channels(picture, form.channels)
}

fn resized<P>(picture: image::ImageBuffer<P, Vec<u8>>, form: Form) -> image::ImageBuffer<P, Vec<u8>>
where
    P: image::Pixel<Subpixel = u8> + 'static,
{
    if picture.dimensions() == (form.width, form.height) {
        return picture;
    }
    imageops::resize(&picture, form.width, form.height, imageops::FilterType::Triangle)
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
