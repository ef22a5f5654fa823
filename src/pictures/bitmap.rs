//! Small images inside a drawing.

use super::rgb::Rgb;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// A few pixels, drawn as sharp squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    /// The pixels, row by row from the top: `width * height` of them.
    pixels: Vec<Rgb>,
}

impl Bitmap {
    /// A bitmap whose pixels `colour(row, column)` gives.
    pub fn new(height: usize, width: usize, colour: impl Fn(usize, usize) -> Rgb) -> Self {
        let places = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        Self {
            width,
            height,
            pixels: places.map(|(row, column)| colour(row, column)).collect(),
        }
    }

    /// The pixels as a `data:` URL of a PNG; `None` where there are no pixels.
    pub fn address(&self) -> Option<String> {
        let png = self.png()?;
        Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
    }

    /// The bytes of a PNG file; `None` where there are no pixels.
    fn png(&self) -> Option<Vec<u8>> {
        let bytes: Vec<u8> = self.pixels.iter().flat_map(|&Rgb(r, g, b)| [r, g, b]).collect();
        let gray: Option<Vec<u8>> = self
            .pixels
            .iter()
            .map(|&Rgb(r, g, b)| (r == g && g == b).then_some(r))
            .collect();
        let (bytes, kind) = gray.map_or((bytes, ExtendedColorType::Rgb8), |gray| (gray, ExtendedColorType::L8));
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter);
        let written = encoder.write_image(&bytes, self.width as u32, self.height as u32, kind);
        written.ok().map(|()| png)
    }
}
