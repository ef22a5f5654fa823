//! Draws the images that a network is most wrong about.

use super::drawing::{Drawing, Font};
use super::panel::{self, Grid, HEADING, MARGIN, TEXT};
use super::samples::{ImageShape, bitmap_between, levels, levels_in_words};
use super::text::{Weight, fitted, width};
use crate::session::judge::Mistake;

/// The most images in a row.
const COLUMNS: usize = 8;

/// The largest width of a class's name, in px.
const NAME: f64 = 100.0;

impl Mistake {
    /// What it was taken for: `taken for 9: 99.8 %`.
    pub fn taken_for(&self) -> String {
        format!("taken for {}: {}", self.predicted, percent(self.probability))
    }

    /// The two lines of text, `9, 99.8 %` and `is 4, 0.1 %`, with names cut to their room.
    fn caption(&self) -> [String; 2] {
        let predicted = fitted(&self.predicted, TEXT, Weight::Bold, NAME);
        let label = fitted(&self.label, TEXT, Weight::Regular, NAME);
        [
            format!("{predicted}, {}", percent(self.probability)),
            format!("is {label}, {}", percent(self.label_probability)),
        ]
    }

    /// What it really is: `is 4: 0.1 %`.
    pub fn is(&self) -> String {
        format!("is {}: {}", self.label, percent(self.label_probability))
    }
}

/// A probability as a percentage, `99.8 %`; only 1 itself is `100.0 %`.
pub fn percent(probability: f32) -> String {
    let percent = f64::from(probability) * 100.0;
    match percent {
        percent if !percent.is_finite() => "not a number".to_owned(),
        percent if percent > 0.0 && percent < 0.1 => "<\u{a0}0.1\u{a0}%".to_owned(),
        percent if percent > 99.9 && percent < 100.0 => ">\u{a0}99.9\u{a0}%".to_owned(),
        percent => format!("{percent:.1}\u{a0}%"),
    }
}

/// Rows of images, each with two lines above it: in bold what it was taken for, then what it is.
pub fn mistakes(title: &str, line: &str, shape: ImageShape, mistakes: &[Mistake]) -> Drawing {
    let levels = levels(mistakes.iter().flat_map(|mistake| &mistake.values));
    let line = &format!("{line}{}", levels_in_words(levels));
    let pixel = panel::magnification(shape[0], shape[1], 100.0);
    let (image_width, image_height) = (shape[1] as f64 * pixel, shape[0] as f64 * pixel);
    let captions: Vec<[String; 2]> = mistakes.iter().map(Mistake::caption).collect();
    let widest = captions.iter().map(|[taken, is]| {
        let taken = width(taken, TEXT, Weight::Bold);
        taken.max(width(is, TEXT, Weight::Regular))
    });
    let widest = widest.fold(0.0, f64::max);
    let room = widest.max(image_width);
    let grid = Grid {
        x: MARGIN + (room - image_width) / 2.0,
        y: MARGIN + HEADING,
        columns: COLUMNS.min(mistakes.len().max(1)),
        width: image_width,
        height: image_height,
        gap: (room - image_width + 18.0, 16.0),
        caption: 38.0,
    };
    let (right, bottom) = grid.end(mistakes.len());
    let wide = right + (room - image_width) / 2.0 + MARGIN;
    let wide = wide.max(panel::heading_width(title, line, 900.0));
    let mut drawing = Drawing::new(wide, bottom + MARGIN, title, line);
    panel::heading(&mut drawing, title, line);
    for (index, (mistake, [taken, is])) in mistakes.iter().zip(&captions).enumerate() {
        let area = grid.area(index);
        let font = Font::new(TEXT).middle().within(room);
        drawing.text(area.middle(), area.y - 22.0, taken, font.bold());
        drawing.text(area.middle(), area.y - 7.0, is, font);
        panel::image(&mut drawing, area, &bitmap_between(shape, &mistake.values, levels));
    }
    drawing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_are_not_rounded_to_certainties() {
        let texts = [0.0, 0.0001, 0.5, 0.9986, 0.9999, 1.0, f32::NAN]
            .map(|probability| percent(probability).replace('\u{a0}', " "));
        let expected = [
            "0.0 %",
            "< 0.1 %",
            "50.0 %",
            "99.9 %",
            "> 99.9 %",
            "100.0 %",
            "not a number",
        ];
        assert_eq!(texts, expected);
    }
}
