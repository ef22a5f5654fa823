//! Pictures: from a file's bytes to a sample's values.

mod channels;
mod decode;
mod form;
mod indices;
mod jpeg;
mod libjpeg;
mod limits;
mod line;
pub(crate) mod mask;
mod png;
mod resample;
mod resize;
#[cfg(test)]
mod tests;

use super::samples::Pixels;
use crate::open;
use channels::{as_libpng, channels};
use compiler::training::loading::{Aspect, Interpolation, Loader, PictureFiles};
use decode::{Decoded, Libjpeg, decode};
pub use form::Form;
use image::{DynamicImage, ImageFormat, ImageReader, RgbaImage, imageops};
use serde::{Deserialize, Serialize};
use std::io::Cursor;
use std::path::Path;

/// The extensions of pictures' names, in any case. The content alone decides which format a picture has.
pub const ENDINGS: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "bmp"];

/// The largest file that is read, in bytes: no picture within the limits needs more.
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

/// How a loader of Keras makes a sample of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Loaded {
    /// The loader of Keras's whose pixels are reproduced.
    pub loader: Loader,
    /// The filter that it resizes with.
    pub interpolation: Interpolation,
    /// What it does with a picture of other proportions than the sample's.
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
    /// Whether resized values are still whole numbers, so that bytes can hold them.
    pub fn is_whole(self) -> bool {
        self.interpolation == Interpolation::Nearest
    }
}

impl Reading {
    /// What messages call the filter that resizes.
    pub const fn filter(self) -> &'static str {
        match self {
            Self::Loaded(how) => how.interpolation.name(),
            Self::Keras => "bilinear as Keras does it",
            Self::Paper => "triangle, widened where it shrinks",
        }
    }
}

/// Whether a file has a picture's extension.
pub(super) fn is_named_so(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Reads a whole file.
///
/// # Errors
/// Why it cannot be read, in a line: the system refuses, it is not a file, or it is too large for a picture.
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    open::bytes(path, MAX_FILE_BYTES).map_err(|cause| cause.to_string())
}

/// The height and width that a picture's file declares; `None` where it is not a picture.
pub(crate) fn dimensions(bytes: &[u8]) -> Option<(u32, u32)> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let (width, height) = reader.into_dimensions().ok()?;
    Some((height, width))
}

/// The sample that a picture's bytes become, row-major. The first frame of an animation is the picture; 16 bits of a
/// channel become 8, a palette its colours, ink (CMYK) light. An EXIF orientation is not applied, as in Keras.
///
/// # Errors
/// Why there is no sample, in a line: the bytes are not a picture of a known format, are damaged or cut off, or exceed the
/// limits.
pub(super) fn sample(bytes: &[u8], form: Form, reading: Reading) -> Result<Pixels, String> {
    sized(bytes, form, reading).map(|(sample, _)| sample)
}

/// As [`sample`], with the height and width that the picture had.
///
/// # Errors
/// As [`sample`].
pub(super) fn sized(bytes: &[u8], form: Form, reading: Reading) -> Result<(Pixels, (u32, u32)), String> {
    let Decoded { picture, permit } = decode(bytes, libjpeg(form, reading))?;
    let size = (picture.height(), picture.width());
    let sample = match reading {
        Reading::Keras => {
            let pixels = channels(picture, form.channels);
            Pixels::Bytes(resize::bilinear(pixels, size, (form.height, form.width), form.channels))
        }
        Reading::Paper => Pixels::Bytes(on_paper(picture, form)),
        Reading::Loaded(how) => {
            let is_png = image::guess_format(bytes).is_ok_and(|format| format == ImageFormat::Png);
            loaded(picture, is_png, form, how)
        }
    };
    drop(permit);
    Ok((sample, size))
}

/// What the program that is reproduced asks libjpeg for; on paper that is Pillow, which people open pictures with.
fn libjpeg(form: Form, reading: Reading) -> Libjpeg {
    match reading {
        Reading::Keras => Libjpeg::tensorflow(form),
        Reading::Paper => Libjpeg::pillow(),
        Reading::Loaded(how) => match how.loader {
            Loader::ImageDatasetFromDirectory => Libjpeg::tensorflow(form),
            Loader::FlowFromDirectory => Libjpeg::pillow(),
        },
    }
}

/// The sample that a loader of Keras's makes of a picture.
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

/// Resizes each channel on its own, so that a picture without opacity or colours need not be given them first.
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

/// Puts every pixel on white and makes it opaque.
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
