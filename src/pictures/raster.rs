//! From SVG to PNG, with the embedded letters alone: a picture has the same pixels on every machine.

use super::drawing::Drawing;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, fontdb};
use std::sync::{Arc, LazyLock};

/// The most pixels that a side may have: what browsers and slides still take.
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
    /// It would be wider or higher than [`MOST_PIXELS`].
    TooLarge {
        /// Pixels from left to right.
        width: u64,
        /// Pixels from top to bottom.
        height: u64,
    },
    /// The drawing is not what the renderer takes: a fault of this program.
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
