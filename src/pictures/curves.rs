//! Draws the curves of training: a panel for each metric, a colour for each run, validation dashed.

use super::colours::SERIES;
use super::drawing::{Area, Drawing, Font, Paint, Stroke};
use super::panel::{self, HEADING, MARGIN, TEXT};
use super::rgb::Rgb;
use super::text::{Weight, number, width};
use super::ticks::{decimals, epoch_ticks, ticks};
use runtime::run_directory::{Epoch, History};

/// The prefix of the names of validation's metrics.
const VALIDATION: &str = "val_";

/// The metrics that are shares and are drawn as percentages.
const SHARES: [&str; 2] = ["accuracy", "acc"];

/// The width in px of a panel with its axes' labels, for slides.
pub const WIDE: f64 = 430.0;

/// The width in px of a panel for a page that may be shown on a telephone.
pub const NARROW: f64 = 330.0;

/// The height in px of a panel with its axes' labels.
const HEIGHT: f64 = 300.0;

/// The distances in px from a panel's edges to its plot: left, top, right, bottom.
const EDGES: [f64; 4] = [58.0, 26.0, 46.0, 44.0];

/// The space between panels, in px.
const GAP: f64 = 18.0;

/// The height in px of a line of the legend.
const LEGEND: f64 = 20.0;

/// The length in px of a line in the legend, with the space after it.
const SWATCH: f64 = 36.0;

/// A run whose curves are drawn.
#[derive(Debug, Clone, Copy)]
pub struct Run<'a> {
    /// The name of the run in the legend.
    pub name: &'a str,
    /// The metrics of the run, epoch by epoch.
    pub history: &'a History,
}

/// One line of a panel: a metric of a run.
#[derive(Debug, Clone, PartialEq)]
struct Curve {
    run: usize,
    validates: bool,
    /// The epochs, counted from 1, with their values; `None` where there is no finite one.
    points: Vec<(f64, Option<f64>)>,
}

/// The metrics that the runs have, without `val_`: accuracies first, then the loss, then others by name.
pub fn metrics(runs: &[Run<'_>]) -> Vec<String> {
    let epochs = runs.iter().flat_map(|run| &run.history.epochs);
    let names = epochs.flat_map(|epoch| epoch.metrics.keys());
    let mut metrics: Vec<String> = names
        .map(|name| name.strip_prefix(VALIDATION).unwrap_or(name).to_owned())
        .collect();
    let rank = |name: &str| match name {
        name if SHARES.contains(&name) => 0,
        "loss" => 1,
        _ => 2,
    };
    metrics.sort_by(|a, b| (rank(a), a).cmp(&(rank(b), b)));
    metrics.dedup();
    metrics
}

/// The panels of `metrics`, two in a row, below a legend. `title` and `line` are the heading; without a title there is none, for
/// a page that has its own. Panels are `panel_width` px wide.
pub fn curves(title: Option<&str>, line: &str, panel_width: f64, runs: &[Run<'_>], metrics: &[String]) -> Drawing {
    let columns = metrics.len().clamp(1, 2);
    let room = columns as f64 * panel_width + (columns - 1) as f64 * GAP;
    let heading = if title.is_some() { HEADING } else { 0.0 };
    let (entries, lines) = legend(runs, room);
    let top = MARGIN + heading + lines as f64 * LEGEND + 6.0;
    let rows = metrics.len().div_ceil(columns).max(1);
    let height = top + rows as f64 * (HEIGHT + GAP) - GAP + MARGIN / 2.0;
    let named = title.map_or_else(|| metrics.join(", "), str::to_owned);
    let mut drawing = Drawing::new(room + 2.0 * MARGIN, height, &named, &described(line, runs, metrics));
    if let Some(title) = title {
        panel::heading(&mut drawing, title, line);
    }
    for entry in &entries {
        let (x, y) = (MARGIN + entry.x, MARGIN + heading + entry.line as f64 * LEGEND + 10.0);
        let stroke = stroke(entry.run, runs.len(), entry.validates);
        drawing.line((x, y), (x + SWATCH - 8.0, y), stroke);
        marker(&mut drawing, (x + (SWATCH - 8.0) / 2.0, y), entry.run, stroke.paint);
        let font = Font::new(TEXT).within(room - SWATCH);
        drawing.text(x + SWATCH, y + 4.0, &entry.text, font);
    }
    for (index, metric) in metrics.iter().enumerate() {
        let x = MARGIN + (index % columns) as f64 * (panel_width + GAP);
        let y = top + (index / columns) as f64 * (HEIGHT + GAP);
        plot(&mut drawing, Area::new(x, y, panel_width, HEIGHT), metric, runs);
    }
    drawing
}

/// What the picture shows, in words: the last values.
fn described(line: &str, runs: &[Run<'_>], metrics: &[String]) -> String {
    let mut text = line.to_owned();
    for run in runs {
        let Some(last) = run.history.epochs.last() else {
            continue;
        };
        for metric in metrics {
            for name in [metric.clone(), format!("{VALIDATION}{metric}")] {
                if let Some(value) = last.metrics.get(&name) {
                    let phase = if run.history.has_phases() {
                        format!(" of phase {}", last.phase + 1)
                    } else {
                        String::new()
                    };
                    text.push_str(&format!(
                        "; {}, {name} after epoch {}{phase}: {}",
                        run.name,
                        last.epoch + 1,
                        number(*value)
                    ));
                }
            }
        }
    }
    text
}

struct Entry {
    run: usize,
    validates: bool,
    text: String,
    x: f64,
    line: usize,
}

/// The entries of the legend with their places, and how many lines they take.
fn legend(runs: &[Run<'_>], room: f64) -> (Vec<Entry>, usize) {
    let (mut entries, mut x, mut line) = (Vec::new(), 0.0, 0);
    for (index, run) in runs.iter().enumerate() {
        let names = run.history.epochs.iter().flat_map(|epoch| epoch.metrics.keys());
        let has_validation = names.clone().any(|name| name.starts_with(VALIDATION));
        for validates in [false, true] {
            if validates && !has_validation {
                continue;
            }
            let part = if validates { "validation" } else { "training" };
            let text = if runs.len() == 1 {
                part.to_owned()
            } else {
                format!("{}, {part}", run.name)
            };
            let wide = SWATCH + width(&text, TEXT, Weight::Regular);
            if x > 0.0 && x + wide > room {
                (x, line) = (0.0, line + 1);
            }
            entries.push(Entry {
                run: index,
                validates,
                text,
                x,
                line,
            });
            x += wide + 24.0;
        }
    }
    let lines = if entries.is_empty() { 0 } else { line + 1 };
    (entries, lines)
}

/// The line of a curve. A single run has a colour for training and one for validation, several runs have one each.
fn stroke(run: usize, runs: usize, validates: bool) -> Stroke {
    let index = if runs == 1 { usize::from(validates) } else { run };
    let colour = SERIES[index % SERIES.len()];
    Stroke {
        dash: validates.then_some([6.0, 4.0]),
        ..Stroke::new(Paint::Rgb(colour), 2.0)
    }
}

/// Draws a mark, filled, hollow or square, which tells runs with the same colour apart.
fn marker(drawing: &mut Drawing, (x, y): (f64, f64), run: usize, paint: Paint) {
    let edge = Stroke::new(paint, 1.5);
    match run / SERIES.len() % 3 {
        0 => drawing.circle(x, y, 3.0, paint, Stroke::NONE),
        1 => drawing.circle(x, y, 3.2, Paint::Rgb(Rgb(255, 255, 255)), edge),
        _ => drawing.rect(Area::new(x - 3.0, y - 3.0, 6.0, 6.0), 0.0, paint, Stroke::NONE),
    }
}

fn curves_of(metric: &str, runs: &[Run<'_>]) -> Vec<Curve> {
    let factor = if SHARES.contains(&metric) { 100.0 } else { 1.0 };
    let mut curves = Vec::new();
    for (run, Run { history, .. }) in runs.iter().enumerate() {
        for (validates, name) in [(false, metric.to_owned()), (true, format!("{VALIDATION}{metric}"))] {
            let value = |value: Option<&f64>| value.map(|value| value * factor).filter(|value| value.is_finite());
            // The epochs of phases may have the same numbers: they are counted on.
            let phases = history.has_phases();
            let number = |(index, epoch): (usize, &Epoch)| if phases { index + 1 } else { epoch.epoch + 1 };
            let points: Vec<(f64, Option<f64>)> = (history.epochs.iter().enumerate())
                .map(|(index, epoch)| {
                    let number = number((index, epoch)) as f64;
                    (number, value(epoch.metrics.get(&name)))
                })
                .collect();
            if points.iter().any(|(_, value)| value.is_some()) {
                curves.push(Curve { run, validates, points });
            }
        }
    }
    curves
}

/// Turns values into px along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn at(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }
}

/// Draws one panel: frame, ticks, labels, curves.
fn plot(drawing: &mut Drawing, area: Area, metric: &str, runs: &[Run<'_>]) {
    let [left, top, right, bottom] = EDGES;
    let frame = Area::new(
        area.x + left,
        area.y + top,
        area.width - left - right,
        area.height - top - bottom,
    );
    let curves = curves_of(metric, runs);
    let share = SHARES.contains(&metric);
    let name = if share { "accuracy" } else { metric };
    drawing.text(frame.x, area.y + 14.0, name, Font::new(13.0).bold());
    let values = curves.iter().flat_map(|curve| &curve.points);
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for &(epoch, value) in values {
        (first, last) = (first.min(epoch), last.max(epoch));
        if let Some(value) = value {
            (low, high) = (low.min(value), high.max(value));
        }
    }
    if curves.is_empty() {
        drawing.rect(frame, 0.0, Paint::None, panel::FRAME);
        let font = Font::new(TEXT).middle().soft();
        drawing.text(frame.middle(), frame.centre(), "no finite value", font);
        return;
    }
    let ticks = ticks(low, high, 5, 0.0);
    let across = if first < last {
        Axis {
            low: first,
            high: last,
            from: frame.x + 8.0,
            to: frame.right() - 8.0,
        }
    } else {
        Axis {
            low: first - 0.5,
            high: first + 0.5,
            from: frame.x,
            to: frame.right(),
        }
    };
    let (lowest, highest) = (ticks[0].min(low), ticks[ticks.len() - 1].max(high));
    let up = Axis {
        low: lowest,
        high: highest,
        from: frame.bottom() - 6.0,
        to: frame.y + 6.0,
    };
    let decimals = decimals(&ticks);
    for &tick in &ticks {
        let y = up.at(tick);
        drawing.line((frame.x, y), (frame.right(), y), Stroke::new(Paint::Ink(0.14), 1.0));
        let unit = if share { " %" } else { "" };
        let text = format!("{tick:.decimals$}{unit}").replace('-', "\u{2212}");
        drawing.text(frame.x - 6.0, y + 4.0, &text, Font::new(11.0).end().within(left - 8.0));
    }
    for tick in epoch_ticks(first, last) {
        let x = across.at(tick);
        let bottom = frame.bottom();
        drawing.line((x, bottom), (x, bottom + 4.0), Stroke::new(Paint::Ink(0.6), 1.0));
        drawing.text(x, bottom + 17.0, &format!("{tick}"), Font::new(11.0).middle());
    }
    drawing.text(
        frame.middle(),
        frame.bottom() + 36.0,
        "epoch",
        Font::new(TEXT).middle().soft(),
    );
    drawing.line(
        (frame.x, frame.bottom()),
        (frame.right(), frame.bottom()),
        Stroke::new(Paint::Ink(0.6), 1.0),
    );
    if let [run] = runs {
        phases(drawing, run.history, frame, across);
    }
    for curve in &curves {
        draw(drawing, curve, runs.len(), across, up);
    }
    if runs.len() == 1 {
        last_values(drawing, &curves, across, up);
    }
}

/// Draws a line between two phases of training, with the number of the phase that begins there.
fn phases(drawing: &mut Drawing, history: &History, frame: Area, across: Axis) {
    for (index, pair) in history.epochs.windows(2).enumerate() {
        if let [before, epoch] = pair
            && before.phase != epoch.phase
        {
            let x = across.at(index as f64 + 1.5);
            drawing.line((x, frame.y), (x, frame.bottom()), Stroke::new(Paint::Ink(0.35), 1.0));
            let room = frame.right() - x - 4.0;
            let number = (epoch.phase + 1).to_string();
            let whole = format!("phase {number}");
            let text = if width(&whole, 11.0, Weight::Regular) <= room {
                whole
            } else {
                number
            };
            drawing.text(x + 4.0, frame.y + 12.0, &text, Font::new(11.0).soft().within(room));
        }
    }
}

/// Draws a curve, broken where an epoch has no value, with a mark at each epoch if there are few.
fn draw(drawing: &mut Drawing, curve: &Curve, runs: usize, across: Axis, up: Axis) {
    let stroke = stroke(curve.run, runs, curve.validates);
    let gap = |(_, value): &(f64, Option<f64>)| value.is_none();
    for piece in curve.points.split(gap) {
        let points: Vec<(f64, f64)> = piece
            .iter()
            .filter_map(|&(epoch, value)| Some((across.at(epoch), up.at(value?))))
            .collect();
        if points.len() > 1 {
            drawing.polyline(&points, stroke);
        }
        if curve.points.len() <= 30 || points.len() == 1 {
            for &point in &points {
                marker(drawing, point, curve.run, stroke.paint);
            }
        }
    }
}

/// Draws the last value of each curve at its end, at least the height of a line apart.
fn last_values(drawing: &mut Drawing, curves: &[Curve], across: Axis, up: Axis) {
    let mut ends: Vec<(f64, f64, f64, Paint)> = curves
        .iter()
        .filter_map(|curve| {
            let (epoch, value) = curve
                .points
                .iter()
                .rev()
                .find_map(|&(epoch, value)| Some((epoch, value?)))?;
            let paint = stroke(curve.run, 1, curve.validates).paint;
            Some((across.at(epoch), up.at(value), value, paint))
        })
        .collect();
    ends.sort_by(|a, b| a.1.total_cmp(&b.1));
    let mut above = f64::NEG_INFINITY;
    for (x, y, value, paint) in ends {
        let y = (y + 4.0).max(above + 13.0);
        above = y;
        drawing.circle(x + 9.0, y - 4.0, 2.0, paint, Stroke::NONE);
        drawing.text(x + 14.0, y, &number(value), Font::new(11.0).within(46.0));
    }
}

#[cfg(test)]
mod tests;
