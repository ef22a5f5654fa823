//! What several pictures have in common: a heading, panels in rows with a line of text above each, and a bar that explains
//! colours.

use super::colours::Scale;
use super::drawing::{Area, Bitmap, Drawing, Font, Paint, Stroke};
use super::text::{Weight, number, width};

/// The blank margin around a picture, in px.
pub const MARGIN: f64 = 20.0;

/// The size of the letters of a picture's title, in px.
pub const TITLE: f64 = 17.0;

/// The size of the letters of the text below it and at panels, in px.
pub const TEXT: f64 = 12.0;

/// The distance in px from the top of a heading to what follows it.
pub const HEADING: f64 = 56.0;

/// A thin frame, so that an image of the paper's colour has an edge.
pub const FRAME: Stroke = Stroke::new(Paint::Ink(0.3), 1.0);

/// The height in px of a colour bar with its numbers and its label.
pub const COLOUR_BAR: f64 = 46.0;

/// Draws the title and the line below it at the top left; what follows begins at `MARGIN + HEADING`.
pub fn heading(drawing: &mut Drawing, title: &str, line: &str) {
    let room = drawing.width() - 2.0 * MARGIN;
    drawing.text(
        MARGIN,
        MARGIN + TITLE - 2.0,
        title,
        Font::new(TITLE).bold().within(room),
    );
    drawing.text(MARGIN, MARGIN + TITLE + 19.0, line, Font::new(TEXT).soft().within(room));
}

/// The width in px that a picture needs to show its whole heading, up to `most`.
pub fn heading_width(title: &str, line: &str, most: f64) -> f64 {
    let text = width(title, TITLE, Weight::Bold).max(width(line, TEXT, Weight::Regular));
    (text + 2.0 * MARGIN).min(most)
}

/// How many px a side of an image's pixel takes: a whole number, so that pixels stay equal squares, which makes the longer side
/// of the image about `wanted` px.
pub fn magnification(height: usize, width: usize, wanted: f64) -> f64 {
    (wanted / height.max(width).max(1) as f64).round().max(1.0)
}

/// Equal panels in rows, each with room for a line of text above it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grid {
    /// The x of the upper left corner.
    pub x: f64,
    /// The y of the upper left corner.
    pub y: f64,
    /// The number of panels in a row.
    pub columns: usize,
    /// The width of a panel's image in px.
    pub width: f64,
    /// The height of a panel's image in px.
    pub height: f64,
    /// The distances in px between panels, from left to right and from top to bottom.
    pub gap: (f64, f64),
    /// The height in px of the text above an image.
    pub caption: f64,
}

impl Grid {
    /// The area of a panel's image; panels are counted row by row.
    pub fn area(&self, index: usize) -> Area {
        let columns = self.columns.max(1);
        let (row, column) = ((index / columns) as f64, (index % columns) as f64);
        Area::new(
            self.x + column * (self.width + self.gap.0),
            self.y + self.caption + row * (self.caption + self.height + self.gap.1),
            self.width,
            self.height,
        )
    }

    /// The right and the lower edge of this many panels.
    pub fn end(&self, panels: usize) -> (f64, f64) {
        let columns = self.columns.clamp(1, panels.max(1));
        let rows = panels.div_ceil(self.columns.max(1)).max(1);
        (
            self.area(columns - 1).right(),
            self.area((rows - 1) * self.columns.max(1)).bottom(),
        )
    }

    /// Draws an image with its line of text, which may extend halfway into the gaps beside it.
    pub fn panel(&self, drawing: &mut Drawing, index: usize, bitmap: &Bitmap, caption: &str) {
        let area = self.area(index);
        let font = Font::new(TEXT).middle().within(area.width + self.gap.0 - 4.0);
        drawing.text(area.middle(), area.y - 6.0, caption, font);
        image(drawing, area, bitmap);
    }
}

/// Draws an image in a thin frame.
pub fn image(drawing: &mut Drawing, area: Area, bitmap: &Bitmap) {
    drawing.image(area, bitmap);
    drawing.rect(area, 0.0, Paint::None, FRAME);
}

/// Draws a bar with the colours from the lowest value to the highest, numbers at its ends and between, and a label below. It is
/// `COLOUR_BAR` px high.
pub fn colour_bar(drawing: &mut Drawing, x: f64, y: f64, length: f64, scale: &Scale, label: &str) {
    let bar = Area::new(x, y, length, 10.0);
    let steps = 128;
    let share = |column: usize| column as f64 / (steps - 1) as f64;
    let bitmap = Bitmap::new(1, steps, |_, column| scale.map.at(share(column)));
    image(drawing, bar, &bitmap);
    // Zero is what people look for; where it lies too near an end, the middle says more.
    let zero = -scale.low / (scale.high - scale.low);
    let (inner, value) = if (0.25..=0.75).contains(&zero) {
        (zero, 0.0)
    } else {
        (0.5, f64::midpoint(scale.low, scale.high))
    };
    let font = Font::new(11.0);
    let ticks = [
        (x, scale.low, font),
        (x + inner * length, value, font.middle()),
        (bar.right(), scale.high, font.end()),
    ];
    for (at, value, font) in ticks {
        drawing.line(
            (at, bar.bottom()),
            (at, bar.bottom() + 3.0),
            Stroke::new(Paint::Ink(0.6), 1.0),
        );
        let font = font.within(length * 0.34);
        drawing.text(at, bar.bottom() + 15.0, &number(value), font);
    }
    let font = Font::new(11.0).soft().within(drawing.width() - MARGIN - x);
    drawing.text(x, bar.bottom() + 31.0, label, font);
}
