//! Draws images of a data set in rows, with their classes.

use super::drawing::{Bitmap, Drawing};
use super::panel::{self, Grid, HEADING, MARGIN, TEXT};
use super::rgb::Rgb;
use super::text::{Weight, number, width};

pub use crate::session::samples::ImageShape;

/// An image with its label.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The values as the network takes them, mostly from 0 (dark) to 1 (light): row by row, the channels of a pixel side by side.
    pub values: Vec<f32>,
    /// The text above the image.
    pub label: String,
}

/// The most images in a row: of up to a hundred images, and of more.
const COLUMNS: [usize; 2] = [10, 20];

/// The width in px that a row of large images may have.
const ROOM: f64 = 2600.0;

/// Rows of images, each below its label.
pub fn samples(title: &str, line: &str, shape: ImageShape, samples: &[Sample]) -> Drawing {
    let most = COLUMNS[usize::from(samples.len() > 100)];
    let levels = levels(samples.iter().flat_map(|sample| &sample.values));
    let shaped: Vec<Shaped<'_>> = samples.iter().map(|sample| (shape, levels, sample)).collect();
    let line = format!("{line}{}", levels_in_words(levels));
    drawn(title, &line, &shaped, |fitting| {
        fitting.clamp(1, most).min(samples.len().max(1))
    })
}

/// A row of images of one shape.
pub type Row = (ImageShape, Vec<Sample>);

/// Rows of images below one another, each with its label; below those of what the network takes those of `targets`, which have
/// levels of their own.
pub fn rows(title: &str, line: &str, pictures: &[Row], targets: &[Row]) -> Drawing {
    let levels_of = |rows: &[Row]| levels(rows.iter().flat_map(|(_, row)| row).flat_map(|sample| &sample.values));
    let line = format!("{line}{}", levels_in_words(levels_of(pictures)));
    let mut shaped: Vec<Shaped<'_>> = Vec::new();
    for rows in [pictures, targets] {
        let levels = levels_of(rows);
        for (shape, row) in rows {
            shaped.extend(row.iter().map(|sample| (*shape, levels, sample)));
        }
    }
    let columns = pictures.first().map_or(1, |(_, row)| row.len().max(1));
    drawn(title, &line, &shaped, |_| columns)
}

/// An image with its shape and its levels.
type Shaped<'a> = (ImageShape, [f32; 2], &'a Sample);

/// The drawing. `columns_of` gives the number of columns for how many would fit; all panels have the size that suits the first
/// image.
fn drawn(title: &str, line: &str, samples: &[Shaped<'_>], columns_of: impl Fn(usize) -> usize) -> Drawing {
    let [height, columns, _] = samples.first().map_or([1, 1, 1], |(shape, ..)| *shape);
    let pixel = panel::magnification(height, columns, 84.0);
    let widest = samples
        .iter()
        .map(|(.., sample)| width(&sample.label, TEXT, Weight::Regular));
    // Neighbouring labels may share the gap; beyond that they are cut.
    let room = widest.fold(0.0, f64::max).min(130.0) + 8.0;
    let (image_width, image_height) = (columns as f64 * pixel, height as f64 * pixel);
    let gap = (room - image_width).max(10.0);
    let fitting = ((ROOM + gap) / (image_width + gap)) as usize;
    // The outermost labels may reach beyond their images.
    let beyond = ((room - image_width) / 2.0).max(0.0);
    let grid = Grid {
        x: MARGIN + beyond,
        y: MARGIN + HEADING,
        columns: columns_of(fitting),
        width: image_width,
        height: image_height,
        gap: (gap, 12.0),
        caption: 20.0,
    };
    let (right, bottom) = grid.end(samples.len());
    let wide = (right + beyond + MARGIN).max(panel::heading_width(title, line, 900.0));
    let mut drawing = Drawing::new(wide, bottom + MARGIN, title, line);
    panel::heading(&mut drawing, title, line);
    for (index, (shape, levels, sample)) in samples.iter().enumerate() {
        grid.panel(
            &mut drawing,
            index,
            &bitmap_between(*shape, &sample.values, *levels),
            &sample.label,
        );
    }
    drawing
}

/// The values that are shown as black and as white: 0 and 1, unless some values are outside.
pub fn levels<'a>(values: impl IntoIterator<Item = &'a f32>) -> [f32; 2] {
    let finite = values.into_iter().filter(|value| value.is_finite());
    finite.fold([0.0, 1.0], |[black, white]: [f32; 2], &value| {
        [black.min(value), white.max(value)]
    })
}

/// What the line below a title says about these values; empty where they are 0 and 1.
pub fn levels_in_words([black, white]: [f32; 2]) -> String {
    if (black, white) == (0.0, 1.0) {
        return String::new();
    }
    let [black, white] = [black, white].map(|value| number(f64::from(value)));
    format!("; {black} is drawn as black, {white} as white")
}

/// An image with values between those of black and white: one channel in grey, three in red, green and blue; of any other number,
/// the first channel in grey.
pub fn bitmap_between([height, width, channels]: ImageShape, values: &[f32], [black, white]: [f32; 2]) -> Bitmap {
    let level = |index: usize| {
        let value = values.get(index).copied().unwrap_or(black);
        (((value - black) / (white - black)).clamp(0.0, 1.0) * 255.0).round() as u8
    };
    Bitmap::new(height, width, |row, column| {
        let at = (row * width + column) * channels;
        if channels == 3 {
            Rgb(level(at), level(at + 1), level(at + 2))
        } else {
            let gray = level(at);
            Rgb(gray, gray, gray)
        }
    })
}
