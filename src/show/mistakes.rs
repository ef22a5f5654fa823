//! Draws the images that a trained network is most wrong about.

use crate::pictures::drawing::Drawing;
use crate::pictures::mistakes;
use crate::session::error::{Error, Result};
use crate::session::judge::Judged;
use crate::session::past::PastRun;
use crate::session::samples::image_shape;
use compiler::numbers::thousands;

/// Draws the `count` worst answers of a run's network.
///
/// # Errors
/// When all answers are right, or samples are not images.
pub fn mistakes(past: &PastRun, judged: &Judged, count: usize) -> Result<Drawing> {
    let shape = image_shape(past.description.network.input_shape())?;
    let worst = judged.mistakes(count);
    if worst.is_empty() {
        let message = format!(
            "there is nothing to show: all {} answers are right",
            judged.answers.len()
        );
        return Err(Error::message(message));
    }
    let title = format!("{}: the worst mistakes", past.title());
    let line = format!(
        "{} of {} wrong on the {} split, the highest losses first; in bold what the network says, and how sure it is",
        thousands(judged.wrong()),
        thousands(judged.answers.len()),
        judged.which
    );
    Ok(mistakes::mistakes(&title, &line, shape, &worst))
}
