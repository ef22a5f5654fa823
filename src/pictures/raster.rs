//! Renders SVG to PNG with only the embedded fonts, so that a picture has the same pixels on every machine.

use super::drawing::Drawing;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, LazyLock};

/// The most pixels that a side may have: what browsers and slide programs can still show.
pub const MOST_PIXELS: u32 = 1 << 14;

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(include_bytes!("fonts/DejaVuSans.ttf").to_vec());
    fonts.load_font_data(include_bytes!("fonts/DejaVuSans-Bold.ttf").to_vec());
    fonts.set_sans_serif_family("DejaVu Sans");
    Arc::new(fonts)
});

/// Why there is no PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RasterError {
    /// The picture would be wider or higher than [`MOST_PIXELS`].
    TooLarge {
        /// Its width in pixels.
        width: u64,
        /// Its height in pixels.
        height: u64,
    },
    /// The renderer does not accept the drawing, which is a fault of this program; its reason.
    Refused(String),
}

/// The bytes of a PNG file with `scale` pixels for each px of the drawing.
///
/// # Errors
/// When it would be too large.
pub fn png(drawing: &Drawing, scale: f64) -> Result<Vec<u8>, RasterError> {
    let [width, height] = [drawing.width(), drawing.height()].map(|side| (side * scale).round().max(1.0) as u64);
    let side = |pixels: u64| u32::try_from(pixels).ok().filter(|&pixels| pixels <= MOST_PIXELS);
    let (Some(columns), Some(rows)) = (side(width), side(height)) else {
        return Err(RasterError::TooLarge { width, height });
    };
    let refused = |cause: &dyn std::fmt::Display| RasterError::Refused(cause.to_string());
    let options = Options {
        font_family: "DejaVu Sans".to_owned(),
        fontdb: Arc::clone(&FONTS),
        ..Options::default()
    };
    let tree = Tree::from_str(&drawing.svg(), &options).map_err(|cause| refused(&cause))?;
    let mut pixels = Pixmap::new(columns, rows).ok_or(RasterError::TooLarge { width, height })?;
    let transform = Transform::from_scale(scale as f32, scale as f32);
    resvg::render(&tree, transform, &mut pixels.as_mut());
    pixels.encode_png().map_err(|cause| refused(&cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pictures::drawing::{Area, Bitmap, Font};
    use crate::pictures::rgb::Rgb;
    use crate::pictures::text::{Weight, width};
    use resvg::usvg::Node;

    fn pixels(drawing: &Drawing, scale: f64) -> image::RgbImage {
        image::load_from_memory(&png(drawing, scale).unwrap())
            .unwrap()
            .into_rgb8()
    }

    #[test]
    fn pixels_of_an_image_become_sharp_squares() {
        let mut drawing = Drawing::new(20.0, 10.0, "a", "b");
        let colours = [Rgb(255, 0, 0), Rgb(0, 128, 0), Rgb(1, 2, 3), Rgb(250, 240, 230)];
        let bitmap = Bitmap::new(2, 2, |row, column| colours[row * 2 + column]);
        drawing.image(Area::new(4.0, 2.0, 6.0, 6.0), &bitmap);
        let found = pixels(&drawing, 2.0);
        assert_eq!(found.dimensions(), (40, 20));
        for (x, y, pixel) in found.enumerate_pixels() {
            let inside = (8..20).contains(&x) && (4..16).contains(&y);
            let Rgb(r, g, b) = if inside {
                colours[usize::from(y >= 10) * 2 + usize::from(x >= 14)]
            } else {
                Rgb(255, 255, 255)
            };
            assert_eq!(pixel.0, [r, g, b], "{x} {y}");
        }
    }

    #[test]
    fn texts_are_as_wide_as_measured() {
        let text = "Weight \u{2212}0.25 \u{d7} \u{fc}\u{df} \u{2192} AVATAR fi 123";
        for weight in [Weight::Regular, Weight::Bold] {
            let drawing = Drawing::new(900.0, 60.0, "", "");
            // Marks with straight sides at both ends, so that the ink is as wide as the text but for their margins.
            let font = Font::new(40.0);
            let font = if weight == Weight::Bold { font.bold() } else { font };
            let ink = |text: &str| {
                let mut drawing = drawing.clone();
                drawing.text(10.0, 40.0, text, font);
                let options = Options {
                    fontdb: Arc::clone(&FONTS),
                    ..Options::default()
                };
                let tree = Tree::from_str(&drawing.svg(), &options).unwrap();
                let node = tree.root().children().last().unwrap();
                assert!(matches!(node, Node::Text(_)));
                f64::from(node.bounding_box().width())
            };
            let margins = width("|", 40.0, weight) - ink("|");
            let wide = ink(&format!("|{text}|")) + margins;
            let measured = width(&format!("|{text}|"), 40.0, weight);
            assert!((wide - measured).abs() < 0.5, "{wide} {measured}");
        }
    }

    #[test]
    fn what_would_be_too_large_is_refused() {
        let drawing = Drawing::new(10_000.0, 1.0, "", "");
        let expected = RasterError::TooLarge {
            width: 20_000,
            height: 2,
        };
        assert_eq!(png(&drawing, 2.0), Err(expected));
    }
}
