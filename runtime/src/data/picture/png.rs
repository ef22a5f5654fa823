//! Removes the chunks of PNG files that pixels do not depend on: a colour profile or a text of a few bytes can unpack to any
//! size, and the decoder would unpack it.

use std::borrow::Cow;

const SIGNATURE: usize = 8;
/// How many bytes a chunk takes besides its data: length, type and checksum.
const FRAME: usize = 12;

/// The file unchanged if every chunk is needed, else a copy with the needed ones: `IHDR`, `PLTE`, `tRNS`, `IDAT`, `IEND`, and
/// unknown ones that are marked critical, for the decoder to judge. An animation keeps only its first picture.
///
/// # Errors
/// In a line, where the length of a palette is not a multiple of three, which the decoder does not check.
pub(super) fn needed(bytes: &[u8]) -> Result<Cow<'_, [u8]>, String> {
    let colours = |chunk: &[u8]| chunk.len().saturating_sub(FRAME);
    if chunks(bytes).any(|(kind, chunk)| kind == b"PLTE" && !colours(chunk).is_multiple_of(3)) {
        return Err("the palette has a part of a colour".to_owned());
    }
    let is_needed = |kind: &[u8]| kind == b"tRNS" || kind.first().is_some_and(u8::is_ascii_uppercase);
    if chunks(bytes).all(|(kind, _)| is_needed(kind)) {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut kept = bytes.get(..SIGNATURE).unwrap_or_default().to_vec();
    for (kind, chunk) in chunks(bytes) {
        if is_needed(kind) {
            kept.extend_from_slice(chunk);
        }
    }
    Ok(Cow::Owned(kept))
}

/// The type and all bytes of each chunk; the last one may be truncated.
fn chunks(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, _) = rest.split_first_chunk::<4>()?;
        let length = (u32::from_be_bytes(*length) as usize)
            .saturating_add(FRAME)
            .min(rest.len());
        let (chunk, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some((chunk.get(4..8).unwrap_or_default(), chunk))
    })
}
