//! A run as one page that a browser opens: no other file, no network, light and dark, on paper and on a telephone. maud
//! escapes everything that is not markup of this module or a drawing, which escapes its texts itself.

mod sections;
mod subject;

pub use subject::{Subject, of_past, of_trained, write};

use crate::pictures::drawing::Drawing;
use crate::session::judge::Judged;
use compiler::network::CheckedNetwork;
use compiler::plan::Plan;
use grammar::render::visible;
use grammar::source::Source;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use runtime::executor::{Device, StepTimes};
use runtime::run_directory::{History, Manifest};

/// Nothing is loaded from anywhere; pictures carry their own bytes.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// Everything that the page shows; where something is missing, why.
pub struct Report<'a> {
    /// What was run, on which data and device.
    pub manifest: &'a Manifest,
    /// The metrics of its epochs.
    pub history: &'a History,
    /// The text of its description.
    pub source: &'a Source,
    /// The network that the text describes.
    pub network: &'a CheckedNetwork,
    /// The plan of that network.
    pub plan: &'a Plan,
    /// What the trained network says of the samples that it is judged by; else why that is not known.
    pub judged: Result<&'a Judged, String>,
    /// Its first convolution; none where it has no convolution.
    pub filters: Result<Option<Filters>, String>,
    /// Where the time of a step goes.
    pub times: Result<StepTimes, String>,
    /// What the times were measured on.
    pub device: &'a Device,
    /// Whether the run ended before its time.
    pub interrupted: bool,
}

/// The learnt kernels of a convolution, drawn.
pub struct Filters {
    /// The name of the convolution.
    pub layer: String,
    /// A panel for each filter.
    pub drawing: Drawing,
}

/// The page as the text of an HTML file.
pub fn page(report: &Report<'_>) -> String {
    let name = &report.manifest.model;
    let parts = sections::all(report);
    let markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "cnnc " (report.manifest.cnnc) };
                title { (name) " \u{2013} cnnc" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (sections::head(report))
                nav aria-label="Sections" {
                    @for part in &parts {
                        a href={ "#" (part.id) } { (part.short) }
                    }
                }
                main {
                    @for part in &parts {
                        section id=(part.id) aria-labelledby={ (part.id) "-heading" } {
                            h2 id={ (part.id) "-heading" } { (part.heading) }
                            (part.body)
                        }
                    }
                }
                footer { p { "Written by cnnc " (report.manifest.cnnc) ". This page is one file and loads nothing." } }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    };
    // Names from files: a browser would obey their marks of direction.
    visible(&markup.into_string()).into_owned()
}

/// A part of the page.
struct Part {
    id: &'static str,
    /// In the list of parts.
    short: &'static str,
    heading: &'static str,
    body: Markup,
}

/// The least share of its own size that a drawing is shrunk to; in less room its box scrolls.
const SHRUNK: f64 = 0.78;

/// A drawing with what is to be said about it.
fn figure(drawing: &Drawing, caption: &str, label: &str) -> Markup {
    let least = format!("min-width:{:.0}px", drawing.width() * SHRUNK);
    let body = html! { div style=(least) { (PreEscaped(drawing.svg())) } };
    html! {
        figure {
            (scrolling(label, &body))
            figcaption { (caption) }
        }
    }
}

/// A box that scrolls by itself, for the keyboard too.
fn scrolling(label: &str, body: &Markup) -> Markup {
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" { (body) }
    }
}
