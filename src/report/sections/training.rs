//! How training went: curves, and their numbers.

use super::super::contents::RunReport;
use super::super::pieces::{figure, missing, scrolling};
use crate::pictures::curves::{NARROW, Run, curves, metrics};
use crate::pictures::text::number;
use maud::{Markup, html};

/// The most epochs whose numbers are listed.
const EPOCHS: usize = 500;

/// A drawing for each metric, and a table of all.
pub(super) fn training(report: &RunReport<'_>) -> Markup {
    let history = report.history;
    if history.epochs.is_empty() {
        return missing("the run has not finished an epoch");
    }
    let runs = [Run {
        name: &report.manifest.model,
        history,
    }];
    let metrics = metrics(&runs);
    let phases = history.has_phases();
    let mut columns: Vec<&String> = history.epochs.iter().flat_map(|epoch| epoch.metrics.keys()).collect();
    columns.sort_by_key(|name| (name.starts_with("val_"), name.as_str()));
    columns.dedup();
    let table = html! {
        table {
            thead { tr {
                @if phases { th.number scope="col" { "Phase" } }
                th.number scope="col" { "Epoch" }
                @for name in &columns { th.number scope="col" { (name) } }
            } }
            tbody {
                @for epoch in history.epochs.iter().take(EPOCHS) {
                    tr {
                        @if phases { td.number { (epoch.phase + 1) } }
                        th.number scope="row" { (epoch.epoch + 1) }
                        @for name in &columns {
                            td.number { (epoch.metrics.get(*name).map_or_else(|| "\u{2013}".to_owned(), |value| number(*value))) }
                        }
                    }
                }
            }
        }
    };
    html! {
        div.curves {
            @for metric in &metrics {
                (figure(&curves(None, metric, NARROW, &runs, std::slice::from_ref(metric)), metric, metric))
            }
        }
        details {
            summary { "The numbers" }
            (scrolling("Metrics of each epoch", &table))
            @if history.epochs.len() > EPOCHS {
                p { "The first " (EPOCHS) " epochs; history.csv has all " (history.epochs.len()) "." }
            }
        }
    }
}
