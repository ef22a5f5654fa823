//! Draws the output of each layer of a network for one image.

use super::colours::{Map, SERIES, Scale};
use super::drawing::{Area, Bitmap, Drawing, Font, Paint, Stroke};
use super::panel::{self, FRAME, Grid, HEADING, MARGIN, TEXT};
use super::rgb::Rgb;
use super::samples::{self, ImageShape};
use super::text::{Weight, number, width};

/// A layer and its output for the image: one row of the drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name of the layer.
    pub name: String,
    /// The kind of layer, and the shape of its output.
    pub facts: String,
    /// The output, by how it is drawn.
    pub output: Output,
}

/// The output of a layer, by how it is drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// An image: height, width and channels (1 or 3), and its values row by row, drawn in its own colours.
    Image(ImageShape, Vec<f32>),
    /// Feature maps, in Keras's order (height, width, channels).
    Maps(ImageShape, Vec<f32>),
    /// The elements of a vector, drawn as cells in a scale of colours.
    Values(Vec<f32>),
    /// The output of the last layer: each class with its raw output and its probability.
    Classes(Vec<Class>),
}

/// A class and what the network says of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// The name of the class, or its number where it has none.
    pub name: String,
    /// The raw output of the network for it.
    pub output: f32,
    /// Its probability, from 0 to 1.
    pub probability: f32,
}

/// The most maps of a layer that are drawn.
const MOST_MAPS: usize = 64;

/// Where the outputs begin, in px; the layers' names are to the left.
const LEFT: f64 = MARGIN + 190.0;

/// How wide the outputs may be, in px.
const ROOM: f64 = 800.0;

/// The space between rows, in px.
const GAP: f64 = 26.0;

/// The drawing, with one row for each layer.
pub fn activations(title: &str, line: &str, rows: &[Row]) -> Drawing {
    let heights = rows.iter().map(|row| height(&row.output).max(66.0));
    let total: f64 = heights.map(|height| height + GAP).sum();
    let mut drawing = Drawing::new(
        LEFT + ROOM + MARGIN,
        MARGIN + HEADING + total - GAP + MARGIN,
        title,
        line,
    );
    panel::heading(&mut drawing, title, line);
    let mut y = MARGIN + HEADING;
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            let (from, to) = ((MARGIN, y - GAP / 2.0), (LEFT + ROOM, y - GAP / 2.0));
            drawing.line(from, to, Stroke::new(Paint::Ink(0.12), 1.0));
        }
        let room = LEFT - MARGIN - 16.0;
        // A long name is set smaller before it is cut.
        let name = Font::new(13.0).bold().shrunk(&row.name, room - 1.0);
        let name = Font {
            size: name.size.max(10.0),
            ..name
        };
        drawing.text(MARGIN, y + 12.0, &row.name, name.within(room));
        drawing.text(MARGIN, y + 29.0, &row.facts, Font::new(TEXT).soft().within(room));
        self::output(&mut drawing, y, &row.output);
        y += height(&row.output).max(66.0) + GAP;
    }
    drawing
}

/// The height of an output in px.
fn height(output: &Output) -> f64 {
    match output {
        Output::Image(shape, _) => grid(*shape, 1, 0.0).end(1).1,
        Output::Maps(shape, _) => grid(*shape, shape[2], 0.0).end(shape[2].min(MOST_MAPS)).1,
        Output::Values(values) => Strip::of(values.len()).height(),
        Output::Classes(classes) => classes.len() as f64 * BAR_STEP,
    }
}

fn output(drawing: &mut Drawing, y: f64, output: &Output) {
    match output {
        Output::Image(shape, values) => {
            panel::image(
                drawing,
                grid(*shape, 1, y).area(0),
                &samples::bitmap_between(*shape, values, samples::levels(values)),
            );
        }
        Output::Maps(shape, values) => maps(drawing, y, *shape, values),
        Output::Values(values) => strip(drawing, y, values),
        Output::Classes(classes) => bars(drawing, y, classes),
    }
}

/// Where a layer's maps are drawn: as large as possible, as long as all of them fit into a few rows.
fn grid([height, width, _]: ImageShape, maps: usize, y: f64) -> Grid {
    let wanted = match maps {
        0..=1 => 112.0,
        2..=10 => 66.0,
        11..=20 => 56.0,
        _ => 40.0,
    };
    let pixel = panel::magnification(height, width, wanted);
    let (width, height) = (width as f64 * pixel, height as f64 * pixel);
    let gap = 8.0;
    let shown = maps.clamp(1, MOST_MAPS);
    let most = (((ROOM + gap) / (width + gap)) as usize).max(1);
    // Rows of equal length, but for the last.
    let columns = shown.div_ceil(shown.div_ceil(most));
    Grid {
        x: LEFT,
        y,
        columns,
        width,
        height,
        gap: (gap, gap),
        caption: 0.0,
    }
}

/// Signed colours where there are negative values, else viridis from zero on.
fn scale_of(values: &[f32]) -> Scale {
    let signed = Scale::signed(values.iter().copied());
    if values.iter().any(|&value| value < 0.0) {
        return signed;
    }
    Scale {
        map: Map::Viridis,
        low: 0.0,
        high: signed.high,
    }
}

/// Draws below a layer's name what its colours mean.
fn legend(drawing: &mut Drawing, y: f64, scale: &Scale) {
    let bar = Area::new(MARGIN, y + 38.0, 128.0, 8.0);
    let share = |column: usize| column as f64 / 63.0;
    panel::image(
        drawing,
        bar,
        &Bitmap::new(1, 64, |_, column| scale.map.at(share(column))),
    );
    let font = Font::new(10.5).soft();
    drawing.text(bar.x, bar.bottom() + 13.0, &number(scale.low), font);
    drawing.text(bar.right(), bar.bottom() + 13.0, &number(scale.high), font.end());
}

fn maps(drawing: &mut Drawing, y: f64, shape: ImageShape, values: &[f32]) {
    let [height, width, channels] = shape;
    let scale = scale_of(values);
    legend(drawing, y, &scale);
    if channels > MOST_MAPS {
        let text = format!("the first {MOST_MAPS} of {channels}");
        drawing.text(MARGIN, y + 76.0, &text, Font::new(TEXT).soft());
    }
    let grid = grid(shape, channels, y);
    for map in 0..channels.min(MOST_MAPS) {
        let bitmap = Bitmap::new(height, width, |row, column| {
            let value = values.get((row * width + column) * channels + map);
            scale.colour(f64::from(value.copied().unwrap_or(0.0)))
        });
        panel::image(drawing, grid.area(map), &bitmap);
    }
}

/// How a vector is laid out as cells in rows.
struct Strip {
    /// The number of values in a row.
    columns: usize,
    rows: usize,
    /// The width and height of a cell in px.
    cell: (f64, f64),
}

impl Strip {
    fn of(values: usize) -> Self {
        let values = values.max(1);
        if values <= 16 {
            // Room for a number in each.
            return Self {
                columns: values,
                rows: 1,
                cell: (46.0, 30.0),
            };
        }
        let side = [12.0, 8.0, 6.0, 4.0, 3.0];
        // The largest cells of which no more than four rows are needed; else the smallest.
        let fits = |&side: &f64| values.div_ceil((ROOM / side) as usize) <= 4;
        let side = side.into_iter().find(fits).unwrap_or(3.0);
        let columns = ((ROOM / side) as usize).min(values);
        let rows = values.div_ceil(columns);
        Self {
            // Rows of equal length, but for the last.
            columns: values.div_ceil(rows),
            rows,
            cell: (side, side.max(if rows == 1 { 24.0 } else { side })),
        }
    }

    fn height(&self) -> f64 {
        self.rows as f64 * self.cell.1
    }
}

fn strip(drawing: &mut Drawing, y: f64, values: &[f32]) {
    let scale = scale_of(values);
    legend(drawing, y, &scale);
    let layout = Strip::of(values.len());
    let colour = |index: usize| values.get(index).map(|&value| scale.colour(f64::from(value)));
    if values.len() <= 16 {
        for (index, &value) in values.iter().enumerate() {
            let (width, height) = layout.cell;
            let cell = Area::new(LEFT + index as f64 * width, y, width, height);
            let ground = scale.colour(f64::from(value));
            drawing.rect(cell, 0.0, Paint::Rgb(ground), FRAME);
            let text = number(f64::from(value));
            let font = Font::new(11.0).shrunk(&text, width - 4.0).middle();
            let font = font.paint(Paint::Rgb(ground.ink_upon()));
            drawing.text(cell.middle(), cell.centre() + 4.0, &text, font);
        }
        return;
    }
    // Whole rows and the last, shorter one are bitmaps of their own: where there is no value there is paper.
    let whole = values.len() / layout.columns;
    let rest = values.len() % layout.columns;
    let blank = Rgb(255, 255, 255);
    for (first, rows, columns) in [(0, whole, layout.columns), (whole, 1, rest)] {
        if rows * columns == 0 {
            continue;
        }
        let at = |row: usize, column: usize| colour((first + row) * layout.columns + column).unwrap_or(blank);
        let area = Area::new(
            LEFT,
            y + first as f64 * layout.cell.1,
            columns as f64 * layout.cell.0,
            rows as f64 * layout.cell.1,
        );
        panel::image(drawing, area, &Bitmap::new(rows, columns, at));
    }
}

/// The distance from one class's bar to the next, in px.
const BAR_STEP: f64 = 20.0;

/// Draws the probability of each class as a bar; the largest is in another colour, the first one if several are equal.
fn bars(drawing: &mut Drawing, y: f64, classes: &[Class]) {
    let widest = classes.iter().map(|class| width(&class.name, TEXT, Weight::Bold));
    let names = widest.fold(0.0, f64::max).min(220.0);
    let left = LEFT + names + 10.0;
    let full = 360.0;
    let best = classes
        .iter()
        .enumerate()
        .fold(None, |best: Option<(usize, f32)>, (index, class)| match best {
            Some((_, most)) if class.probability <= most => best,
            _ => Some((index, class.probability)),
        });
    for (index, class) in classes.iter().enumerate() {
        let top = y + index as f64 * BAR_STEP;
        let is_best = best.is_some_and(|(best, _)| best == index);
        let (name, value) = (Font::new(TEXT).end().within(names), Font::new(TEXT));
        let (name, value) = if is_best {
            (name.bold(), value.bold())
        } else {
            (name, value)
        };
        drawing.text(left - 10.0, top + 13.0, &class.name, name);
        let length = (f64::from(class.probability).clamp(0.0, 1.0) * full).max(1.0);
        let colour = if is_best { SERIES[1] } else { SERIES[0] };
        drawing.rect(
            Area::new(left, top + 2.0, length, 14.0),
            0.0,
            Paint::Rgb(colour),
            Stroke::NONE,
        );
        let text = format!(
            "{:.1}%   (output {})",
            class.probability * 100.0,
            number(f64::from(class.output))
        );
        drawing.text(left + length + 8.0, top + 13.0, &text, value);
    }
    let foot = y + classes.len() as f64 * BAR_STEP;
    drawing.line((left, y), (left, foot), Stroke::new(Paint::Ink(0.5), 1.0));
}
