//! `cnnc show`: pictures. A file here for each of them draws; this one writes what they drew.

mod activations;
mod confusion;
mod convolve;
mod curves;
pub mod data;
pub mod filters;
pub mod kernel;
mod mistakes;
pub mod network;

use super::{Failure, Outcome};
use crate::cli::{PictureArgs, ShowArgs, ShowCommand};
use crate::pictures::drawing::Drawing;
use crate::pictures::raster::{self, RasterError};
use crate::render::{inline, terminal};
use runtime::files;
use std::path::{Path, PathBuf};

/// Shows what was asked for.
pub fn run(args: &ShowArgs) -> Outcome {
    match &args.command {
        ShowCommand::Data(args) => data::run(args),
        ShowCommand::Filters(args) => filters::run(args),
        ShowCommand::Activations(args) => activations::run(args),
        ShowCommand::Convolve(args) => convolve::run(args),
        ShowCommand::Curves(args) => curves::run(args),
        ShowCommand::Confusion(args) => confusion::run(args),
        ShowCommand::Mistakes(args) => mistakes::run(args),
        ShowCommand::Network(args) => network::run(args),
    }
}

/// Writes a drawing where it was asked to go: into files, each of the kind that its name ends in; else onto the terminal
/// if that shows pictures, else into `NAME.png` in the current folder.
fn deliver(drawing: &Drawing, name: &str, args: &PictureArgs) -> Outcome {
    if !args.out.is_empty() {
        return args.out.iter().try_for_each(|path| write(drawing, path, args.scale));
    }
    match inline::protocol() {
        Some(protocol) => terminal::print_raw(&inline::picture(protocol, &png(drawing, args.scale)?)),
        None => write(drawing, &PathBuf::from(format!("{name}.png")), args.scale),
    }
}

fn write(drawing: &Drawing, path: &Path, scale: f64) -> Outcome {
    let is_svg = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("svg"));
    let bytes = if is_svg {
        drawing.svg().into_bytes()
    } else {
        png(drawing, scale)?
    };
    files::write_atomically(path, |out| out.write_all(&bytes))?;
    terminal::say(&format!("wrote {}", path.display()));
    Ok(())
}

fn png(drawing: &Drawing, scale: f64) -> Result<Vec<u8>, Failure> {
    raster::png(drawing, scale).map_err(|error| match error {
        RasterError::TooLarge { width, height } => Failure::message(format!(
            "the picture would have {width}x{height} pixels, and the most is {most} on a side",
            most = raster::MOST_PIXELS
        ))
        .with_help("a smaller --scale, fewer images, or an .svg file"),
        RasterError::Refused(cause) => Failure::message(format!("the picture cannot be drawn: {cause}"))
            .with_help("this is a bug of cnnc; please report it"),
    })
}
