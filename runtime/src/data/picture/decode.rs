//! Decodes a picture's file into pixels.

use super::form::Form;
use super::jpeg::{self, Facts};
use super::libjpeg::{self, Accuracy};
use super::limits::{MAX_BYTES, MAX_SIDE, Needs, Permit};
use super::line::line;
use super::png;
use image::{DynamicImage, GrayImage, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use std::io::Cursor;

/// A decoded picture, and its share of the memory that all pictures may take; both are to be dropped together.
pub(super) struct Decoded {
    pub(super) picture: DynamicImage,
    pub(super) permit: Permit,
}

/// How a program asks libjpeg to decode a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Libjpeg {
    /// The inverse transform that it asks for.
    pub(super) accuracy: Accuracy,
    /// Whether it asks for the luma alone.
    pub(super) grey: bool,
}

impl Libjpeg {
    /// As TensorFlow asks for a sample of this form (`tensorflow/core/kernels/image/decode_image_op.cc`).
    pub(super) const fn tensorflow(form: Form) -> Self {
        Self {
            accuracy: Accuracy::Fast,
            grey: form.channels == 1,
        }
    }

    /// As Pillow asks, which makes grey of colours by itself.
    pub(super) const fn pillow() -> Self {
        Self {
            accuracy: Accuracy::Exact,
            grey: false,
        }
    }
}

/// The picture as libjpeg decodes it; `None` where it is damaged, or of a kind that is left to another decoder.
fn by_libjpeg(bytes: &[u8], Libjpeg { accuracy, grey }: Libjpeg) -> Option<DynamicImage> {
    let libjpeg::Decoded { width, height, pixels } = libjpeg::decode(bytes, accuracy, grey)?;
    let (width, height) = (width as u32, height as u32);
    if pixels.len() == width as usize * height as usize {
        return GrayImage::from_raw(width, height, pixels).map(DynamicImage::from);
    }
    RgbImage::from_raw(width, height, pixels).map(DynamicImage::from)
}

/// Decodes a picture of any known format that is within the limits; JPEGs to the bit as `libjpeg` says, where memory allows.
///
/// # Errors
/// Why it cannot be decoded, in a line.
pub(super) fn decode(bytes: &[u8], libjpeg: Libjpeg) -> Result<Decoded, String> {
    if bytes.is_empty() {
        return Err("the file is empty".to_owned());
    }
    let format = image::guess_format(bytes).map_err(|_| "no PNG, JPEG, GIF, WebP or BMP file".to_owned())?;
    let file_bytes = bytes.len() as u64;
    let jpeg = (format == ImageFormat::Jpeg).then(|| Facts::of(bytes));
    if let Some(facts) = jpeg {
        facts.check()?;
    }
    let needed = if format == ImageFormat::Png {
        png::needed(bytes)?
    } else {
        bytes.into()
    };
    let mut reader = ImageReader::with_format(Cursor::new(needed.as_ref()), format);
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(MAX_SIDE), Some(MAX_SIDE));
    limits.max_alloc = Some(MAX_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|cause| line(&cause))?;
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let result = decoder.total_bytes();
    let work = match (jpeg, format) {
        (Some(facts), _) => facts.coefficients(),
        // Planes of colours, or a copy.
        (None, ImageFormat::WebP) => result,
        (None, _) => 0,
    };
    // What is not of one byte a channel is converted, or its opacity dropped.
    let converted = if decoder.color_type().bytes_per_pixel() == 1 {
        0
    } else {
        3 * pixels
    };
    let bytes_needed = result.saturating_add(work).saturating_add(converted);
    let needs = Needs {
        width,
        height,
        bytes: bytes_needed,
    };
    needs.check(file_bytes)?;
    // Coefficients and planes besides.
    let exact = Needs {
        bytes: bytes_needed.saturating_add(12 * pixels),
        ..needs
    };
    if jpeg.is_some() && exact.check(file_bytes).is_ok() {
        let permit = Permit::wait(exact.bytes);
        if let Some(picture) = by_libjpeg(bytes, libjpeg) {
            return Ok(Decoded { picture, permit });
        }
    }
    let permit = Permit::wait(bytes_needed);
    let picture = match jpeg {
        Some(facts) if facts.is_plain_ink() => jpeg::plain_ink(bytes)?,
        _ => DynamicImage::from_decoder(decoder).map_err(|cause| line(&cause))?,
    };
    Ok(Decoded { picture, permit })
}
