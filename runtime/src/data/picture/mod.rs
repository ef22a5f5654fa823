//! Pictures: from a file's bytes to a sample's.

mod decode;
mod jpeg;
mod limits;
mod line;
mod png;
mod resample;
mod resize;
#[cfg(test)]
mod tests;

use super::samples::Pixels;
use crate::open;
use compiler::shape::Shape;
use compiler::training::loading::{Aspect, Interpolation, Loader, PictureFiles};
use decode::{Decoded, decode};
use image::{DynamicImage, ImageFormat, RgbaImage, imageops};
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
    /// As a loader of the description reads it: values are 0 to 255 and keep their fractions.
    Loaded(Loaded),
}

/// What a loader does with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Loaded {
    /// Which one.
    pub loader: Loader,
    /// How it resizes.
    pub interpolation: Interpolation,
    /// What it does with other proportions.
    pub aspect: Aspect,
}

impl From<&PictureFiles> for Loaded {
    fn from(files: &PictureFiles) -> Self {
        Self {
            loader: files.loader,
            interpolation: files.interpolation,
            aspect: files.aspect,
        }
    }
}

impl Loaded {
    /// Whether resizing leaves whole numbers.
    pub fn is_whole(self) -> bool {
        self.interpolation == Interpolation::Nearest
    }
}

impl Reading {
    /// The resizing, for messages.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::Loaded(how) => how.interpolation.name(),
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

    /// How many values a sample has.
    pub fn values(self) -> usize {
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
pub(super) fn sample(bytes: &[u8], form: Form, reading: Reading) -> Result<Pixels, String> {
    let Decoded { picture, permit } = decode(bytes)?;
    let sample = match reading {
        Reading::Keras => {
            let from = (picture.height(), picture.width());
            let pixels = channels(picture, form.channels);
            Pixels::Bytes(resize::bilinear(pixels, from, (form.height, form.width), form.channels))
        }
        Reading::Paper => Pixels::Bytes(on_paper(picture, form)),
        Reading::Loaded(how) => {
            let is_png = image::guess_format(bytes).is_ok_and(|format| format == ImageFormat::Png);
            loaded(picture, is_png, form, how)
        }
    };
    drop(permit);
    Ok(sample)
}

/// As a loader has it.
fn loaded(picture: DynamicImage, is_png: bool, form: Form, how: Loaded) -> Pixels {
    let size = (picture.height() as usize, picture.width() as usize);
    let by_libpng = is_png && how.loader == Loader::ImageDatasetFromDirectory;
    let pixels = if by_libpng {
        as_libpng(picture, form.channels)
    } else {
        channels(picture, form.channels)
    };
    let picture = resample::Bytes {
        pixels: &pixels,
        size,
        channels: form.channels,
    };
    let to = (form.height as usize, form.width as usize);
    if how.loader == Loader::FlowFromDirectory && how.is_whole() {
        return Pixels::Levels(resample::pillow_nearest(picture, to));
    }
    let values = resample::framed(picture, to, how.interpolation, how.aspect);
    if how.is_whole() {
        Pixels::Levels(values.into_iter().map(|value| value as u8).collect())
    } else {
        Pixels::Floats(values)
    }
}

/// A PNG's bytes as TensorFlow asks libpng for them: of 16 bits the upper 8, grey cut and not rounded
/// (`png_set_rgb_to_gray` with 0.299 and 0.587).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "another crate's forms of pixels, which grow"
)]
fn as_libpng(picture: DynamicImage, wanted: usize) -> Vec<u8> {
    let upper = |values: Vec<u16>| values.into_iter().map(|value| (value >> 8) as u8).collect::<Vec<u8>>();
    let (width, height) = (picture.width(), picture.height());
    let picture = match picture {
        DynamicImage::ImageLuma16(deep) => {
            image::GrayImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageLumaA16(deep) => {
            image::GrayAlphaImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageRgb16(deep) => {
            image::RgbImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageRgba16(deep) => {
            RgbaImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        shallow => Some(shallow),
    }
    .unwrap_or_default();
    if wanted == 1 && picture.color().has_color() {
        let grey = |[red, green, blue]: [u8; 3]| {
            ((u32::from(red) * 9797 + u32::from(green) * 19234 + u32::from(blue) * 3737) >> 15) as u8
        };
        return picture.into_rgb8().pixels().map(|pixel| grey(pixel.0)).collect();
    }
    channels(picture, wanted)
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
