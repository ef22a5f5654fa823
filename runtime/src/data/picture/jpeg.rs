//! Reads the markers of a JPEG file before anything is decoded, and decodes ink (CMYK) that the file's writer did not invert.

use super::limits::{MAX_SIDE, MAX_VISITS};
use super::line::line;
use image::{DynamicImage, RgbImage};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// What the markers say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Facts {
    width: u32,
    height: u32,
    components: u8,
    /// The number of frame headers.
    frames: usize,
    /// The number of scans, each of which may visit the whole picture.
    scans: usize,
    /// Whether it has the marker of Adobe's programs, which store ink inverted.
    adobe: bool,
    /// Whether the end marker follows the last scan.
    ended: bool,
}

const START_OF_SCAN: u8 = 0xda;
const END: u8 = 0xd9;
const ADOBE: u8 = 0xee;

impl Facts {
    /// Goes from marker to marker; between a scan and the next marker there are compressed data.
    pub(super) fn of(bytes: &[u8]) -> Self {
        let mut facts = Self::default();
        let mut at = 2;
        while let Some(&[first, marker]) = bytes.get(at..at + 2) {
            if first != 0xff {
                // Compressed data, or bytes that are none of a marker's.
                let rest = bytes.get(at..).unwrap_or_default();
                let Some(next) = rest.iter().position(|&byte| byte == 0xff) else {
                    break;
                };
                at += next;
                continue;
            }
            match marker {
                // A fill byte, of which the last may begin a marker.
                0xff => at += 1,
                // A byte of data that is 0xff, and markers without a length.
                0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
                END => {
                    facts.ended |= facts.scans > 0;
                    at += 2;
                }
                _ => at += 2 + facts.segment(marker, bytes.get(at + 2..).unwrap_or_default()),
            }
        }
        facts
    }

    /// Records a segment and returns its length.
    fn segment(&mut self, marker: u8, segment: &[u8]) -> usize {
        match (marker, segment) {
            (START_OF_SCAN, _) => self.scans += 1,
            (ADOBE, [_, _, body @ ..]) => self.adobe |= body.starts_with(b"Adobe"),
            // Huffman tables, extensions and arithmetic conditions lie between the frames' numbers.
            (0xc0..=0xcf, [_, _, _, high, low, wide, narrow, components, ..])
                if !matches!(marker, 0xc4 | 0xc8 | 0xcc) =>
            {
                self.frames += 1;
                self.height = u32::from(u16::from_be_bytes([*high, *low]));
                self.width = u32::from(u16::from_be_bytes([*wide, *narrow]));
                self.components = *components;
            }
            (_, _) => {}
        }
        match segment {
            [high, low, ..] => usize::from(u16::from_be_bytes([*high, *low])),
            _ => 0,
        }
    }

    fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// An error where the file is not worth decoding.
    ///
    /// # Errors
    /// Why not, in a line. The decoder would take what there is of a truncated file and leave the rest grey; Keras refuses it.
    pub(super) fn check(self) -> Result<(), String> {
        if self.scans > 0 && !self.ended {
            return Err("the picture is cut off".to_owned());
        }
        if self.frames > 1 {
            return Err("the picture has two frame headers".to_owned());
        }
        if self.pixels().saturating_mul(self.scans as u64) > MAX_VISITS {
            let Self {
                width, height, scans, ..
            } = self;
            return Err(format!(
                "{scans} scans of {width}x{height} pixels are more than are decoded"
            ));
        }
        Ok(())
    }

    /// How many bytes the decoder needs besides the pixels: all coefficients, two bytes each, where there are several scans.
    pub(super) fn coefficients(self) -> u64 {
        if self.scans > 1 {
            2 * u64::from(self.components) * self.pixels()
        } else {
            0
        }
    }

    /// Whether the components are ink that is not inverted, unlike in files of Adobe's programs.
    pub(super) fn is_plain_ink(self) -> bool {
        self.components == 4 && !self.adobe
    }
}

/// Decodes ink that is not inverted to the colours that TensorFlow makes of it (`tensorflow/core/lib/jpeg/jpeg_mem.cc`).
pub(super) fn plain_ink(bytes: &[u8]) -> Result<DynamicImage, String> {
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(ColorSpace::CMYK)
        .set_strict_mode(false)
        .set_max_width(MAX_SIDE as usize)
        .set_max_height(MAX_SIDE as usize);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    let inks = decoder.decode().map_err(|cause| line(&cause))?;
    let (width, height) = decoder.dimensions().ok_or("the picture has no size")?;
    let pixels = inks
        .as_chunks::<4>()
        .0
        .iter()
        .flat_map(|&[cyan, magenta, yellow, key]| {
            let light = |ink: u8| ((255 - u32::from(key)) * (255 - u32::from(ink)) / 255) as u8;
            [cyan, magenta, yellow].map(light)
        });
    let picture = RgbImage::from_raw(width as u32, height as u32, pixels.collect());
    picture
        .map(DynamicImage::from)
        .ok_or_else(|| "the picture has fewer pixels than it says".to_owned())
}
