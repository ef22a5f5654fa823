//! `cnnc show mistakes`: the images that a trained network is most wrong about.

use super::super::past::PastRun;
use super::super::{Failure, Outcome};
use super::data::image_shape;
use super::deliver;
use crate::cli::ShowMistakesArgs;
use crate::pictures::mistakes::mistakes;
use compiler::numbers::thousands;

/// Draws them.
pub fn run(args: &ShowMistakesArgs) -> Outcome {
    let past = PastRun::open(&args.past)?;
    let shape = image_shape(past.description.network.input_shape())?;
    let judged = past.judged(&args.past)?;
    let worst = judged.mistakes(args.count);
    if worst.is_empty() {
        let message = format!(
            "there is nothing to show: all {} answers are right",
            judged.answers.len()
        );
        return Err(Failure::message(message));
    }
    let title = format!("{}: the worst mistakes", past.title());
    let line = format!(
        "{} of {} wrong on the {} split, the highest losses first; in bold what the network says, and how sure it is",
        thousands(judged.wrong()),
        thousands(judged.answers.len()),
        judged.which
    );
    deliver(&mistakes(&title, &line, shape, &worst), "mistakes", &args.picture)
}
