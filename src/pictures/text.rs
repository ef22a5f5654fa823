//! How wide texts are, and texts that fit into a given width.

use super::widths;
use grammar::render::visible;
use std::fmt::Write;

/// The weight of letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weight {
    /// The weight of running text.
    Regular,
    /// The weight of titles.
    Bold,
}

/// How many units of the table of widths make up the size of a font.
const UNITS: f64 = 2048.0;

/// The width of a text in px, in the embedded font at this size in px. Letters that the font lacks count as full squares, the
/// widest that another font will have.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    let units: f64 = text.chars().map(|letter| letter_units(letter, weight)).sum();
    units * size / UNITS
}

fn letter_units(letter: char, weight: Weight) -> f64 {
    let runs = match weight {
        Weight::Regular => widths::REGULAR,
        Weight::Bold => widths::BOLD,
    };
    let code = u32::from(letter);
    let found = runs.iter().find_map(|(first, widths)| {
        let index = code.checked_sub(*first)?;
        widths.get(index as usize)
    });
    found.map_or(UNITS, |&units| f64::from(units))
}

/// The text, cut with an ellipsis where it is wider than `room` px.
pub fn fitted(text: &str, size: f64, weight: Weight, room: f64) -> String {
    if width(text, size, weight) <= room {
        return text.to_owned();
    }
    let room = room - width("\u{2026}", size, weight);
    let mut used = 0.0;
    let kept: String = text
        .chars()
        .take_while(|&letter| {
            used += letter_units(letter, weight) * size / UNITS;
            used <= room
        })
        .collect();
    format!("{}\u{2026}", kept.trim_end())
}

/// A number as people read it: three significant digits, a true minus sign, no needless zeros; `1.5e-5` where it is very small or
/// very large.
pub fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let rounded = format!("{value:.2e}");
    let Some((digits, exponent)) = rounded.split_once('e') else {
        return value.to_string();
    };
    let power: i32 = exponent.parse().unwrap_or(0);
    let text = if (-3..6).contains(&power) {
        let decimals = usize::try_from(2 - power).unwrap_or(0);
        trimmed(&format!("{value:.decimals$}")).to_owned()
    } else {
        format!("{}e{exponent}", trimmed(digits))
    };
    text.replace('-', "\u{2212}")
}

fn trimmed(text: &str) -> &str {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        text
    }
}

/// The text with XML's special characters as entities, and with control characters and marks of direction made visible: XML
/// forbids the former, and the latter could make one name read as another.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in visible(text).chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// Writes a coordinate: at most two decimals, no needless zeros, no minus zero.
pub fn coordinate(into: &mut String, value: f64) {
    let hundredths = (value * 100.0).round() as i64;
    let (whole, rest) = (hundredths / 100, (hundredths % 100).unsigned_abs());
    let sign = if hundredths < 0 && whole == 0 { "-" } else { "" };
    // Writing to a string cannot fail.
    let _ = match rest {
        0 => write!(into, "{whole}"),
        rest if rest % 10 == 0 => write!(into, "{sign}{whole}.{}", rest / 10),
        rest => write!(into, "{sign}{whole}.{rest:02}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_exact() {
        let found = [
            0.0, 1.0, -0.25, 0.123_456, 12.345, 1234.5, 99_999.0, 1e7, -1.5e-5, 0.001,
        ]
        .map(number);
        let expected = [
            "0",
            "1",
            "\u{2212}0.25",
            "0.123",
            "12.3",
            "1234",
            "99999",
            "1e7",
            "\u{2212}1.5e\u{2212}5",
            "0.001",
        ];
        // 1234.5 rounds to even.
        assert_eq!(found, expected);
    }

    #[test]
    fn coordinates_have_two_decimals_at_most() {
        let found = [0.0, -0.001, 1.5, -0.25, 4.123_45, -12.0, 7.995].map(|value| {
            let mut text = String::new();
            coordinate(&mut text, value);
            text
        });
        assert_eq!(found, ["0", "0", "1.5", "-0.25", "4.12", "-12", "8"]);
    }

    #[test]
    fn texts_are_cut_to_their_room() {
        let long = "an unusually long name of a class";
        let cut = fitted(long, 12.0, Weight::Regular, 80.0);
        assert!(
            cut.ends_with('\u{2026}') && width(&cut, 12.0, Weight::Regular) <= 80.0,
            "{cut}"
        );
        assert_eq!(fitted("short", 12.0, Weight::Bold, 80.0), "short");
        assert_eq!(fitted(long, 12.0, Weight::Regular, 0.0), "\u{2026}");
        // What the font has not is as wide as it is high.
        assert!((width("\u{732b}", 10.0, Weight::Regular) - 10.0).abs() < 1e-9);
    }

    #[test]
    fn xml_cannot_be_broken() {
        assert_eq!(
            escaped("<a href=\"&\">\u{0}\u{1b}\n"),
            "&lt;a href=&quot;&amp;&quot;&gt;\\u{0}\\u{1b} "
        );
    }
}
