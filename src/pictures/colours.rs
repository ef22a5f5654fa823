//! Colours that everyone can tell apart: maps from values to colours, and a palette for series.

use super::rgb::Rgb;
use super::viridis::VIRIDIS;

/// Text and lines on light paper: the value of `currentColor` where no page sets another.
pub const INK: Rgb = Rgb(0x1b, 0x1b, 0x1f);

/// The background of a drawing where no page sets another.
pub const PAPER: Rgb = Rgb(0xff, 0xff, 0xff);

/// The palette of Okabe and Ito (Color Universal Design, 2008), which people with any colour vision can tell apart, without black
/// and without yellow, which is too light for lines on paper.
pub const SERIES: [Rgb; 6] = [
    Rgb(0x00, 0x72, 0xb2),
    Rgb(0xd5, 0x5e, 0x00),
    Rgb(0x00, 0x9e, 0x73),
    Rgb(0xcc, 0x79, 0xa7),
    Rgb(0xe6, 0x9f, 0x00),
    Rgb(0x56, 0xb4, 0xe9),
];

/// The stops of the map for signed values: blue, white, orange, equally dark at both ends.
const SIGNED: [Rgb; 7] = [
    Rgb(0x08, 0x3a, 0x6b),
    Rgb(0x2b, 0x7b, 0xba),
    Rgb(0xa3, 0xcd, 0xe8),
    Rgb(0xf7, 0xf7, 0xf7),
    Rgb(0xfb, 0xbc, 0x80),
    Rgb(0xd9, 0x6a, 0x10),
    Rgb(0x7a, 0x33, 0x03),
];

/// A map from numbers between 0 and 1 to colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Map {
    /// From black (low) to white (high), as images are seen.
    Gray,
    /// Matplotlib's viridis: from dark blue over green to yellow, evenly getting lighter.
    Viridis,
    /// Blue below zero, white at zero, orange above.
    Signed,
}

impl Map {
    /// The colour at a position between the smallest value (0) and the largest (1); a position outside, or one that is not a
    /// number, takes the colour of an end.
    pub fn at(self, share: f64) -> Rgb {
        let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
        match self {
            Self::Gray => {
                let level = (share * 255.0).round() as u8;
                Rgb(level, level, level)
            }
            Self::Viridis => {
                let index = (share * 256.0) as usize;
                VIRIDIS[index.min(255)]
            }
            Self::Signed => {
                let place = share * (SIGNED.len() - 1) as f64;
                let index = (place as usize).min(SIGNED.len() - 2);
                SIGNED[index].toward(SIGNED[index + 1], place - index as f64)
            }
        }
    }
}

/// A map of colours over a range of values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// The colours of the range.
    pub map: Map,
    /// The value that has the first colour.
    pub low: f64,
    /// The value that has the last colour.
    pub high: f64,
}

impl Scale {
    /// A scale from the smallest of the values to the largest; from 0 to 1 where none is finite.
    pub fn over(map: Map, values: impl IntoIterator<Item = f32>) -> Self {
        let finite = values.into_iter().map(f64::from).filter(|value| value.is_finite());
        let ends = finite.fold(None, |ends: Option<(f64, f64)>, value| match ends {
            Some((low, high)) => Some((low.min(value), high.max(value))),
            None => Some((value, value)),
        });
        let (low, high) = ends.unwrap_or((0.0, 1.0));
        Self { map, low, high }
    }

    /// A scale in signed colours that goes as far below zero as above, so that zero is white.
    pub fn signed(values: impl IntoIterator<Item = f32>) -> Self {
        let Self { low, high, .. } = Self::over(Map::Signed, values);
        let most = low.abs().max(high.abs());
        Self {
            map: Map::Signed,
            low: -most,
            high: most,
        }
    }

    /// The colour of a value; the middle one where the scale has no extent.
    pub fn colour(&self, value: f64) -> Rgb {
        let range = self.high - self.low;
        self.map.at(if range > 0.0 { (value - self.low) / range } else { 0.5 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_have_their_published_ends_and_take_any_number() {
        assert_eq!(Map::Viridis.at(0.0), Rgb(68, 1, 84));
        assert_eq!(Map::Viridis.at(0.5), Rgb(33, 145, 140));
        assert_eq!(Map::Viridis.at(1.0), Rgb(253, 231, 37));
        assert_eq!(Map::Gray.at(0.2), Rgb(51, 51, 51));
        assert_eq!(Map::Signed.at(0.5), SIGNED[3]);
        for map in [Map::Gray, Map::Viridis, Map::Signed] {
            assert_eq!(map.at(f64::NAN), map.at(0.0));
            assert_eq!(map.at(-7.0), map.at(0.0));
            assert_eq!(map.at(7.0), map.at(1.0));
        }
    }

    #[test]
    fn a_signed_scale_is_white_at_zero_however_lopsided_the_values() {
        let scale = Scale::signed([-1.0, 4.0]);
        assert_eq!((scale.low, scale.high), (-4.0, 4.0));
        assert_eq!(scale.colour(0.0), SIGNED[3]);
        assert_eq!(scale.colour(4.0), SIGNED[6]);
        // Equal values do not divide by zero, nor do none.
        assert_eq!(Scale::over(Map::Gray, [3.0, 3.0]).colour(3.0), Rgb(128, 128, 128));
        let none = Scale::over(Map::Gray, []);
        assert_eq!(none.colour(1.0), Rgb(255, 255, 255));
    }

    #[test]
    fn ink_is_readable_upon_every_colour_of_the_maps() {
        assert_eq!(Map::Viridis.at(0.0).ink_upon(), Rgb(255, 255, 255));
        assert_eq!(Map::Viridis.at(1.0).ink_upon(), Rgb(0, 0, 0));
        assert_eq!(Map::Signed.at(0.5).ink_upon(), Rgb(0, 0, 0));
    }
}
