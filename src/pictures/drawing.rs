//! An SVG document under construction.

use super::colours::{INK, PAPER, Rgb};
use super::text::{Weight, coordinate, escaped, fitted, width};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder};

/// What shapes are drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paint {
    /// Nothing.
    None,
    /// The colour of text, which a page around the picture may choose (`currentColor`), at this opacity.
    Ink(f64),
    /// This colour.
    Rgb(Rgb),
    /// This colour at this opacity.
    Glaze(Rgb, f64),
}

/// A line's paint, width in px, and dashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Its paint.
    pub paint: Paint,
    /// Its width in px.
    pub width: f64,
    /// The lengths in px of dash and gap; a whole line if none.
    pub dash: Option<[f64; 2]>,
}

impl Stroke {
    /// No line.
    pub const NONE: Self = Self::new(Paint::None, 0.0);

    /// A whole line.
    pub const fn new(paint: Paint, width: f64) -> Self {
        Self {
            paint,
            width,
            dash: None,
        }
    }
}

/// A rectangle in px: x to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// To the right.
    pub width: f64,
    /// Down.
    pub height: f64,
}

impl Area {
    /// A rectangle.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// The right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The middle from left to right.
    pub fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }

    /// The middle from top to bottom.
    pub fn centre(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// Which point of a text is where it is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// Its size in px.
    pub size: f64,
    /// How heavy it is.
    pub weight: Weight,
    /// Where it stands.
    pub anchor: Anchor,
    /// Its colour.
    pub paint: Paint,
    /// The most px that it may be wide: longer texts are cut with an ellipsis.
    pub room: f64,
    /// Degrees that it is turned by, clockwise, about where it is put.
    pub turn: f64,
}

impl Font {
    /// Regular letters in the text's colour that begin where they are put.
    pub const fn new(size: f64) -> Self {
        Self {
            size,
            weight: Weight::Regular,
            anchor: Anchor::Start,
            paint: Paint::Ink(1.0),
            room: f64::INFINITY,
            turn: 0.0,
        }
    }

    /// In bold.
    pub const fn bold(self) -> Self {
        Self {
            weight: Weight::Bold,
            ..self
        }
    }

    /// With its middle where it is put.
    pub const fn middle(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// With its end where it is put.
    pub const fn end(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    /// In a lighter ink, for what comes second.
    pub const fn soft(self) -> Self {
        Self {
            paint: Paint::Ink(0.68),
            ..self
        }
    }

    /// In this paint.
    pub const fn paint(self, paint: Paint) -> Self {
        Self { paint, ..self }
    }

    /// No wider than this.
    pub const fn within(self, room: f64) -> Self {
        Self { room, ..self }
    }

    /// As large as this, or so much smaller that the text is no wider than `room`.
    pub fn shrunk(self, text: &str, room: f64) -> Self {
        let share = room / width(text, self.size, self.weight).max(f64::MIN_POSITIVE);
        Self {
            size: self.size * share.min(1.0),
            ..self
        }
    }

    /// Turned by this many degrees, clockwise.
    pub const fn turned(self, turn: f64) -> Self {
        Self { turn, ..self }
    }
}

/// A few pixels, drawn as sharp squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: usize,
    height: usize,
    /// Row by row.
    pixels: Vec<Rgb>,
}

impl Bitmap {
    /// The pixels that `colour(row, column)` gives.
    pub fn new(height: usize, width: usize, colour: impl Fn(usize, usize) -> Rgb) -> Self {
        let places = (0..height).flat_map(|row| (0..width).map(move |column| (row, column)));
        Self {
            width,
            height,
            pixels: places.map(|(row, column)| colour(row, column)).collect(),
        }
    }

    /// The pixels as the address of a picture that carries its own bytes. None of no pixels at all.
    pub fn address(&self) -> Option<String> {
        let png = self.png()?;
        Some(format!("data:image/png;base64,{}", STANDARD.encode(png)))
    }

    /// The bytes of a PNG file. None of no pixels at all.
    fn png(&self) -> Option<Vec<u8>> {
        let bytes: Vec<u8> = self.pixels.iter().flat_map(|&Rgb(r, g, b)| [r, g, b]).collect();
        let gray: Option<Vec<u8>> = self
            .pixels
            .iter()
            .map(|&Rgb(r, g, b)| (r == g && g == b).then_some(r))
            .collect();
        let (bytes, kind) = gray.map_or((bytes, ExtendedColorType::Rgb8), |gray| (gray, ExtendedColorType::L8));
        let mut png = Vec::new();
        let encoder = PngEncoder::new_with_quality(&mut png, CompressionType::Best, FilterType::NoFilter);
        let written = encoder.write_image(&bytes, self.width as u32, self.height as u32, kind);
        written.ok().map(|()| png)
    }
}

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
    /// An empty sheet of this size in px. Screen readers say the title and the description.
    pub fn new(width: f64, height: f64, title: &str, description: &str) -> Self {
        Self {
            width: width.ceil(),
            height: height.ceil(),
            title: title.to_owned(),
            description: description.to_owned(),
            body: String::new(),
        }
    }

    /// From left to right, in px.
    pub fn width(&self) -> f64 {
        self.width
    }

    /// From top to bottom, in px.
    pub fn height(&self) -> f64 {
        self.height
    }

    /// The document. A page may restyle it: `color` is the colour of text and lines, `.paper` is the ground.
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

    /// A rectangle with corners of this radius.
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

    /// A circle.
    pub fn circle(&mut self, x: f64, y: f64, radius: f64, fill: Paint, stroke: Stroke) {
        self.open("circle");
        self.number("cx", x);
        self.number("cy", y);
        self.number("r", radius);
        self.fill(fill);
        self.stroke(stroke);
        self.close();
    }

    /// A line from one point to another.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: Stroke) {
        self.open("line");
        self.number("x1", from.0);
        self.number("y1", from.1);
        self.number("x2", to.0);
        self.number("y2", to.1);
        self.stroke(stroke);
        self.close();
    }

    /// A line through points, with round corners.
    pub fn polyline(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        self.points("polyline", points);
        self.fill(Paint::None);
        self.stroke(stroke);
        self.word("stroke-linejoin", "round");
        self.word("stroke-linecap", "round");
        self.close();
    }

    /// The area between points.
    pub fn polygon(&mut self, points: &[(f64, f64)], fill: Paint, stroke: Stroke) {
        self.points("polygon", points);
        self.fill(fill);
        self.stroke(stroke);
        self.close();
    }

    /// A text whose base line is at `y`.
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

    /// Pixels, stretched over the area with sharp edges. A bitmap without pixels leaves no trace.
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
