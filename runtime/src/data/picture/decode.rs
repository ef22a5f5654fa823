//! From a file's bytes to its pixels.

use super::jpeg::{self, Facts};
use super::limits::{MAX_BYTES, MAX_SIDE, Needs, Permit};
use super::line::line;
use super::png;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// A picture, and its share of the memory that all pictures may take; both are to be dropped together.
pub(super) struct Decoded {
    pub(super) picture: DynamicImage,
    pub(super) permit: Permit,
}

/// Decodes a picture of any known format that is within the limits.
///
/// # Errors
/// Why not, in a line.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, String> {
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
    let permit = Permit::wait(bytes_needed);
    let picture = match jpeg {
        Some(facts) if facts.is_plain_ink() => jpeg::plain_ink(bytes)?,
        _ => DynamicImage::from_decoder(decoder).map_err(|cause| line(&cause))?,
    };
    Ok(Decoded { picture, permit })
}
