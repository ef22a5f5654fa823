//! An SVG document that is being drawn.

pub use super::bitmap::Bitmap;
pub use super::style::{Anchor, Area, Font, Paint, Stroke};

use super::colours::{INK, PAPER};
use super::text::{Weight, coordinate, escaped, fitted};

/// A picture: SVG elements on a sheet of paper.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    width: f64,
    height: f64,
    title: String,
    description: String,
    body: String,
}

impl Drawing {
    /// An empty sheet of this size in px. Screen readers read out the title and the description.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        Self {
            width: width.ceil(),
            height: height.ceil(),
            title: title.to_owned(),
            description: description.to_owned(),
            body: String::new(),
        }
    }

    /// The width in px.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// The height in px.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The text of the document. A page may restyle it: `color` is the colour of text and lines, `.paper` is the background.
    pub fn svg(&self) -> String {
        let Self {
            width, height, body, ..
        } = self;
        let (title, description) = (escaped(&self.title), escaped(&self.description));
        let (ink, paper) = (INK.hex(), PAPER.hex());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" color=\"{ink}\" font-family=\"DejaVu Sans, sans-serif\">\n\
             <title>{title}</title>\n<desc>{description}</desc>\n\
             <rect class=\"paper\" width=\"{width}\" height=\"{height}\" fill=\"{paper}\"/>\n\
             {body}</svg>\n"
        )
    }

    /// Draws a rectangle with corners of this radius in px.
    pub fn rect(&mut self, area: Area, radius: f64, fill: Paint, stroke: Stroke) {
        self.open("rect");
        self.number("x", area.x);
        self.number("y", area.y);
        self.number("width", area.width);
        self.number("height", area.height);
        if radius > 0.0 {
            self.number("rx", radius);
        }
        self.fill(fill);
        self.stroke(stroke);
        self.close();
    }

    /// Draws a circle around a point, with this radius in px.
    pub fn circle(&mut self, x: f64, y: f64, radius: f64, fill: Paint, stroke: Stroke) {
        self.open("circle");
        self.number("cx", x);
        self.number("cy", y);
        self.number("r", radius);
        self.fill(fill);
        self.stroke(stroke);
        self.close();
    }

    /// Draws a line from one point to another.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.open("line");
        self.number("x1", from.0);
        self.number("y1", from.1);
        self.number("x2", to.0);
        self.number("y2", to.1);
        self.stroke(stroke);
        self.close();
    }

    /// Draws a line through points, with round corners.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        self.points("polyline", points);
        self.fill(Paint::None);
        self.stroke(stroke);
        self.word("stroke-linejoin", "round");
        self.word("stroke-linecap", "round");
        self.close();
    }

    /// Draws the polygon with these corners.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: Paint, stroke: Stroke) {
        self.points("polygon", points);
        self.fill(fill);
        self.stroke(stroke);
        self.close();
    }

    /// Draws a text whose baseline is at `y`.
    pub fn text(&mut self, x: f64, y: f64, text: &str, font: Font) {
        let text = fitted(text, font.size, font.weight, font.room);
        self.open("text");
        self.number("x", x);
        self.number("y", y);
        self.number("font-size", font.size);
        if font.weight == Weight::Bold {
            self.word("font-weight", "bold");
        }
        match font.anchor {
            Anchor::Start => {}
            Anchor::Middle => self.word("text-anchor", "middle"),
            Anchor::End => self.word("text-anchor", "end"),
        }
        self.fill(font.paint);
        if font.turn != 0.0 {
            self.body.push_str(" transform=\"rotate(");
            for (index, value) in [font.turn, x, y].into_iter().enumerate() {
                if index > 0 {
                    self.body.push(' ');
                }
                coordinate(&mut self.body, value);
            }
            self.body.push_str(")\"");
        }
        self.body.push('>');
        self.body.push_str(&escaped(&text));
        self.body.push_str("</text>\n");
    }

    /// Draws pixels, stretched over the area with sharp edges. A bitmap without pixels draws nothing.
    pub fn image(&mut self, area: Area, bitmap: &Bitmap) {
        let Some(address) = bitmap.address() else { return };
        self.open("image");
        self.number("x", area.x);
        self.number("y", area.y);
        self.number("width", area.width);
        self.number("height", area.height);
        self.word("preserveAspectRatio", "none");
        self.word("image-rendering", "optimizeSpeed");
        self.word("style", "image-rendering:pixelated");
        self.word("href", &address);
        self.close();
    }

    fn open(&mut self, element: &str) {
        self.body.push('<');
        self.body.push_str(element);
    }

    fn close(&mut self) {
        self.body.push_str("/>\n");
    }

    fn number(&mut self, name: &str, value: f64) {
        self.body.push(' ');
        self.body.push_str(name);
        self.body.push_str("=\"");
        coordinate(&mut self.body, value);
        self.body.push('"');
    }

    fn word(&mut self, name: &str, value: &str) {
        self.body.push(' ');
        self.body.push_str(name);
        self.body.push_str("=\"");
        self.body.push_str(value);
        self.body.push('"');
    }

    fn points(&mut self, element: &str, points: &[(f64, f64)]) {
        self.open(element);
        self.body.push_str(" points=\"");
        for (index, &(x, y)) in points.iter().enumerate() {
            if index > 0 {
                self.body.push(' ');
            }
            coordinate(&mut self.body, x);
            self.body.push(',');
            coordinate(&mut self.body, y);
        }
        self.body.push('"');
    }

    fn paint(&mut self, property: &str, paint: Paint) {
        let (colour, opacity) = match paint {
            Paint::None => ("none".to_owned(), 1.0),
            Paint::Ink(opacity) => ("currentColor".to_owned(), opacity),
            Paint::Rgb(colour) => (colour.hex(), 1.0),
            Paint::Glaze(colour, opacity) => (colour.hex(), opacity),
        };
        self.word(property, &colour);
        if opacity < 1.0 {
            self.number(&format!("{property}-opacity"), opacity);
        }
    }

    fn fill(&mut self, paint: Paint) {
        self.paint("fill", paint);
    }

    fn stroke(&mut self, stroke: Stroke) {
        if stroke.paint == Paint::None {
            return;
        }
        self.paint("stroke", stroke.paint);
        self.number("stroke-width", stroke.width);
        if let Some([dash, gap]) = stroke.dash {
            let mut dashes = String::new();
            coordinate(&mut dashes, dash);
            dashes.push(' ');
            coordinate(&mut dashes, gap);
            self.word("stroke-dasharray", &dashes);
        }
    }
}
