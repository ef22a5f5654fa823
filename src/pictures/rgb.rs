//! Colours in sRGB, and which of them can be read on which.

/// An opaque colour in sRGB: red, green and blue, each from 0 to 255.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// The colour in the form of CSS and SVG: `#rrggbb`.
    pub fn hex(self) -> String {
        let Self(red, green, blue) = self;
        format!("#{red:02x}{green:02x}{blue:02x}")
    }

    /// Black or white, whichever has the greater contrast with this colour (WCAG 2).
    pub fn ink_upon(self) -> Self {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        let luminance = 0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2);
        if (luminance + 0.05) * (luminance + 0.05) > 1.05 * 0.05 {
            Self(0, 0, 0)
        } else {
            Self(255, 255, 255)
        }
    }

    /// The colour on the way to `other`, at `share` of the way.
    pub(super) fn toward(self, other: Self, share: f64) -> Self {
        let mix = |from: u8, to: u8| (f64::from(from) + (f64::from(to) - f64::from(from)) * share).round() as u8;
        Self(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }
}
