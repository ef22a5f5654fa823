//! Draws which classes a trained network takes for which.

use crate::pictures::confusion;
use crate::pictures::drawing::Drawing;
use crate::session::error::Result;
use crate::session::judge::Judged;
use crate::session::past::PastRun;

/// Draws the answers of a run's network as a matrix.
///
/// # Errors
/// When there are too many classes for a matrix.
pub fn confusion(past: &PastRun, judged: &Judged) -> Result<Drawing> {
    let matrix = judged.confusion()?;
    let title = format!("{}: {}", past.title(), matrix.accuracy());
    let line = format!("the {} split, {}", judged.which, past.epochs());
    Ok(confusion::confusion(Some(&title), &line, &matrix))
}
