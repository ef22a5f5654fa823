//! How shapes and texts look, and the areas that they fill.

use super::rgb::Rgb;
use super::text::{Weight, width};

/// What shapes are drawn with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Paint {
    /// Left transparent.
    None,
    /// The colour of text, which a page around the picture may choose (`currentColor`), at this opacity.
    Ink(f64),
    /// One opaque colour.
    Rgb(Rgb),
    /// This colour at this opacity.
    Glaze(Rgb, f64),
}

/// A line's paint, width in px, and dashes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// What the line is drawn with.
    pub paint: Paint,
    /// Its width in px.
    pub width: f64,
    /// The lengths in px of dash and gap; a whole line if none.
    pub dash: Option<[f64; 2]>,
}

impl Stroke {
    /// A line that is not drawn.
    pub const NONE: Self = Self::new(Paint::None, 0.0);

    /// A line without gaps.
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
    /// The left edge.
    pub x: f64,
    /// The upper edge.
    pub y: f64,
    /// How far it reaches to the right.
    pub width: f64,
    /// How far it reaches down.
    pub height: f64,
}

impl Area {
    /// A rectangle by its upper left corner and its size.
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
    /// The left end of its base line.
    Start,
    /// The middle of its base line.
    Middle,
    /// The right end of its base line.
    End,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Font {
    /// Its size in px.
    pub size: f64,
    /// How heavy it is.
    pub weight: Weight,
    /// Which of its points is where it is put.
    pub anchor: Anchor,
    /// What its letters are filled with.
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

    /// The same in bold letters.
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

    /// The same, filled with this paint.
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
