//! The building blocks of the page.

use crate::pictures::drawing::Drawing;
use crate::pictures::text::number;
use compiler::numbers::thousands;
use maud::{Markup, PreEscaped, html};

/// A part of the page.
pub(super) struct Part {
    /// The `id` of its element, which links lead to.
    pub id: &'static str,
    /// Its title in the page's table of contents.
    pub short: &'static str,
    /// The heading above it.
    pub heading: &'static str,
    /// What is below the heading.
    pub body: Markup,
}

/// The smallest share of its own size that a drawing is shrunk to; with less room, its box scrolls.
const SHRUNK: f64 = 0.78;

/// A drawing with a caption.
pub(super) fn figure(drawing: &Drawing, caption: &str, label: &str) -> Markup {
    let least = format!("min-width:{:.0}px", drawing.width() * SHRUNK);
    let body = html! { div style=(least) { (PreEscaped(drawing.svg())) } };
    html! {
        figure {
            (scrolling(label, &body))
            figcaption { (caption) }
        }
    }
}

/// A box that scrolls on its own, by the keyboard, too.
pub(super) fn scrolling(label: &str, body: &Markup) -> Markup {
    html! {
        div.scroll role="region" aria-label=(label) tabindex="0" { (body) }
    }
}

/// A paragraph in place of something that is missing, which says why.
pub(super) fn missing(why: &str) -> Markup {
    html! { p.missing { "Not here: " (why) "." } }
}

/// A number with its thousands set off: `12,345`.
pub(super) fn count(value: u64) -> String {
    thousands(usize::try_from(value).unwrap_or(usize::MAX))
}

/// A time in the unit that suits it: `1.5 s`, `12 ms`, `8.1 µs`.
pub(super) fn duration(seconds: f64) -> String {
    let (value, unit) = match seconds {
        seconds if seconds >= 120.0 => (seconds / 60.0, "min"),
        seconds if seconds >= 1.0 => (seconds, "s"),
        seconds if seconds >= 1e-3 => (seconds * 1e3, "ms"),
        seconds => (seconds * 1e6, "\u{b5}s"),
    };
    format!("{} {unit}", number(value))
}
