//! How shapes and texts look, and the areas that they fill.

use super::rgb::Rgb;
use super::text::{Weight, width};

/// What a shape is filled or a line is drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paint {
    /// Nothing: the shape stays transparent.
    None,
    /// The colour of text, which the page around the picture may set (`currentColor`), at this opacity from 0 to 1.
    Ink(f64),
    /// One opaque colour.
    Rgb(Rgb),
    /// One colour at this opacity, from 0 to 1.
    Glaze(Rgb, f64),
}

/// The paint, the width and the dashes of a line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// What the line is drawn with.
    pub paint: Paint,
    /// The width of the line in px.
    pub width: f64,
    /// The lengths of a dash and of a gap in px; `None` for a solid line.
    pub dash: Option<[f64; 2]>,
}

impl Stroke {
    /// A line that is not drawn.
    pub const NONE: Self = Self::new(Paint::None, 0.0);

    /// A solid line of this paint, `width` px wide.
    pub const fn new(paint: Paint, width: f64) -> Self {
        Self {
            paint,
            width,
            dash: None,
        }
    }
}

/// A rectangle in px; x grows to the right, y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Area {
    /// The x of the left edge.
    pub x: f64,
    /// The y of the upper edge.
    pub y: f64,
    /// The width in px.
    pub width: f64,
    /// The height in px.
    pub height: f64,
}

impl Area {
    /// A rectangle with this upper left corner and this size.
    pub const fn new(x: f64, y: f64, width: f64, height: f64) -> Self {
        Self { x, y, width, height }
    }

    /// The x of the right edge.
    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The y of the lower edge.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// The x of the middle.
    pub fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }

    /// The y of the middle.
    pub fn centre(&self) -> f64 {
        self.y + self.height / 2.0
    }
}

/// Which point of a text is placed at its coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The left end of the baseline.
    Start,
    /// The middle of the baseline.
    Middle,
    /// The right end of the baseline.
    End,
}

/// How a text looks and how it is placed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// The size of the letters in px.
    pub size: f64,
    /// The weight of the letters.
    pub weight: Weight,
    /// Which point of the text is placed at its coordinates.
    pub anchor: Anchor,
    /// What the letters are filled with.
    pub paint: Paint,
    /// The largest width in px: longer texts are cut, with an ellipsis.
    pub room: f64,
    /// The angle in degrees by which the text is turned clockwise about its coordinates.
    pub turn: f64,
}

impl Font {
    /// Regular letters of this size in px, in the colour of text, that begin at their coordinates.
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

    /// The same font in bold.
    pub const fn bold(self) -> Self {
        Self {
            weight: Weight::Bold,
            ..self
        }
    }

    /// The same font with the middle of the text at its coordinates.
    pub const fn middle(self) -> Self {
        Self {
            anchor: Anchor::Middle,
            ..self
        }
    }

    /// The same font with the end of the text at its coordinates.
    pub const fn end(self) -> Self {
        Self {
            anchor: Anchor::End,
            ..self
        }
    }

    /// The same font in a lighter ink, for what is less important.
    pub const fn soft(self) -> Self {
        Self {
            paint: Paint::Ink(0.68),
            ..self
        }
    }

    /// The same font, filled with this paint.
    pub const fn paint(self, paint: Paint) -> Self {
        Self { paint, ..self }
    }

    /// The same font, no wider than `room` px.
    pub const fn within(self, room: f64) -> Self {
        Self { room, ..self }
    }

    /// The same font, smaller if need be, so that this text is no wider than `room` px.
    pub fn shrunk(self, text: &str, room: f64) -> Self {
        let share = room / width(text, self.size, self.weight).max(f64::MIN_POSITIVE);
        Self {
            size: self.size * share.min(1.0),
            ..self
        }
    }

    /// The same font, turned clockwise by this many degrees.
    pub const fn turned(self, turn: f64) -> Self {
        Self { turn, ..self }
    }
}
