//! The page as a whole.

use super::contents::RunReport;
use super::sections;
use grammar::render::visible;
use maud::{DOCTYPE, PreEscaped, html};

/// The content security policy: nothing is loaded from anywhere; pictures carry their own bytes.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("report.css");
const SCRIPT: &str = include_str!("report.js");

/// The page as the text of an HTML file.
pub fn page(report: &RunReport<'_>) -> String {
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
