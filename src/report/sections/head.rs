//! The head of the page, and what exactly was run.

use super::super::contents::RunReport;
use super::super::pieces::{count, duration};
use crate::pictures::text::number;
use compiler::numbers::thousands;
use compiler::verbose;
use maud::{Markup, html};

/// The title, the most important numbers, and the button that switches between light and dark.
pub fn head(report: &RunReport<'_>) -> Markup {
    let manifest = report.manifest;
    let epochs = manifest.epochs;
    let last = report.history.epochs.last();
    let mut facts: Vec<(String, String)> = Vec::new();
    for (name, value) in last.iter().flat_map(|epoch| &epoch.metrics) {
        if let Some(metric) = name.strip_prefix("val_") {
            facts.push((format!("validation {metric}"), shown(metric, *value)));
        }
    }
    if facts.is_empty() {
        let metrics = last.iter().flat_map(|epoch| &epoch.metrics);
        facts.extend(metrics.map(|(name, value)| (format!("training {name}"), shown(name, *value))));
    }
    facts.push(("parameters".to_owned(), thousands(report.network.total_params())));
    let macs = verbose::costs(report.network).macs;
    facts.push(("multiply-adds a sample".to_owned(), count(macs)));
    if epochs > 0 {
        let seconds = manifest.wall_seconds / epochs as f64;
        facts.push(("an epoch, with validation".to_owned(), duration(seconds)));
    }
    let plural = if epochs == 1 { "" } else { "s" };
    let phases = match manifest.phases.len() {
        0 | 1 => String::new(),
        count => format!(" in {count} phases"),
    };
    html! {
        header {
            div.title {
                h1 { (manifest.model) }
                button #theme type="button" hidden { "Dark" }
            }
            p { "Trained on " b { (manifest.data) } " for " (epochs) " epoch" (plural) (phases) " on " (manifest.device) "." }
            @if report.interrupted {
                p.note role="note" { "The run was interrupted: this is how far it came." }
            }
            dl.facts {
                @for (name, value) in &facts {
                    div { dt { (name) } dd { (value) } }
                }
            }
        }
    }
}

/// The value of a metric as the head shows it: `97.15 %` for an accuracy.
fn shown(metric: &str, value: f64) -> String {
    if metric.starts_with("acc") && value.is_finite() {
        format!("{:.2} %", value * 100.0)
    } else {
        number(value)
    }
}

/// The facts of `run.yaml`.
pub(super) fn manifest(report: &RunReport<'_>) -> Markup {
    let manifest = report.manifest;
    let batch = manifest.batch_size.to_string();
    let seconds = format!("{} s", number(manifest.wall_seconds));
    let (seed, epochs) = (manifest.seed.to_string(), manifest.epochs.to_string());
    let phase = manifest
        .phase
        .map(|phase| format!("{phase} of {}", manifest.phases.len()));
    let rows = [
        ("cnnc", manifest.cnnc.as_str()),
        ("model", &manifest.model),
        ("data", &manifest.data),
        ("data from", &manifest.data_origin),
        ("sha256 of the data", &manifest.data_sha256),
        ("seed", &seed),
        ("batch size", &batch),
        ("epochs", &epochs),
        ("device", &manifest.device),
        ("driver", manifest.driver.as_deref().unwrap_or("\u{2013}")),
        ("training took", &seconds),
        ("sha256 of the weights", &manifest.weights_sha256),
    ];
    html! {
        dl.manifest {
            @for (name, value) in rows.into_iter().chain(phase.as_deref().map(|phase| ("phase", phase))) {
                dt { (name) } dd { (value) }
            }
        }
    }
}
