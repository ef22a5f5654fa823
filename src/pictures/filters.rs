//! Draws the kernels of a convolution, one in each panel.

use super::colours::{Map, Scale};
use super::drawing::{Bitmap, Drawing, Font};
use super::panel::{self, COLOUR_BAR, Grid, HEADING, MARGIN, TEXT};
use super::rgb::Rgb;
use super::text::{Weight, width};

/// A convolution's kernel in Keras's order: (height, width, inputs, filters).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Filter<'a> {
    /// The number of rows of a filter.
    pub height: usize,
    /// The number of columns of a filter.
    pub width: usize,
    /// The number of input channels.
    pub inputs: usize,
    /// The number of filters, each of which is a panel or a column of panels.
    pub filters: usize,
    /// All weights in Keras's order: `[height][width][input][filter]`.
    pub values: &'a [f32],
}

/// The most filters, and the most channels of each, that are drawn.
pub const MOST: usize = 64;

/// The length of the colour bar, in px.
const BAR: f64 = 220.0;

impl Filter<'_> {
    /// One weight; zero outside of the kernel.
    fn at(&self, row: usize, column: usize, input: usize, filter: usize) -> f32 {
        let index = ((row * self.width + column) * self.inputs + input) * self.filters + filter;
        self.values.get(index).copied().unwrap_or(0.0)
    }

    /// What the picture leaves out, for the line below its title; empty where everything is shown.
    pub fn left_out(&self) -> String {
        let part = |count: usize, what: &str| (count > MOST).then(|| format!(", the first {MOST} of {count} {what}"));
        let parts = [part(self.filters, "filters"), part(self.inputs, "channels")];
        parts.into_iter().flatten().collect()
    }
}

/// How a kernel over several channels is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channels {
    /// A row of panels for each channel, in viridis.
    Rows,
    /// Three channels as red, green and blue in one panel.
    Composite,
}

/// The drawing: one panel for each filter, all with the same scale of colours.
pub fn filters(title: &str, line: &str, kernel: &Filter<'_>, channels: Channels) -> Drawing {
    let one_row = kernel.inputs == 1 || channels == Channels::Composite;
    let scale = Scale::over(Map::Viridis, kernel.values.iter().copied());
    let shown = kernel.filters.min(MOST);
    let rows = if one_row { 1 } else { kernel.inputs.min(MOST) };
    let names: Vec<String> = (0..rows).map(|row| channel_name(row, kernel.inputs)).collect();
    let label = names.iter().map(|name| width(name, TEXT, Weight::Regular));
    let label = if one_row { 0.0 } else { label.fold(0.0, f64::max) + 10.0 };
    let wanted = match (one_row, shown) {
        (true, _) => 80.0,
        (false, 0..=12) => 56.0,
        (false, _) => 36.0,
    };
    let pixel = panel::magnification(kernel.height, kernel.width, wanted);
    let grid = Grid {
        x: MARGIN + label,
        y: MARGIN + HEADING,
        columns: if one_row { columns(shown) } else { shown },
        width: kernel.width as f64 * pixel,
        height: kernel.height as f64 * pixel,
        gap: if one_row {
            (12.0, 10.0)
        } else {
            // Flat kernels leave room for their channels' names.
            (6.0, (16.0 - kernel.height as f64 * pixel).max(6.0))
        },
        caption: if one_row { 20.0 } else { 0.0 },
    };
    // Where each row is a channel, the filters' numbers stand above the first row alone.
    let grid = Grid {
        y: grid.y + if one_row { 0.0 } else { 20.0 },
        ..grid
    };
    let (right, bottom) = grid.end(shown * rows);
    let wide = (right.max(MARGIN + BAR) + MARGIN).max(panel::heading_width(title, line, 900.0));
    let mut drawing = Drawing::new(wide, bottom + 22.0 + COLOUR_BAR + MARGIN, title, line);
    panel::heading(&mut drawing, title, line);
    for filter in 0..shown {
        for row in 0..rows {
            let bitmap = if channels == Channels::Composite && kernel.inputs == 3 {
                composite(kernel, filter, &scale)
            } else {
                Bitmap::new(kernel.height, kernel.width, |y, x| {
                    scale.colour(f64::from(kernel.at(y, x, row, filter)))
                })
            };
            let index = row * shown + filter;
            if one_row {
                grid.panel(&mut drawing, index, &bitmap, &filter.to_string());
            } else {
                panel::image(&mut drawing, grid.area(index), &bitmap);
            }
        }
        if !one_row {
            let area = grid.area(filter);
            let font = Font::new(TEXT).middle().within(area.width + 4.0);
            drawing.text(area.middle(), area.y - 6.0, &filter.to_string(), font);
        }
    }
    for (row, name) in names.iter().enumerate().filter(|_| !one_row) {
        let area = grid.area(row * shown);
        drawing.text(area.x - 10.0, area.centre() + 4.0, name, Font::new(TEXT).end());
    }
    let (bar, label) = if channels == Channels::Composite {
        let gray = Scale {
            map: Map::Gray,
            ..scale
        };
        (gray, "weight, for each of red, green and blue")
    } else {
        (scale, "weight")
    };
    panel::colour_bar(&mut drawing, MARGIN, bottom + 22.0, BAR, &bar, label);
    drawing
}

/// The number of panels in a row: all of up to ten, else the most that make rows of equal length, unless that is too few.
fn columns(panels: usize) -> usize {
    if panels <= 10 {
        return panels.max(1);
    }
    (6..=10)
        .rev()
        .find(|&columns| panels.is_multiple_of(columns))
        .unwrap_or(10)
}

fn channel_name(channel: usize, inputs: usize) -> String {
    match (inputs, channel) {
        (3, 0) => "red".to_owned(),
        (3, 1) => "green".to_owned(),
        (3, 2) => "blue".to_owned(),
        _ => format!("channel {channel}"),
    }
}

/// The three channels of a filter as one colour image; the smallest weight of all is dark, the largest light.
fn composite(kernel: &Filter<'_>, filter: usize, scale: &Scale) -> Bitmap {
    let range = scale.high - scale.low;
    Bitmap::new(kernel.height, kernel.width, |row, column| {
        let level = |input: usize| {
            let value = f64::from(kernel.at(row, column, input, filter));
            let share = if range > 0.0 { (value - scale.low) / range } else { 0.5 };
            (share * 255.0).round() as u8
        };
        Rgb(level(0), level(1), level(2))
    })
}
