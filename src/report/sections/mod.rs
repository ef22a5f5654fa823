//! The parts of the page, each kind in a file.

mod answers;
mod head;
mod network;
mod timing;
mod training;

pub use head::head;

use super::contents::RunReport;
use super::pieces::{Part, figure, missing};

/// All parts, in the order of the page.
pub fn all(report: &RunReport<'_>) -> Vec<Part> {
    let part = |id, short, heading, body| Part {
        id,
        short,
        heading,
        body,
    };
    let mut parts = vec![
        part("network", "Network", "The network", network::architecture(report)),
        part(
            "description",
            "Description",
            "The description",
            network::description(report),
        ),
        part("curves", "Curves", "How training went", training::training(report)),
    ];
    match &report.filters {
        Ok(None) => {}
        Ok(Some(filters)) => {
            let caption = format!(
                "What each filter of {} looks for: the weights it has learnt.",
                filters.layer
            );
            let body = figure(&filters.drawing, &caption, "Learnt filters");
            parts.push(part("filters", "Filters", "Learnt filters", body));
        }
        Err(why) => parts.push(part("filters", "Filters", "Learnt filters", missing(why))),
    }
    parts.push(part(
        "confusion",
        "Confusion",
        "What is taken for what",
        answers::matrix(report),
    ));
    parts.push(part(
        "mistakes",
        "Mistakes",
        "The worst mistakes",
        answers::mistakes(report),
    ));
    parts.push(part("timing", "Timing", "Where the time goes", timing::timing(report)));
    parts.push(part("manifest", "Manifest", "What was run", head::manifest(report)));
    parts
}
