//! `cnnc show`: draws pictures, into files or on the terminal.

use super::console::Console;
use super::{Outcome, open, past};
use crate::cli::past::PastRunArgs;
use crate::cli::show::{PictureArgs, ShowActivationsArgs, ShowArgs, ShowCommand, ShowMistakesArgs, Split};
use crate::render::{inline, terminal};
use cnnc::pictures::drawing::Drawing;
use cnnc::session::Result;
use cnnc::session::judge::Judged;
use cnnc::session::past::PastRun;
use cnnc::session::samples::image_shape;
use cnnc::show;
use cnnc::show::activations::Image;
use std::path::{Path, PathBuf};

/// Draws the picture that was asked for.
pub fn run(args: &ShowArgs) -> Outcome {
    match &args.command {
        ShowCommand::Data(args) => {
            let drawing = show::data::data(&args.data, args.split.into(), args.start, args.count)?;
            deliver(&drawing, "data", &args.picture)
        }
        ShowCommand::Augmented(args) => {
            let description = open(&args.file)?;
            let console = Console::new(true);
            let drawing =
                show::augmented::augmented(&description, args.data.as_deref(), args.seed, args.count, &console)?;
            deliver(&drawing, "augmented", &args.picture)
        }
        ShowCommand::Filters(args) => {
            let description = open(&args.file)?;
            let drawing = show::filters::filters(&description, &args.weights, args.layer.as_deref(), args.rgb)?;
            deliver(&drawing, "filters", &args.picture)
        }
        ShowCommand::Activations(args) => activations(args),
        ShowCommand::Convolve(args) => {
            let split = args.split.unwrap_or(Split::Train).into();
            let drawing = show::convolve::convolve(&args.kernel, &args.data, split, args.start, args.count)?;
            deliver(&drawing, "convolve", &args.picture)
        }
        ShowCommand::Curves(args) => deliver(
            &show::curves::curves(&args.runs, &Console::new(true))?,
            "curves",
            &args.picture,
        ),
        ShowCommand::Confusion(args) => {
            let run = past(&args.past)?;
            let judged = judged(&run, &args.past)?;
            deliver(&show::confusion::confusion(&run, &judged)?, "confusion", &args.picture)
        }
        ShowCommand::Mistakes(args) => mistakes(args),
        ShowCommand::Network(args) => {
            let description = open(&args.file)?;
            deliver(&show::network::network(&description.network), "network", &args.picture)
        }
    }
}

fn activations(args: &ShowActivationsArgs) -> Outcome {
    let description = open(&args.file)?;
    let image = match (&args.input, &args.data) {
        (Some(path), _) => Image::File(path),
        (None, data) => Image::Data(
            data.as_deref().unwrap_or_default(),
            args.split.unwrap_or(Split::Test).into(),
        ),
    };
    let drawing = show::activations::activations(&description, &args.weights, image, args.index)?;
    deliver(&drawing, "activations", &args.picture)
}

fn mistakes(args: &ShowMistakesArgs) -> Outcome {
    let run = past(&args.past)?;
    // What cannot be drawn is better heard before it is computed.
    image_shape(run.description.network.input_shape())?;
    let judged = judged(&run, &args.past)?;
    deliver(
        &show::mistakes::mistakes(&run, &judged, args.count)?,
        "mistakes",
        &args.picture,
    )
}

fn judged(run: &PastRun, args: &PastRunArgs) -> Result<Judged> {
    run.judged(args.data.as_deref(), &args.device, &Console::new(true))
}

/// Writes a drawing where it was asked for: into files, in the format of each name's extension; otherwise on the terminal if it
/// can show pictures, else into `NAME.png` in the current folder.
fn deliver(drawing: &Drawing, name: &str, args: &PictureArgs) -> Outcome {
    if !args.out.is_empty() {
        return args.out.iter().try_for_each(|path| write(drawing, path, args.scale));
    }
    match inline::protocol() {
        Some(protocol) => terminal::print_raw(&inline::picture(protocol, &show::png(drawing, args.scale)?)),
        None => write(drawing, &PathBuf::from(format!("{name}.png")), args.scale),
    }
}

fn write(drawing: &Drawing, path: &Path, scale: f64) -> Outcome {
    show::write(drawing, path, scale)?;
    terminal::say(&format!("wrote {}", path.display()));
    Ok(())
}
