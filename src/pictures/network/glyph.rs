//! The shapes that stand for layers' outputs.

use super::super::colours::SERIES;
use super::super::drawing::{Area, Drawing, Font, Paint, Stroke};
use super::super::rgb::Rgb;
use super::super::text::{Weight, width};
use compiler::layers::Layer;
use compiler::layers::glyph::Form;
use compiler::network::CheckedNetwork;
use compiler::shape::Shape;

/// The sides of the largest and the smallest sheet, in px.
const SHEET: (f64, f64) = (104.0, 12.0);

/// The most sheets of a stack that are drawn.
const SHEETS: usize = 10;

/// The lengths of the longest and the shortest bar, in px.
const BAR: (f64, f64) = (150.0, 26.0);

/// The width of a bar in px.
const BAR_WIDTH: f64 = 13.0;

/// The height of a chip in px.
const CHIP: f64 = 26.0;

const MAPS: Rgb = SERIES[0];
const ROWS: Rgb = SERIES[2];
const WINDOW: Rgb = SERIES[1];

/// The largest sizes in a network, which the others are drawn relative to.
#[derive(Debug, Clone, Copy)]
pub struct Scales {
    side: usize,
    row: usize,
}

impl Scales {
    /// The largest side of a map and the longest vector of a network.
    pub fn of(network: &CheckedNetwork) -> Self {
        let shapes = || network.nodes().map(|(_, _, shape, _)| shape);
        let sides = shapes()
            .filter_map(Shape::as_map)
            .map(|(height, width, _)| height.max(width));
        let rows = shapes().filter(|shape| shape.as_map().is_none()).map(Shape::elements);
        Self {
            side: sides.max().unwrap_or(1).max(1),
            row: rows.max().unwrap_or(1).max(2),
        }
    }

    /// The side of a sheet in px, by the square root of the ratio, so that small maps stay visible beside large ones.
    fn sheet(&self, cells: usize) -> f64 {
        (SHEET.0 * (cells as f64 / self.side as f64).sqrt()).max(SHEET.1)
    }

    fn bar(&self, numbers: usize) -> f64 {
        let share = (numbers.max(1) as f64).ln() / (self.row as f64).ln();
        BAR.1 + (BAR.0 - BAR.1) * share.min(1.0)
    }
}

/// The shape that is drawn for a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Glyph {
    /// Which kind of shape it is.
    pub kind: GlyphKind,
}

/// The kind of shape, which depends on the rank of the output.
#[derive(Debug, Clone, PartialEq)]
pub enum GlyphKind {
    /// Feature maps, as a stack of squares in perspective.
    Stack {
        /// How many sheets are drawn.
        sheets: usize,
        /// The distance from one sheet to the next in px, to the right and down.
        step: f64,
        /// The width of a sheet in px.
        width: f64,
        /// The height of a sheet in px.
        height: f64,
        /// The height and the width of the map in cells.
        cells: (usize, usize),
    },
    /// A vector, as a bar.
    Bar {
        /// The height of the bar in px.
        height: f64,
    },
    /// A layer that keeps the shape, or merges, as a chip.
    Chip {
        /// The text in the chip.
        text: &'static str,
    },
}

impl Glyph {
    /// The shape for a layer with this output.
    pub fn of(layer: &Layer, shape: &Shape, scales: &Scales) -> Self {
        let kind = match (layer.form(), shape.as_map()) {
            (Form::Chip(text), _) => GlyphKind::Chip { text },
            (Form::Output, Some((height, width, channels))) => {
                let sheets = channels.clamp(1, SHEETS);
                let step = if sheets > 6 { 3.5 } else { 5.0 };
                GlyphKind::Stack {
                    sheets,
                    step,
                    width: scales.sheet(width),
                    height: scales.sheet(height),
                    cells: (height, width),
                }
            }
            (Form::Output, None) => GlyphKind::Bar {
                height: scales.bar(shape.elements()),
            },
        };
        Self { kind }
    }

    /// Whether it is a stack of maps, over which windows slide.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, GlyphKind::Stack { .. })
    }

    /// The width in px.
    pub fn width(&self) -> f64 {
        match &self.kind {
            GlyphKind::Stack {
                sheets, step, width, ..
            } => width + (sheets - 1) as f64 * step,
            GlyphKind::Bar { .. } => BAR_WIDTH,
            GlyphKind::Chip { text } => (width(text, 12.0, Weight::Bold) + 14.0).max(CHIP),
        }
    }

    /// The height in px.
    pub fn height(&self) -> f64 {
        match &self.kind {
            GlyphKind::Stack {
                sheets, step, height, ..
            } => height + (sheets - 1) as f64 * step,
            GlyphKind::Bar { height } => *height,
            GlyphKind::Chip { .. } => CHIP,
        }
    }

    /// The front sheet of a stack with its middle at (x, y).
    fn front(&self, x: f64, y: f64) -> Area {
        let (left, top) = (x - self.width() / 2.0, y - self.height() / 2.0);
        match &self.kind {
            GlyphKind::Stack {
                sheets,
                step,
                width,
                height,
                ..
            } => {
                let back = (sheets - 1) as f64 * step;
                Area::new(left + back, top + back, *width, *height)
            }
            GlyphKind::Bar { .. } | GlyphKind::Chip { .. } => Area::new(left, top, self.width(), self.height()),
        }
    }

    /// Draws the shape with its middle at (x, y).
    pub fn draw(&self, drawing: &mut Drawing, x: f64, y: f64) {
        let front = self.front(x, y);
        match &self.kind {
            GlyphKind::Stack { sheets, step, .. } => {
                for sheet in (0..*sheets).rev() {
                    let back = sheet as f64 * step;
                    let area = Area::new(front.x - back, front.y - back, front.width, front.height);
                    let colour = blend(MAPS, sheet as f64 / *sheets as f64);
                    drawing.rect(area, 0.0, Paint::Rgb(colour), Stroke::new(Paint::Rgb(MAPS), 1.0));
                }
            }
            GlyphKind::Bar { .. } => {
                drawing.rect(
                    front,
                    2.0,
                    Paint::Rgb(blend(ROWS, 0.0)),
                    Stroke::new(Paint::Rgb(ROWS), 1.0),
                );
                let mut at = front.y + 8.0;
                while at < front.bottom() - 2.0 {
                    let thin = Stroke::new(Paint::Glaze(ROWS, 0.5), 1.0);
                    drawing.line((front.x, at), (front.right(), at), thin);
                    at += 8.0;
                }
            }
            GlyphKind::Chip { text } => {
                drawing.rect(front, CHIP / 2.0, Paint::None, Stroke::new(Paint::Ink(0.7), 1.3));
                let font = Font::new(12.0).bold().middle();
                drawing.text(x, y + 4.3, text, font);
            }
        }
    }
}

/// A light tint of a colour, paler for sheets further back.
fn blend(colour: Rgb, back: f64) -> Rgb {
    let share = 0.34 - 0.2 * back;
    let mix = |channel: u8| (255.0 - (255.0 - f64::from(channel)) * share).round() as u8;
    Rgb(mix(colour.0), mix(colour.1), mix(colour.2))
}

/// Draws the window on the front map of one layer, and lines to the one element of the next layer that it becomes.
pub fn window(drawing: &mut Drawing, from: &Glyph, to: &Glyph, ends: [(f64, f64); 2], size: (usize, usize)) {
    let (GlyphKind::Stack { cells, .. }, true) = (&from.kind, to.is_map()) else {
        return;
    };
    let sheet = from.front(ends[0].0, ends[0].1);
    let share = |window: usize, cells: usize| (window as f64 / cells.max(1) as f64).clamp(0.08, 1.0);
    let (wide, high) = (
        sheet.width * share(size.1, cells.1),
        sheet.height * share(size.0, cells.0),
    );
    // Right of the middle and not quite at the edge, where the lines meet little.
    let area = Area::new(
        sheet.x + (sheet.width - wide) * 0.72,
        sheet.y + (sheet.height - high) * 0.42,
        wide,
        high,
    );
    let target = to.front(ends[1].0, ends[1].1);
    let point = (target.x + target.width * 0.3, target.y + target.height * 0.45);
    let edge = Stroke::new(Paint::Rgb(WINDOW), 1.2);
    let thin = Stroke::new(Paint::Rgb(WINDOW), 0.9);
    drawing.line((area.right(), area.y), point, thin);
    drawing.line((area.right(), area.bottom()), point, thin);
    drawing.rect(area, 0.0, Paint::Glaze(WINDOW, 0.3), edge);
    drawing.rect(
        Area::new(point.0 - 2.0, point.1 - 2.0, 4.0, 4.0),
        0.0,
        Paint::Rgb(WINDOW),
        Stroke::NONE,
    );
}
