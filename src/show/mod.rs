//! Pictures of a session's objects, each kind in a file: from descriptions, weights, data sets and runs to
//! [drawings](crate::pictures::drawing::Drawing).

pub mod activations;
pub mod augmented;
pub mod confusion;
pub mod convolve;
pub mod curves;
pub mod data;
pub mod filters;
pub mod kernel;
pub mod mistakes;
pub mod network;

use crate::pictures::drawing::Drawing;
use crate::pictures::raster::{self, RasterError};
use crate::session::error::{Error, Result};
use runtime::files;
use std::path::Path;

/// The bytes of a PNG file with `scale` pixels for each px of the drawing.
///
/// # Errors
/// When the picture would be too large.
pub fn png(drawing: &Drawing, scale: f64) -> Result<Vec<u8>> {
    raster::png(drawing, scale).map_err(|error| match error {
        RasterError::TooLarge { width, height } => Error::message(format!(
            "the picture would have {width}x{height} pixels, and at most {most} on a side are allowed",
            most = raster::MOST_PIXELS
        ))
        .with_help("a smaller --scale, fewer images, or an .svg file"),
        RasterError::Refused(cause) => Error::message(format!("the picture cannot be drawn: {cause}"))
            .with_help("this is a bug in cnnc; please report it"),
    })
}

/// Writes a drawing to a file, whole or not at all: as SVG where its name ends in `.svg`, else as PNG.
///
/// # Errors
/// When the picture would be too large, or the file cannot be written.
pub fn write(drawing: &Drawing, path: &Path, scale: f64) -> Result<()> {
    let is_svg = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    let bytes = if is_svg {
        drawing.svg().into_bytes()
    } else {
        png(drawing, scale)?
    };
    Ok(files::write_atomically(path, |out| out.write_all(&bytes))?)
}
