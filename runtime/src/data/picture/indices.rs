//! The palette indices of a PNG's pixels: in masks these are class numbers, whatever the colours are.

use super::limits::MAX_BYTES;
use super::line::line;
use super::png::needed;
use image::ImageFormat;
use png::{ColorType, Decoder, Limits, Transformations};
use std::io::Cursor;

/// The palette index of each pixel, row-major; `None` where the file is not a PNG or has no palette. The limits of decoding have
/// been checked before.
///
/// # Errors
/// Why it cannot be decoded, in a line.
pub(super) fn of(bytes: &[u8]) -> Result<Option<Vec<u8>>, String> {
    if image::guess_format(bytes).ok() != Some(ImageFormat::Png) {
        return Ok(None);
    }
    let needed = needed(bytes)?;
    let limits = Limits {
        bytes: MAX_BYTES as usize,
    };
    let mut decoder = Decoder::new_with_limits(Cursor::new(needed.as_ref()), limits);
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().map_err(|cause| line(&cause))?;
    if reader.info().color_type != ColorType::Indexed {
        return Ok(None);
    }
    let bits = reader.info().bit_depth as usize;
    let (width, size) = (reader.info().width as usize, reader.output_buffer_size());
    let mut packed = vec![0; size.ok_or("the picture is too large")?];
    let frame = reader.next_frame(&mut packed).map_err(|cause| line(&cause))?;
    let mask = ((1_u16 << bits) - 1) as u8;
    let a_byte = 8 / bits.max(1);
    let row = |row: &[u8]| -> Vec<u8> {
        let places = row
            .iter()
            .flat_map(|&byte| (1..=a_byte).map(move |at| byte >> (8 - at * bits) & mask));
        places.take(width).collect()
    };
    Ok(Some(packed.chunks(frame.line_size.max(1)).flat_map(row).collect()))
}
