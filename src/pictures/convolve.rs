//! Draws images above, what a kernel makes of them below, and the kernel at the right.

use super::colours::Scale;
use super::drawing::{Area, Bitmap, Drawing, Font, Paint, Stroke};
use super::panel::{self, COLOUR_BAR, Grid, HEADING, MARGIN, TEXT};
use super::samples::{self, ImageShape, Sample};
use super::text::{Weight, number, width};

/// The numbers of a kernel.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// The number of rows.
    pub height: usize,
    /// The number of columns.
    pub width: usize,
    /// `height * width` numbers, row by row.
    pub values: Vec<f32>,
}

/// An image and what the kernel makes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Filtered {
    /// The image before filtering.
    pub image: Sample,
    /// `height * width` weighted sums, one for each pixel, row by row.
    pub values: Vec<f32>,
}

/// The largest width and height in px that the kernel is drawn with.
const KERNEL: f64 = 210.0;

/// The labels to the left of the rows.
const ROWS: [&str; 2] = ["image", "filtered"];

/// The drawing; `shape` is that of all images.
pub fn convolve(title: &str, line: &str, shape: ImageShape, kernel: &Matrix, images: &[Filtered]) -> Drawing {
    let [height, columns, _] = shape;
    let levels = samples::levels(images.iter().flat_map(|image| &image.image.values));
    let line = &format!("{line}{}", samples::levels_in_words(levels));
    let pixel = panel::magnification(height, columns, 112.0);
    let label = ROWS
        .map(|row| width(row, TEXT, Weight::Regular))
        .into_iter()
        .fold(0.0, f64::max)
        + 12.0;
    let grid = Grid {
        x: MARGIN + label,
        y: MARGIN + HEADING,
        columns: images.len().max(1),
        width: columns as f64 * pixel,
        height: height as f64 * pixel,
        gap: (12.0, 12.0),
        caption: 20.0,
    };
    // The lower row needs no captions: it follows the upper one at once.
    let below = |index: usize| {
        let above = grid.area(index);
        Area {
            y: above.bottom() + 12.0,
            ..above
        }
    };
    let scale = Scale::signed(images.iter().flat_map(|image| image.values.iter().copied()));
    let (right, bottom) = (grid.end(images.len()).0, below(0).bottom());
    let cell = (KERNEL / kernel.height.max(kernel.width).max(1) as f64)
        .floor()
        .clamp(8.0, 52.0);
    // Half-way down, or so far down that the arrow to the filtered images begins at its side.
    let (top, tall) = (grid.area(0).y, cell * kernel.height as f64);
    let middle = f64::midpoint(top, bottom) - tall / 2.0;
    let matrix = Area::new(
        right + 56.0,
        middle.max(below(0).centre() + 16.0 - tall).max(top),
        cell * kernel.width as f64,
        tall,
    );
    let wide = (matrix.right() + MARGIN).max(panel::heading_width(title, line, 1200.0));
    let bar = bottom.max(matrix.bottom()) + 18.0;
    let mut drawing = Drawing::new(wide, bar + COLOUR_BAR + MARGIN, title, line);
    panel::heading(&mut drawing, title, line);
    for (index, image) in images.iter().enumerate() {
        grid.panel(
            &mut drawing,
            index,
            &samples::bitmap_between(shape, &image.image.values, levels),
            &image.image.label,
        );
        let colour = |row: usize, column: usize| {
            let value = image.values.get(row * columns + column).copied().unwrap_or(0.0);
            scale.colour(f64::from(value))
        };
        panel::image(&mut drawing, below(index), &Bitmap::new(height, columns, colour));
    }
    for (area, row) in [grid.area(0), below(0)].into_iter().zip(ROWS) {
        drawing.text(area.x - 12.0, area.centre() + 4.0, row, Font::new(TEXT).end());
    }
    arrow(&mut drawing, right, matrix.x, below(0).centre());
    numbers(&mut drawing, matrix, kernel);
    let length = (right - grid.x).clamp(180.0, 420.0);
    panel::colour_bar(
        &mut drawing,
        grid.x,
        bar,
        length,
        &scale,
        "filtered value: blue below zero, orange above",
    );
    drawing
}

/// Draws an arrow from the kernel to the filtered images.
fn arrow(drawing: &mut Drawing, to: f64, from: f64, y: f64) {
    let (tip, tail) = (to + 12.0, from - 12.0);
    let ink = Paint::Ink(0.6);
    drawing.line((tail, y), (tip + 6.0, y), Stroke::new(ink, 2.0));
    drawing.polygon(
        &[(tip, y), (tip + 9.0, y - 5.0), (tip + 9.0, y + 5.0)],
        ink,
        Stroke::NONE,
    );
}

/// Draws the kernel as a table, each number on the background of its colour.
fn numbers(drawing: &mut Drawing, area: Area, kernel: &Matrix) {
    let caption = format!("kernel {}\u{d7}{}", kernel.height, kernel.width);
    let room = drawing.width() - MARGIN - area.x;
    drawing.text(area.x, area.y - 6.0, &caption, Font::new(TEXT).within(room));
    let scale = Scale::signed(kernel.values.iter().copied());
    let cell = area.width / kernel.width.max(1) as f64;
    for (index, &value) in kernel.values.iter().enumerate() {
        let (row, column) = (index / kernel.width.max(1), index % kernel.width.max(1));
        let square = Area::new(area.x + column as f64 * cell, area.y + row as f64 * cell, cell, cell);
        let colour = scale.colour(f64::from(value));
        drawing.rect(square, 0.0, Paint::Rgb(colour), panel::FRAME);
        let text = number(f64::from(value));
        // As large as fits; too small to be read is left out.
        let font = Font::new((cell * 0.4).min(16.0)).shrunk(&text, cell - 6.0).middle();
        if font.size >= 6.0 {
            let font = font.paint(Paint::Rgb(colour.ink_upon()));
            drawing.text(square.middle(), square.centre() + font.size * 0.36, &text, font);
        }
    }
}
