//! Draws the confusion matrix: how often each class was taken for which.

use super::drawing::{Area, Drawing, Font, Paint, Stroke};
use super::panel::{self, HEADING, MARGIN, TEXT};
use super::rgb::Rgb;
use super::text::{Weight, width};
use crate::session::confusion::{Confusion, percent, share};

/// The colours of right answers, from few to all of a row.
const RIGHT: [Rgb; 2] = [Rgb(0xcf, 0xe3, 0xf2), Rgb(0x0b, 0x3c, 0x6f)];

/// The colours of wrong answers, from few to the most of any cell.
const WRONG: [Rgb; 2] = [Rgb(0xfd, 0xe8, 0xd0), Rgb(0xb3, 0x4a, 0x00)];

/// The most classes with which cells have their counts and percentages.
const WITH_TEXT: usize = 20;

/// The most classes with which names fit beside their rows.
const WITH_NAMES: usize = 60;

/// The largest width of a class's name, in px.
const NAME: f64 = 130.0;

/// Sizes in px that depend on the number of classes.
struct Layout {
    cell: f64,
    names: f64,
    text: bool,
    named: bool,
    /// Every how many classes there is a name or a number.
    every: usize,
}

impl Layout {
    fn of(confusion: &Confusion) -> Self {
        let classes = confusion.classes();
        let text = classes <= WITH_TEXT;
        let named = classes <= WITH_NAMES;
        let cell = match classes {
            0..=12 => 54.0,
            13..=WITH_TEXT => 46.0,
            21..=WITH_NAMES => 15.0,
            61..=150 => 7.0,
            _ => (1050.0 / classes as f64).max(1.0),
        };
        let widest = confusion.names.iter().map(|name| width(name, TEXT, Weight::Regular));
        let names = if named {
            widest.fold(20.0, f64::max).min(NAME)
        } else {
            34.0
        };
        let every = if named {
            1
        } else {
            classes.div_ceil(20).next_multiple_of(5)
        };
        Self {
            cell,
            names,
            text,
            named,
            every,
        }
    }
}

/// The matrix, with the accuracy above it and, where there is room, the recall of each class to the right and the precision of
/// each class below.
pub fn confusion(title: Option<&str>, line: &str, confusion: &Confusion) -> Drawing {
    let layout = Layout::of(confusion);
    let side = layout.cell * confusion.classes() as f64;
    let heading = if title.is_some() { HEADING } else { 0.0 };
    // Names above the columns are turned where they are wider than these.
    let turned = layout.named && layout.names > layout.cell - 4.0;
    let above = if turned { layout.names * 0.75 + 14.0 } else { 22.0 };
    let x = MARGIN + 22.0 + layout.names + 8.0;
    let y = MARGIN + heading + 18.0 + above;
    let margins: f64 = if layout.text { 62.0 } else { 0.0 };
    let over = if turned { layout.names * 0.75 } else { 0.0 };
    let wide = x + side + margins.max(over) + MARGIN;
    let wide = title.map_or(wide, |title| wide.max(panel::heading_width(title, line, 900.0)));
    let tall = y + side + if layout.text { 34.0 } else { 0.0 } + 40.0 + MARGIN;
    let description = format!("{line}. Rows are true classes, columns predicted ones.");
    let mut drawing = Drawing::new(wide, tall, title.unwrap_or("confusion matrix"), &description);
    if let Some(title) = title {
        panel::heading(&mut drawing, title, line);
    }
    let area = Area::new(x, y, side, side);
    axes(&mut drawing, area, confusion, &layout, turned);
    cells(&mut drawing, area, confusion, &layout);
    drawing.rect(area, 0.0, Paint::None, Stroke::new(Paint::Ink(0.5), 1.0));
    if layout.text {
        rates(&mut drawing, area, confusion, layout.cell);
    }
    key(&mut drawing, MARGIN + 22.0, tall - MARGIN - 10.0);
    drawing
}

fn axes(drawing: &mut Drawing, area: Area, confusion: &Confusion, layout: &Layout, turned: bool) {
    let soft = Font::new(TEXT).soft().middle();
    let above = if turned { layout.names * 0.75 + 14.0 } else { 22.0 };
    drawing.text(area.middle(), area.y - above - 4.0, "predicted", soft);
    drawing.text(MARGIN + 10.0, area.centre(), "true", soft.turned(-90.0));
    let size = layout.cell.clamp(10.0, TEXT);
    let classes = confusion.names.iter().enumerate();
    for (class, name) in classes.filter(|(class, _)| class % layout.every == 0) {
        let number;
        let name = if layout.named {
            name
        } else {
            number = class.to_string();
            &number
        };
        let middle = (class as f64 + 0.5) * layout.cell;
        let font = Font::new(size).end().within(layout.names);
        drawing.text(area.x - 8.0, area.y + middle + 0.35 * size, name, font);
        let font = Font::new(size).within(layout.names);
        if turned {
            drawing.text(area.x + middle + 2.0, area.y - 8.0, name, font.turned(-45.0));
        } else {
            drawing.text(area.x + middle, area.y - 8.0, name, font.middle());
        }
    }
}

fn cells(drawing: &mut Drawing, area: Area, confusion: &Confusion, layout: &Layout) {
    let classes = confusion.classes();
    let all = || (0..classes).flat_map(|label| (0..classes).map(move |predicted| (label, predicted)));
    let row = |label, predicted| share(confusion.count(label, predicted), confusion.samples_of(label)).unwrap_or(0.0);
    let wrong = all().filter(|(label, predicted)| label != predicted);
    let worst = wrong
        .map(|(label, predicted)| row(label, predicted))
        .fold(0.0, f64::max);
    for (label, predicted) in all() {
        let count = confusion.count(label, predicted);
        if count == 0 {
            continue;
        }
        let share = row(label, predicted);
        let colour = if label == predicted {
            mix(RIGHT, share)
        } else {
            // The root, so that the few errors of a good network are still told apart.
            mix(WRONG, (share / worst).sqrt())
        };
        let (x, y) = (predicted as f64 * layout.cell, label as f64 * layout.cell);
        let cell = Area::new(area.x + x, area.y + y, layout.cell, layout.cell);
        drawing.rect(cell, 0.0, Paint::Rgb(colour), Stroke::NONE);
        if layout.text {
            let ink = Paint::Rgb(colour.ink_upon());
            let room = layout.cell - 4.0;
            let font = Font::new(TEXT).middle().paint(ink).within(room);
            drawing.text(cell.middle(), cell.centre() - 1.0, &count.to_string(), font.bold());
            let text = percent(Some(share), usize::from(share < 0.0995));
            let font = Font::new(10.0).middle().paint(ink).within(room);
            drawing.text(cell.middle(), cell.centre() + 13.0, &text, font);
        }
    }
    if layout.cell >= 12.0 {
        for line in 1..classes {
            let at = line as f64 * layout.cell;
            let thin = Stroke::new(Paint::Ink(0.15), 1.0);
            drawing.line((area.x + at, area.y), (area.x + at, area.bottom()), thin);
            drawing.line((area.x, area.y + at), (area.right(), area.y + at), thin);
        }
    }
}

/// Draws the recall to the right of each row and the precision below each column.
fn rates(drawing: &mut Drawing, area: Area, confusion: &Confusion, cell: f64) {
    let font = Font::new(11.0);
    drawing.text(area.right() + 8.0, area.y - 8.0, "recall", font.soft());
    let font_end = font.end().soft();
    drawing.text(area.x - 8.0, area.bottom() + 17.0, "precision", font_end);
    for class in 0..confusion.classes() {
        let middle = (class as f64 + 0.5) * cell;
        let recall = percent(confusion.recall(class), 1);
        drawing.text(area.right() + 8.0, area.y + middle + 4.0, &recall, font);
        let precision = percent(confusion.precision(class), usize::from(cell > 50.0));
        drawing.text(area.x + middle, area.bottom() + 17.0, &precision, font.middle());
    }
}

/// Draws what the colours mean.
fn key(drawing: &mut Drawing, x: f64, y: f64) {
    let mut x = x;
    for (colours, text) in [(RIGHT, "right, share of its row"), (WRONG, "wrong, share of its row")] {
        for step in 0..6 {
            let colour = mix(colours, f64::from(step) / 5.0);
            let area = Area::new(x + f64::from(step) * 12.0, y - 9.0, 12.0, 10.0);
            drawing.rect(area, 0.0, Paint::Rgb(colour), Stroke::NONE);
        }
        drawing.text(x + 80.0, y, text, Font::new(11.0).soft());
        x += 80.0 + width(text, 11.0, Weight::Regular) + 24.0;
    }
}

fn mix([from, to]: [Rgb; 2], share: f64) -> Rgb {
    let mixed = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
    Rgb(mixed(from.0, to.0), mixed(from.1, to.1), mixed(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn three() -> Confusion {
        let names = ["cat", "dog & <wolf>", "owl"].map(str::to_owned).to_vec();
        Confusion::of(names, [(0, 0), (0, 0), (0, 1), (1, 1), (1, 1), (1, 0), (1, 1), (0, 0)]).unwrap()
    }

    #[test]
    fn counts_and_rates_of_known_predictions() {
        let matrix = three();
        let counts = [0, 1, 2].map(|label| [0, 1, 2].map(|predicted| matrix.count(label, predicted)));
        assert_eq!(counts, [[3, 1, 0], [1, 3, 0], [0, 0, 0]]);
        assert_eq!((matrix.recall(0), matrix.precision(1)), (Some(0.75), Some(0.75)));
        assert_eq!((matrix.recall(2), matrix.precision(2)), (None, None));
        assert_eq!(matrix.accuracy(), "6 of 8 right: 75.0 %");
        let empty = Confusion::of(Vec::new(), []).unwrap();
        assert_eq!(
            (empty.classes(), empty.accuracy().as_str()),
            (0, "0 of 0 right: \u{2013}")
        );
        // A class that has no name, because only the network knows it, is a number.
        assert_eq!(
            Confusion::of(vec!["a".to_owned()], [(0, 2)]).unwrap().names,
            ["a", "1", "2"]
        );
        assert!(Confusion::of(Vec::new(), [(0, 1000)]).is_none());
    }

    #[test]
    fn a_matrix_of_three() {
        let matrix = three();
        insta::assert_snapshot!(confusion(Some("Animals"), &matrix.accuracy(), &matrix).svg());
    }
}
