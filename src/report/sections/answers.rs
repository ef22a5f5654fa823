//! What the trained network answers: which classes it confuses, and which images it is most wrong about.

use super::super::contents::RunReport;
use super::super::pieces::{figure, missing, scrolling};
use crate::pictures::confusion::confusion;
use crate::pictures::samples::{bitmap_between, levels};
use crate::session::confusion::{Confusion, percent};
use crate::session::judge::Mistake;
use crate::session::samples::image_shape;
use compiler::numbers::thousands;
use maud::{Markup, html};

/// The most mistakes that are shown.
const MISTAKES: usize = 24;

/// The most kinds of confusion that are listed.
const CONFUSIONS: usize = 8;

/// The confusion matrix, and the pairs that are confused most often.
pub(super) fn matrix(report: &RunReport<'_>) -> Markup {
    let judged = match &report.judged {
        Ok(judged) => judged,
        Err(why) => return missing(why),
    };
    let matrix = match judged.confusion() {
        Ok(matrix) => matrix,
        Err(failure) => return missing(&failure.to_string()),
    };
    let caption = format!("The {} split: {}.", judged.which, matrix.accuracy());
    html! {
        (figure(&confusion(None, &caption, &matrix), &caption, "Confusion matrix"))
        (frequent(&matrix))
    }
}

/// The pairs that are confused most often.
fn frequent(matrix: &Confusion) -> Markup {
    let errors = matrix.frequent_errors();
    let name = |class: usize| matrix.names.get(class).cloned().unwrap_or_default();
    let share = |label: usize, count: usize| percent(Some(count as f64 / matrix.samples_of(label).max(1) as f64), 1);
    let table = html! {
        table {
            thead { tr {
                th scope="col" { "Is" } th scope="col" { "Taken for" } th.number scope="col" { "How often" }
                th.number scope="col" { "Of its class" }
            } }
            tbody {
                @for &(label, predicted, count) in errors.iter().take(CONFUSIONS) {
                    tr {
                        td { (name(label)) } td { (name(predicted)) } td.number { (thousands(count)) }
                        td.number { (share(label, count)) }
                    }
                }
            }
        }
    };
    html! {
        @if !errors.is_empty() {
            h3 { "Confused most often" }
            (scrolling("Confused most often", &table))
        }
    }
}

/// The worst mistakes: images with what they were taken for.
pub(super) fn mistakes(report: &RunReport<'_>) -> Markup {
    let judged = match &report.judged {
        Ok(judged) => judged,
        Err(why) => return missing(why),
    };
    let worst = judged.mistakes(MISTAKES);
    if worst.is_empty() {
        return html! { p { "All " (thousands(judged.answers.len())) " answers are right." } };
    }
    let levels = levels(worst.iter().flat_map(|mistake| &mistake.values));
    html! {
        p {
            (thousands(judged.wrong())) " of " (thousands(judged.answers.len())) " are wrong on the " (judged.which)
            " split. These have the highest loss."
        }
        ul.mistakes { @for mistake in &worst { (one_mistake(mistake, levels, report)) } }
    }
}

fn one_mistake(mistake: &Mistake, levels: [f32; 2], report: &RunReport<'_>) -> Markup {
    let shape = image_shape(report.network.input_shape()).ok();
    let picture = shape.filter(|_| !mistake.values.is_empty());
    let address = picture.and_then(|shape| bitmap_between(shape, &mistake.values, levels).address());
    let size = picture.map_or([0, 0], |[height, width, _]| [height, width]);
    html! {
        li {
            @if let Some(address) = address {
                img src=(address) width=(size[1]) height=(size[0])
                    alt={ "Sample " (mistake.index) ": a " (mistake.label) " taken for a " (mistake.predicted) };
            }
            p { b { (mistake.taken_for()) } br; (mistake.is()) br; span.soft { "sample " (mistake.index) } }
        }
    }
}
